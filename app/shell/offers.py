"""What the pickers offer: the networks that have weights, and why the others are off."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen beside the card that is on show.

    Trained networks are only offered with weights. Whoever explores an untrained one may walk
    through all shapes, and stays with untrained ones until they choose weights.
    """

    catalogue: Catalogue
    card: Card

    @property
    def explores_shapes(self) -> bool:
        """Whether every shape is on offer, because none of them claims to know anything."""
        return self.card.provenance is Provenance.UNTRAINED

    def reason(self, depth: int, shortcut: Shortcut) -> str | None:
        """Why a network is off, None if it can be chosen."""
        if self.explores_shapes or self.catalogue.for_network(depth, shortcut):
            return None
        title = NetworkConfig(depth, shortcut).title
        return f"No weights for {title} here yet; its shape can be explored with Weights, Untrained"

    def card_of(self, depth: int, shortcut: Shortcut) -> Card:
        """The card that stands for a choice: the best weights, or random numbers."""
        cards = self.catalogue.for_network(depth, shortcut)
        if cards and not self.explores_shapes:
            return cards[0]
        return self.catalogue.untrained(NetworkConfig(depth, shortcut))
