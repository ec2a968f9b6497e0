"""Which weights there are, and loading them."""

from __future__ import annotations

import difflib
import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from resnet_core.bundled import bundled
from resnet_core.errors import WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.documents import read_card
from resnet_core.weights.model import Model
from resnet_core.weights.untrained import untrained, untrained_card

DEFAULT_NAME = "resnet18-B-tiny-imagenet"
UNTRAINED_PREFIX = "untrained-"


class Catalogue:
    """The weights in one folder, bundled ones unless another is given.

    Cards are read once; a card that cannot be used is left out and kept in ``broken``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or bundled("weights")

    @cached_property
    def broken(self) -> tuple[WeightsError, ...]:
        """Why the cards that are left out cannot be used."""
        return tuple(self._read[1])

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """Every usable card, the default first, then by depth, shortcut and name."""
        cards = self._read[0]
        return tuple(
            sorted(
                cards,
                key=lambda card: (
                    not card.name.startswith(DEFAULT_NAME),
                    card.network.depth,
                    card.network.shortcut,
                    -(card.scores.top1 if card.scores else 0),
                    card.name,
                ),
            )
        )

    @cached_property
    def _read(self) -> tuple[list[Card], list[WeightsError]]:
        cards: list[Card] = []
        broken: list[WeightsError] = []
        for path in sorted(self._folder.glob("*.json")):
            if path.name.endswith(".classes.json"):
                continue
            try:
                cards.append(read_card(path))
            except WeightsError as error:
                broken.append(error)
        return cards, broken

    def default(self) -> Card:
        """The card that is used where none is named."""
        if not self.cards:
            raise WeightsError(f"There are no weights in {self._folder}; install SkipLens again.")
        return self.cards[0]

    def card(self, name: str) -> Card:
        """The card of that name, ``untrained-50-A`` for a random network of that shape.

        Raises WeightsError, with a name that is near, where there is none.
        """
        for card in self.cards:
            if card.name == name:
                return card
        if name.startswith(UNTRAINED_PREFIX):
            return self._untrained_by_name(name)
        near = difflib.get_close_matches(name, [card.name for card in self.cards], 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else "see `skiplens weights list`."
        raise WeightsError(f"There are no weights named {name}; {hint}")

    def for_network(self, depth: int, shortcut: Shortcut) -> tuple[Card, ...]:
        """Trained weights of a network, the best first."""
        return tuple(
            card
            for card in self.cards
            if card.network.depth == depth and card.network.shortcut is shortcut
        )

    def untrained(self, config: NetworkConfig) -> Card:
        """The card of a random network, with the default's class names."""
        return untrained_card(config, self.default().classes)

    def load(self, card: Card) -> Model:
        """The card's network with its weights.

        Raises WeightsError if the file is missing, damaged, or not the one that the card tells of.
        """
        if card.provenance is Provenance.UNTRAINED:
            return untrained(card)
        if card.file is None:
            raise WeightsError(f"The card {card.name} names no file of weights.")
        path = self._folder / card.file
        try:
            contents = path.read_bytes()
        except OSError as error:
            raise WeightsError(
                f"The weights {path.name} cannot be read ({error.strerror}); install them again."
            ) from error
        found = hashlib.sha256(contents).hexdigest()
        if card.sha256 is not None and found != card.sha256:
            raise WeightsError(
                f"The weights {path.name} are damaged (their checksum is {found[:8]}, the card "
                f"tells {card.sha256[:8]}); install them again."
            )
        try:
            tensors = load_file(path)
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"The weights {path.name} are damaged ({error}).") from error
        for tensor in tensors.values():
            tensor.flags.writeable = False
        return Model(card, {name: np.asarray(tensor) for name, tensor in tensors.items()}, found)

    def _untrained_by_name(self, name: str) -> Card:
        parts = name.removeprefix(UNTRAINED_PREFIX).split("-")
        if len(parts) != 2 or not parts[0].isdecimal():
            raise WeightsError(f"There are no weights named {name}; write untrained-50-A.")
        return self.untrained(NetworkConfig(int(parts[0]), Shortcut(parts[1])))
