"""The colormaps that maps are painted with; all rise evenly in lightness."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from resnet_core.arrays import Bytes
from resnet_core.bundled import bundled


class Colormap(StrEnum):
    """Perceptually even colormaps; cividis reads the same to colour-blind eyes."""

    VIRIDIS = "viridis"
    CIVIDIS = "cividis"
    MAGMA = "magma"
    GREY = "grey"


def picture_of(colormap: Colormap) -> Path:
    """A picture of 256 x 1 pixels: the colours from low to high."""
    return bundled("colormaps", f"{colormap.value}.png")


@lru_cache(maxsize=len(Colormap))
def table(colormap: Colormap) -> Bytes:
    """The colours from low to high, uint8 (256, 3), read-only."""
    with Image.open(picture_of(colormap)) as picture:
        colours: Bytes = np.array(picture, np.uint8)[0]
    colours.flags.writeable = False
    return colours
