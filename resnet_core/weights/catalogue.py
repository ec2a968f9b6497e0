"""Which weights there are, and loading them."""

from __future__ import annotations

import difflib
import hashlib
from functools import cached_property
from pathlib import Path

import safetensors.numpy
from safetensors import SafetensorError

from resnet_core.bundled import bundled
from resnet_core.errors import WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.documents import read_card
from resnet_core.weights.folders import imported_folder, published_folder
from resnet_core.weights.importing import read_tensors, remove_imported
from resnet_core.weights.mapped import mapped
from resnet_core.weights.model import Model, Tensors
from resnet_core.weights.published import find_published, published_cards, sha256_prefix
from resnet_core.weights.records import forget_published
from resnet_core.weights.untrained import untrained, untrained_card

DEFAULT_NAME = "resnet18-B-tiny-imagenet"
UNTRAINED_PREFIX = "untrained-"


# The order of a list of weights: what comes with the program, the user's own, what can be fetched.
_ORDER = (Provenance.TRAINED_HERE, Provenance.YOURS, Provenance.PUBLISHED)


class Catalogue:
    """Bundled weights, the user's own, and published ones, fetched or not.

    folder: of bundled weights, if they are to be read from elsewhere; then they are all there is.
    Folders are read once, until ``refresh``. A card that cannot be used is left out and kept in
    ``broken``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._bundled = folder or bundled("weights")
        self._imported = imported_folder() if folder is None else None
        self._published = published_folder() if folder is None else None

    def refresh(self) -> None:
        """Read the folders again: something was fetched, imported or removed."""
        for name in ("_read", "cards", "broken"):
            self.__dict__.pop(name, None)

    @cached_property
    def broken(self) -> tuple[WeightsError, ...]:
        """Why the cards that are left out cannot be used."""
        return tuple(self._read[1])

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """Every usable card: the default, bundled ones, the user's, published ones.

        Within these by depth, shortcut and accuracy.
        """
        return tuple(
            sorted(
                self._read[0],
                key=lambda card: (
                    card.name != DEFAULT_NAME,
                    _ORDER.index(card.provenance),
                    card.network.depth,
                    card.network.shortcut,
                    -(card.scores.top1 if card.scores else 0),
                    card.name,
                ),
            )
        )

    @cached_property
    def _read(self) -> tuple[list[Card], list[WeightsError]]:
        cards: list[Card] = [] if self._published is None else list(published_cards())
        broken: list[WeightsError] = []
        for folder in (self._bundled, self._imported):
            for path in sorted(folder.glob("*.json")) if folder else ():
                if path.name.endswith(".classes.json"):
                    continue
                try:
                    cards.append(read_card(path))
                except WeightsError as error:
                    broken.append(error)
        return cards, broken

    def path(self, card: Card) -> Path | None:
        """Where the card's file lies, None where it is not on this machine."""
        if card.file is None:
            return None
        if card.provenance is Provenance.PUBLISHED and self._published is not None:
            return find_published(card, self._published)
        folder = self._imported if card.provenance is Provenance.YOURS else None
        path = (folder or self._bundled) / card.file
        return path if path.is_file() else None

    def is_here(self, card: Card) -> bool:
        """Whether the card's network can be used at once."""
        return card.provenance is Provenance.UNTRAINED or self.path(card) is not None

    def remove(self, card: Card) -> None:
        """Remove fetched or imported weights from the disk.

        Raises WeightsError for weights that come with the program or belong to torch.
        """
        if card.provenance is Provenance.YOURS and self._imported is not None:
            remove_imported(card, self._imported)
            return
        path = self.path(card)
        if card.provenance is not Provenance.PUBLISHED or self._published is None:
            raise WeightsError(f"{card.name} comes with SkipLens and cannot be removed.")
        if path is not None and path.parent != self._published:
            raise WeightsError(f"{path} belongs to torch's own cache; remove it there.")
        forget_published(self._published / str(card.file))

    @property
    def names_not_yours(self) -> frozenset[str]:
        """Names that the user's own weights cannot have."""
        yours = Provenance.YOURS
        return frozenset(card.name for card in self.cards if card.provenance is not yours)

    def default(self) -> Card:
        """The card that is used where none is named."""
        if not self.cards:
            raise WeightsError(f"There are no weights in {self._bundled}; install SkipLens again.")
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
        """Trained weights of a network that are on this machine, the best first."""
        return tuple(
            card
            for card in self.cards
            if card.network.depth == depth
            and card.network.shortcut is shortcut
            and self.is_here(card)
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
        path = self.path(card)
        if path is None:
            raise WeightsError(_missing(card))
        try:
            contents = path.read_bytes()
        except OSError as error:
            raise WeightsError(
                f"The weights {path.name} cannot be read ({error.strerror}); {_again(card)}."
            ) from error
        found = hashlib.sha256(contents).hexdigest()
        told = card.sha256 or sha256_prefix(path.name)
        if not found.startswith(told):
            raise WeightsError(
                f"The weights {path.name} are damaged (their checksum is {found[:8]}, the card "
                f"tells {told[:8]}); {_again(card)}."
            )
        return Model(card, _read_only(_tensors(path, contents, card)), found)

    def _untrained_by_name(self, name: str) -> Card:
        parts = name.removeprefix(UNTRAINED_PREFIX).split("-")
        if len(parts) != 2 or not parts[0].isdecimal():
            raise WeightsError(f"There are no weights named {name}; write untrained-50-A.")
        return self.untrained(NetworkConfig(int(parts[0]), Shortcut(parts[1])))


def _tensors(path: Path, contents: bytes, card: Card) -> Tensors:
    if path.suffix != ".safetensors":
        return read_tensors(path, card.network)
    try:
        # What comes with the program is not removed while it runs.
        stays = card.provenance is Provenance.TRAINED_HERE
        return mapped(path) if stays else safetensors.numpy.load(contents)
    except SafetensorError as error:
        raise WeightsError(f"The weights {path.name} are damaged ({error}).") from error


def _read_only(tensors: Tensors) -> Tensors:
    for tensor in tensors.values():
        tensor.flags.writeable = False
    return tensors


def _missing(card: Card) -> str:
    if card.provenance is Provenance.PUBLISHED:
        return f"{card.name} is not on this machine; get it with `skiplens weights pull`."
    return f"The weights {card.file} are missing; {_again(card)}."


def _again(card: Card) -> str:
    """What mends missing or damaged weights."""
    return {
        Provenance.PUBLISHED: "get them again with `skiplens weights pull`",
        Provenance.YOURS: "import your file again",
    }.get(card.provenance, "install SkipLens again")
