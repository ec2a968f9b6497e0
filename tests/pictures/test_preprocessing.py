"""Preprocessing equals torchvision's on PIL images."""

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import v2 as transforms
from torchvision.transforms.functional import InterpolationMode, pil_to_tensor

from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import Interpolation, Preprocessing, prepare, region


def photo(height, width):
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(pixels, "photo")


@pytest.mark.parametrize("size", [(480, 640), (301, 200), (64, 64), (333, 1001), (129, 128)])
@pytest.mark.parametrize(("resize", "crop"), [(256, 224), (232, 224), (128, 128)])
@pytest.mark.parametrize("interpolation", list(Interpolation))
def test_equals_torchvision(size, resize, crop, interpolation):
    frame = photo(*size)
    ours = prepare(frame, Preprocessing((crop, crop), resize, interpolation))
    mode = InterpolationMode(interpolation.value)
    steps = [transforms.Resize(resize, mode, antialias=True), transforms.CenterCrop(crop)]
    cut = transforms.Compose(steps)(Image.fromarray(frame.pixels))
    theirs = transforms.functional.normalize(
        pil_to_tensor(cut) / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    )

    assert ours.flags.c_contiguous
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-6)


def test_region_is_what_the_network_gets():
    part = region(Preprocessing((128, 128), 128), 300, 450)

    assert (part.left, part.top) == (75, 0)
    assert (part.width, part.height) == (300, 300)


@pytest.mark.parametrize("size", [(300, 450), (450, 300), (100, 900)])
def test_crop_that_is_not_square_lies_inside_the_picture(size):
    preprocessing = Preprocessing((96, 160), 96)

    part = region(preprocessing, *size)

    assert prepare(photo(*size), preprocessing).shape == (3, 96, 160)
    assert part.left >= -0.5
    assert part.top >= -0.5
    assert part.left + part.width <= size[1] + 2
    assert part.top + part.height <= size[0] + 2
    assert part.width / part.height == pytest.approx(160 / 96, rel=0.03)


def test_going_through_the_training_resolution_softens():
    straight = Preprocessing((128, 128), 128, training_pixels=64)
    through = Preprocessing((128, 128), 128, training_pixels=64, through_training_pixels=True)
    frame = photo(400, 400)

    assert np.diff(prepare(frame, through)).std() < 0.7 * np.diff(prepare(frame, straight)).std()
