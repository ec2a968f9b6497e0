"""Models that are quick to build, and pictures for them."""

import numpy as np
import pytest

from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.model import Model
from tests import reference


def model_of(config: NetworkConfig, size=(64, 64), seed: int = 1) -> Model:
    card = Card(
        name=f"test-{config.depth}-{config.shortcut}",
        title="random",
        provenance=Provenance.UNTRAINED,
        network=config,
        classes=tuple(f"class {number}" for number in range(config.classes)),
        preprocessing=Preprocessing(crop=size, resize=min(size)),
        licence="MIT",
        limits="none",
    )
    module = reference.network(config, seed, calm=True)
    return Model(card, reference.tensors_of(module), f"test:{config}:{size}:{seed}")


def frame(seed: int = 0, height: int = 64, width: int = 64) -> Frame:
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    pixels = coarse.repeat(height // 8, axis=0).repeat(width // 8, axis=1)
    return Frame(np.ascontiguousarray(pixels), f"picture {seed}")


@pytest.fixture(scope="session")
def small_model() -> Model:
    return model_of(NetworkConfig(18, classes=10))
