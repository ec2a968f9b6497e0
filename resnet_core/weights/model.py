"""A network with its weights, ready for an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from resnet_core.arrays import Array
from resnet_core.networks.config import NetworkConfig
from resnet_core.weights.card import Card

Tensors = Mapping[str, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights in torchvision's names and shapes, with their card.

    tensors: float arrays (any precision, read-only) by their name in the state dict.
    identity: changes whenever an answer could: the hash of the file, or the recipe of an
        untrained network.
    """

    card: Card
    tensors: Tensors
    identity: str

    @property
    def config(self) -> NetworkConfig:
        return self.card.network

    @property
    def parameters(self) -> int:
        """Learned numbers; running statistics are not counted."""
        return sum(
            int(np.prod(tensor.shape))
            for name, tensor in self.tensors.items()
            if "running_" not in name
        )
