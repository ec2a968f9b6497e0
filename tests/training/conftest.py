"""A tiny set of pictures and a recipe that trains on it in seconds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from resnet_core.networks.config import NetworkConfig
from resnet_core.training.members import Job
from resnet_core.training.recipe import (
    Augmentation,
    Averaging,
    Optimiser,
    Phase,
    Precision,
    Recipe,
    Schedule,
)

CLASSES = ("green", "red")
PIXELS = 32


def write_picture(path: Path, seed: int, colour: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(seed).integers(0, 128, (PIXELS, PIXELS, 3), np.uint8)
    picture[..., colour] += 100
    assert cv2.imwrite(str(path), picture)


@pytest.fixture(scope="session")
def class_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train/ and val/ with 20 and 4 pictures of each of two classes; blue, green, red files."""
    root = tmp_path_factory.mktemp("pictures") / "colours"
    for colour, name in enumerate(CLASSES, start=1):
        for number in range(20):
            write_picture(root / "train" / name / f"{number}.png", 100 * colour + number, colour)
        for number in range(4):
            write_picture(root / "val" / name / f"{number}.png", 900 * colour + number, colour)
    return root


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """Two phases, six batches; float32, so that nothing depends on the machine."""
    return Recipe(
        name="colours",
        title="Colours",
        network=NetworkConfig(depth=18, classes=2),
        phases=(Phase(0.6, 32, (0.6, 1.0)), Phase(0.4, 64, (0.7, 1.0))),
        schedule=Schedule(epochs=1.2, warmup=0.1),
        optimiser=Optimiser(batch=8, parts=2, learning_rate=0.02),
        augmentation=Augmentation(brightness=0.1, contrast=0.1, mixup=0.2, cutmix=0.5),
        averaging=Averaging(decay=0.9, statistics_pictures=16),
        precision=Precision.FLOAT32,
        data_pixels=PIXELS,
        evaluation_size=32,
    )


@pytest.fixture
def job(recipe: Recipe, class_folders: Path, tmp_path: Path) -> Job:
    folder = tmp_path / "run"
    folder.mkdir()
    return Job(recipe, class_folders, folder, class_folders.parent / "cache")
