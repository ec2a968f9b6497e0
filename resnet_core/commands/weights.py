"""``skiplens weights``: what there is to answer with."""

from __future__ import annotations

import argparse
from typing import Any

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
    verify = actions.add_parser("verify", help="check the files against their cards")
    verify.add_argument("names", nargs="*")
    for action in (listing, show, verify):
        action.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Do the action."""
    catalogue = Catalogue()
    for error in catalogue.broken:
        complain(str(error))
    actions = {"list": _list, "show": _show, "verify": _verify}
    return actions[arguments.action](catalogue, arguments)


def _list(catalogue: Catalogue, arguments: argparse.Namespace) -> ExitCode:
    if arguments.json:
        say_json([document_of(card) for card in catalogue.cards])
        return ExitCode.DONE
    for card in catalogue.cards:
        top1 = f"{card.scores.top1:.1f} %" if card.scores else "not measured"
        say(
            f"{card.name:36} {card.network.title:13} {card.provenance.value:13} "
            f"{len(card.classes):5} classes  top-1 {top1}"
        )
    return ExitCode.DONE


def _show(catalogue: Catalogue, arguments: argparse.Namespace) -> ExitCode:
    # One card is printed the same way for people and for programs: it is short.
    say_json(document_of(catalogue.card(arguments.name)))
    return ExitCode.DONE


def _verify(catalogue: Catalogue, arguments: argparse.Namespace) -> ExitCode:
    names = arguments.names or [card.name for card in catalogue.cards]
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
