"""From a photo of any size to what a network was trained on, as a weights card says.

The geometry is torchvision's: the shorter side is resized, then the centre is cut out. Resizing is
Pillow's antialiased filter, which published accuracies were measured with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from PIL import Image

from resnet_core.arrays import Bytes, Floats
from resnet_core.networks.config import check_input_size
from resnet_core.pictures.frame import Frame


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

    def at(self, size: tuple[int, int]) -> Preprocessing:
        """The same for an input of another (height, width), as much of the photo as fits it."""
        return replace(self, crop=size, resize=min(size))


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a picture that the network gets, in pixels of the picture (may be fractions)."""

    left: float
    top: float
    width: float
    height: float


def region(preprocessing: Preprocessing, height: int, width: int) -> Region:
    """The part of a (height, width) picture that the network gets."""
    (resized_height, resized_width), (top, left) = _geometry(preprocessing, height, width)
    crop_height, crop_width = preprocessing.crop
    down, across = height / resized_height, width / resized_width
    return Region(left * across, top * down, crop_width * across, crop_height * down)


def prepare(frame: Frame, preprocessing: Preprocessing) -> Floats:
    """One picture as the network's input: float32 (3, crop height, crop width), contiguous."""
    batch = prepare_batch([frame], preprocessing)
    return batch.reshape(batch.shape[1:])


def prepare_batch(frames: Sequence[Frame], preprocessing: Preprocessing) -> Floats:
    """Pictures of any sizes as float32 (N, 3, crop height, crop width), contiguous."""
    pixels = crop_batch(frames, preprocessing).transpose(0, 3, 1, 2)
    scale, shift = normalisation(preprocessing)
    inputs = np.multiply(pixels, scale[:, None, None], order="C")
    inputs -= shift[:, None, None]
    return inputs


def crop_batch(frames: Sequence[Frame], preprocessing: Preprocessing) -> Bytes:
    """The pixels that the network gets, before their normalisation: uint8 (N, height, width, 3)."""
    pixels = np.empty((len(frames), *preprocessing.crop, 3), np.uint8)
    for number, frame in enumerate(frames):
        pixels[number] = _resized_and_cropped(frame, preprocessing)
    return pixels


def normalisation(preprocessing: Preprocessing) -> tuple[Floats, Floats]:
    """(scale, shift), float32 (3,) each: (pixels / 255 - mean) / std is scale * pixels - shift."""
    mean = np.asarray(preprocessing.mean, np.float32)
    std = np.asarray(preprocessing.std, np.float32)
    return np.reciprocal(255 * std), mean / std


def _resized_and_cropped(frame: Frame, preprocessing: Preprocessing) -> Bytes:
    picture = Image.fromarray(frame.pixels)
    wanted = Image.Resampling[preprocessing.interpolation.name]
    if preprocessing.through_training_pixels and preprocessing.training_pixels is not None:
        factor = preprocessing.training_pixels / min(frame.height, frame.width)
        if factor < 1:
            small = (max(1, round(frame.width * factor)), max(1, round(frame.height * factor)))
            picture = picture.resize(small, wanted)
    (height, width), (top, left) = _geometry(preprocessing, frame.height, frame.width)
    if picture.size != (width, height):
        picture = picture.resize((width, height), wanted)
    crop_height, crop_width = preprocessing.crop
    return np.asarray(picture.crop((left, top, left + crop_width, top + crop_height)))


def _geometry(
    preprocessing: Preprocessing, height: int, width: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The whole picture's (height, width) after resizing, and the crop's (top, left) within.

    torchvision's rules to the pixel: the longer side is cut to a whole number, the margin rounded
    half to even. A crop that is not square is covered with the same margin as a square one.
    """
    crop_height, crop_width = preprocessing.crop
    margin = preprocessing.resize / min(crop_height, crop_width)
    if crop_height == crop_width:
        if width <= height:
            resized = (int(preprocessing.resize * height / width), preprocessing.resize)
        else:
            resized = (preprocessing.resize, int(preprocessing.resize * width / height))
    else:
        factor = margin * max(crop_height / height, crop_width / width)
        resized = (max(crop_height, round(height * factor)), max(crop_width, round(width * factor)))
    top = round((resized[0] - crop_height) / 2)
    left = round((resized[1] - crop_width) / 2)
    return resized, (top, left)
