"""``skiplens weights pull | import | remove``: bringing files of weights in and out."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from resnet_core.commands.output import ExitCode, StatusLine, complain, say, say_json
from resnet_core.errors import UsageError, WeightsError
from resnet_core.networks.config import Shortcut, StridePlacement
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.documents import document_of
from resnet_core.weights.folders import imported_folder, published_folder
from resnet_core.weights.importing import Wishes, import_file
from resnet_core.weights.transfer import Transfer


def add_actions(actions: Any) -> None:
    """Declare pull, import and remove."""
    pull = actions.add_parser("pull", help="fetch published weights")
    pull.add_argument("names", nargs="*", metavar="NAME")
    pull.add_argument("--all", action="store_true", help="every published set")
    pull.add_argument(
        "--mirror",
        metavar="ADDRESS",
        help="an address or a local folder to fetch from (else SKIPLENS_WEIGHTS_MIRROR)",
    )
    pull.set_defaults(run=_pull)
    own = actions.add_parser("import", help="keep weights of your own")
    own.add_argument("file", type=Path, metavar="FILE", help=".safetensors, .pth or .pt")
    own.add_argument("--names", type=Path, metavar="FILE", help="class names, text or JSON")
    own.add_argument(
        "--stride",
        type=StridePlacement,
        choices=list(StridePlacement),
        help="of a bottleneck: on its first 1x1 (v1) or its 3x3 (v1.5, torchvision's)",
    )
    own.add_argument(
        "--shortcut",
        type=Shortcut,
        choices=[Shortcut.A, Shortcut.NONE],
        help="where there are no projections",
    )
    own.add_argument("--name", help="what the weights are called (else the file's name)")
    own.set_defaults(run=_import)
    remove = actions.add_parser("remove", help="remove fetched or imported weights")
    remove.add_argument("names", nargs="+", metavar="NAME")
    remove.set_defaults(run=_remove)
    for action in (pull, own, remove):
        action.add_argument("--json", action="store_true")


def _pull(arguments: argparse.Namespace) -> ExitCode:
    from resnet_core.weights.pulling import pull  # brings an HTTP client

    catalogue = Catalogue()
    cards = _published(catalogue, arguments)
    results: list[dict[str, str | None]] = []
    for card in cards:
        line = StatusLine()
        try:
            path = pull(
                card,
                published_folder(),
                report=partial(_tell, line, card.name),
                mirror=arguments.mirror,
            )
        except WeightsError as error:
            line.end()
            complain(str(error))
            results.append({"name": card.name, "path": None, "error": str(error)})
            continue
        line.end()
        results.append({"name": card.name, "path": str(path), "error": None})
        if not arguments.json:
            say(f"{card.name} is here: {path}")
    if arguments.json:
        say_json(results)
    return ExitCode.SOME_FAILED if any(one["error"] for one in results) else ExitCode.DONE


def _published(catalogue: Catalogue, arguments: argparse.Namespace) -> list[Card]:
    if arguments.all:
        return [card for card in catalogue.cards if card.provenance is Provenance.PUBLISHED]
    if not arguments.names:
        raise UsageError("Name weights to fetch, from `skiplens weights list`, or say --all.")
    return [catalogue.card(name) for name in arguments.names]


def _import(arguments: argparse.Namespace) -> ExitCode:
    wishes = Wishes(arguments.names, arguments.stride, arguments.shortcut, arguments.name)
    card = import_file(arguments.file, imported_folder(), wishes, Catalogue().names_not_yours)
    if arguments.json:
        say_json(document_of(card))
        return ExitCode.DONE
    say(
        f"{card.name}: {card.network.title}, {card.network.classes} classes; {card.limits}. "
        f"Use it with --weights {card.name}."
    )
    return ExitCode.DONE


def _remove(arguments: argparse.Namespace) -> ExitCode:
    catalogue = Catalogue()
    cards = [catalogue.card(name) for name in arguments.names]
    for card in cards:
        catalogue.remove(card)
    if arguments.json:
        say_json([card.name for card in cards])
    return ExitCode.DONE


def _tell(line: StatusLine, name: str, transfer: Transfer) -> None:
    """Show bytes, speed and time left."""
    total = f" of {transfer.total / 1e6:.1f}" if transfer.total is not None else ""
    left = transfer.seconds_left
    line.show(
        f"{name}: {transfer.done / 1e6:.1f}{total} MB, {transfer.bytes_per_second / 1e6:.1f} MB/s"
        + (f", {left:.0f} s left" if left is not None else "")
    )
