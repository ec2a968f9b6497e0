"""The colormaps that maps are painted with; all rise evenly in lightness."""

from enum import StrEnum


class Colormap(StrEnum):
    """Perceptually even colormaps; cividis reads the same to colour-blind eyes."""

    VIRIDIS = "viridis"
    CIVIDIS = "cividis"
    MAGMA = "magma"
    GREY = "grey"
