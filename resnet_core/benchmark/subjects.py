"""What is measured: networks of random weights, which cost the same time, and a picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from resnet_core.engines.preparation import load_ready
from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.samples import samples
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model


def untrained_model(depth: int, size: tuple[int, int]) -> Model:
    """A network of random weights, calibrated, that takes pictures of (height, width)."""
    catalogue = Catalogue()
    card = catalogue.untrained(NetworkConfig(depth))
    sized = card.preprocessing.at(size)
    return load_ready(catalogue, replace(card, preprocessing=sized))


def picture_of(size: tuple[int, int], path: Path | None = None) -> Frame:
    """A bundled picture, or that of a file, at (height, width): no way pays for resizing it."""
    picture = Image.fromarray(decode(path or samples()[0].path).pixels)
    return Frame(np.asarray(picture.resize((size[1], size[0]))), "picture")
