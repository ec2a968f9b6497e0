"""The colormaps that maps are painted with; all rise evenly in lightness."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from resnet_core.bundled import bundled


class Colormap(StrEnum):
    """Perceptually even colormaps; cividis reads the same to colour-blind eyes."""

    VIRIDIS = "viridis"
    CIVIDIS = "cividis"
    MAGMA = "magma"
    GREY = "grey"


@lru_cache(maxsize=len(Colormap))
def table(colormap: Colormap) -> npt.NDArray[np.uint8]:
    """The colours from low to high, uint8 (256, 3), read-only."""
    if colormap is Colormap.GREY:
        colours = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    else:
        with Image.open(bundled("colormaps", f"{colormap.value}.png")) as picture:
            colours = np.array(picture, np.uint8)[0]
    colours.flags.writeable = False
    return colours
