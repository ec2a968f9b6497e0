"""Networks that have learned nothing: to explore a shape, loudly marked, never to believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from resnet_core.arrays import Array, Floats
from resnet_core.explained.folding import convolution_names
from resnet_core.networks.config import Convolution, NetworkConfig
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.model import Model

PIXELS = 160
DEFAULT_SEED = 7


def untrained_card(config: NetworkConfig, classes: tuple[str, ...]) -> Card:
    """The card of a random network of this shape; ``classes`` only lend their names."""
    config = replace(config, classes=len(classes))
    return Card(
        name=f"untrained-{config.depth}-{config.shortcut.value}",
        title="Untrained",
        provenance=Provenance.UNTRAINED,
        network=config,
        classes=classes,
        preprocessing=Preprocessing(crop=(PIXELS, PIXELS), resize=PIXELS),
        licence="none needed",
        limits="random numbers: its answers are chance; its batch-norm statistics are set from "
        "the bundled samples",
    )


def untrained(card: Card, seed: int = DEFAULT_SEED) -> Model:
    """Weights as torchvision initialises them, the same for the same seed, without torch.

    Convolutions: normal, He et al. 2015b, fan out. Batch norm: weight 1, bias 0, statistics 0 and
    1 until they are set from pictures. Classifier: uniform within 1 / sqrt(features).
    """
    generator = np.random.default_rng(seed)
    tensors: dict[str, Floats] = {}
    for name, convolution in convolution_names(card.network).items():
        tensors[name.weight] = _he_normal(generator, convolution)
        channels = convolution.out_channels
        tensors[f"{name.norm}.weight"] = np.ones(channels, np.float32)
        tensors[f"{name.norm}.bias"] = np.zeros(channels, np.float32)
        tensors[f"{name.norm}.running_mean"] = np.zeros(channels, np.float32)
        tensors[f"{name.norm}.running_var"] = np.ones(channels, np.float32)
    features, classes = card.network.features, card.network.classes
    bound = features**-0.5
    tensors["fc.weight"] = generator.uniform(-bound, bound, (classes, features)).astype(np.float32)
    tensors["fc.bias"] = generator.uniform(-bound, bound, classes).astype(np.float32)
    return Model(card, tensors, f"{card.name}:{classes}:{card.network.stride.value}:{seed}")


def with_statistics(model: Model, statistics: Mapping[str, tuple[Array, Array]]) -> Model:
    """The model with mean and variance of each batch norm, by its name, set as given."""
    tensors = dict(model.tensors)
    for name, (mean, variance) in statistics.items():
        tensors[f"{name}.running_mean"] = np.ravel(mean).astype(np.float32)
        tensors[f"{name}.running_var"] = np.ravel(variance).astype(np.float32)
    return Model(model.card, tensors, f"{model.identity}:calibrated")


def _he_normal(generator: np.random.Generator, convolution: Convolution) -> Floats:
    deviation = np.float32((2 / (convolution.out_channels * convolution.kernel**2)) ** 0.5)
    return generator.standard_normal(convolution.weight_shape, dtype=np.float32) * deviation
