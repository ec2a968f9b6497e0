"""``skiplens weights``: what there is to answer with."""

from __future__ import annotations

import argparse
from typing import Any

from resnet_core.commands import weights_files
from resnet_core.commands.output import ExitCode, complain, say, say_json
from resnet_core.errors import WeightsError
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.documents import document_of


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("weights", help="the weights that there are")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every set of weights, a line each")
    show = actions.add_parser("show", help="one card, whole")
    show.add_argument("name")
    verify = actions.add_parser("verify", help="check the files that are here, or the named ones")
    verify.add_argument("names", nargs="*")
    for action, run in ((listing, _list), (show, _show), (verify, _verify)):
        action.add_argument("--json", action="store_true")
        action.set_defaults(run=run)
    weights_files.add_actions(actions)


def _list(arguments: argparse.Namespace) -> ExitCode:
    catalogue = Catalogue()
    for error in catalogue.broken:
        complain(str(error))
    if arguments.json:
        say_json(
            [{**document_of(card), "here": catalogue.is_here(card)} for card in catalogue.cards]
        )
        return ExitCode.DONE
    for card in catalogue.cards:
        top1 = f"{card.scores.top1:.1f} %" if card.scores else "not measured"
        say(
            f"{card.name:36} {card.network.title:13} {card.provenance.value:13} "
            f"{len(card.classes):5} classes  top-1 {top1:12}  "
            f"{'here' if catalogue.is_here(card) else 'to fetch'}"
        )
    return ExitCode.DONE


def _show(arguments: argparse.Namespace) -> ExitCode:
    # One card is printed the same way for people and for programs: it is short.
    say_json(document_of(Catalogue().card(arguments.name)))
    return ExitCode.DONE


def _verify(arguments: argparse.Namespace) -> ExitCode:
    catalogue = Catalogue()
    here = [card.name for card in catalogue.cards if catalogue.is_here(card)]
    names = arguments.names or here
    found: dict[str, str | None] = {}
    for name in names:
        try:
            catalogue.load(catalogue.card(name))
            found[name] = None
        except WeightsError as error:
            found[name] = str(error)
    if arguments.json:
        say_json([{"name": name, "error": reason} for name, reason in found.items()])
    else:
        for name, reason in found.items():
            say(f"{name}: {reason or 'good'}")
    return ExitCode.SOME_FAILED if any(found.values()) else ExitCode.DONE
