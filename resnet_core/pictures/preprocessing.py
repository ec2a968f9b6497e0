"""From a photo of any size to what a network was trained on, as a weights card says.

The geometry is torchvision's: the shorter side is resized, then the centre is cut out. Resizing is
Pillow's antialiased filter, which published accuracies were measured with.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resnet_core.networks.config import check_input_size


class Interpolation(StrEnum):
    """How pixels are made up between pixels; both with antialiasing."""

    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes a network's input.

    crop: (height, width) in pixels of the input, multiples of 32.
    resize: pixels that the photo's shorter side is brought to before the centre is cut out.
    mean, std: of red, green, blue, for values from 0 to 1.
    training_pixels: the shorter side that the training pictures had, where it was below the crop.
    through_training_pixels: whether a photo first goes down to that resolution (measured, facts
        on the card), so that it looks as soft to the network as the training pictures did.
    Raises ShapeMismatch if crop does not fit the network.
    """

    crop: tuple[int, int] = (224, 224)
    resize: int = 256
    interpolation: Interpolation = Interpolation.BILINEAR
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    training_pixels: int | None = None
    through_training_pixels: bool = False

    def __post_init__(self) -> None:
        check_input_size(*self.crop)


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a picture that the network gets, in pixels of the picture (may be fractions)."""

    left: float
    top: float
    width: float
    height: float
