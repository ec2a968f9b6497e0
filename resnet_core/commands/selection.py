"""Options that several commands share: which weights, which engine, which class."""

from __future__ import annotations

import argparse

from resnet_core.engines.choice import WISHES
from resnet_core.errors import UsageError
from resnet_core.explained.values import Target
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """--weights, or --depth and --shortcut."""
    parser.add_argument("--weights", metavar="NAME", help="a name from `skiplens weights list`")
    parser.add_argument("--depth", type=int, choices=DEPTHS)
    parser.add_argument("--shortcut", choices=[shortcut.value for shortcut in Shortcut])
    parser.add_argument("--engine", choices=WISHES, default="auto", metavar="WISH",
                        help=f"one of {', '.join(WISHES)}")  # fmt: skip


def chosen_card(arguments: argparse.Namespace, catalogue: Catalogue) -> Card:
    """The card that the options name.

    A depth and shortcut without trained weights is refused: random answers are only given to who
    asks for ``--weights untrained-50-A``.
    """
    if arguments.weights is not None:
        if arguments.depth is not None or arguments.shortcut is not None:
            raise UsageError("Give either --weights or --depth and --shortcut, not both.")
        return catalogue.card(arguments.weights)
    if arguments.depth is None and arguments.shortcut is None:
        return catalogue.default()
    depth, shortcut = arguments.depth or 18, Shortcut(arguments.shortcut or "B")
    cards = catalogue.for_network(depth, shortcut)
    if not cards:
        title = NetworkConfig(depth, shortcut).title
        raise UsageError(
            f"There are no trained weights for {title}; `--weights untrained-{depth}-{shortcut}` "
            "explores it with random ones."
        )
    return cards[0]


def chosen_target(wanted: str | None, card: Card) -> Target:
    """The class of a number or a name, the best one if nothing is given."""
    if wanted is None:
        return Target()
    if wanted.isdecimal() and int(wanted) < len(card.classes):
        return Target(int(wanted))
    folded = [name.casefold() for name in card.classes]
    if wanted.casefold() in folded:
        return Target(folded.index(wanted.casefold()))
    near = [name for name in card.classes if wanted.casefold() in name.casefold()][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else f"it knows {len(folded)} others."
    raise UsageError(f"{card.name} knows no class {wanted!r}; {hint}")
