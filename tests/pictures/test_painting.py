"""Maps are painted on a scale that is told, and nothing silent looks loud."""

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from resnet_core.explained.values import BlockExplained, Explained, Identity, MapKind, Target
from resnet_core.pictures.colormaps import Colormap, table
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.painting import PaintedMap, overlay, paint, smooth, smooth_steps
from resnet_core.pictures.preprocessing import Region
from resnet_core.pictures.samples import samples


def block(name, values):
    values = np.asarray(values, np.float32)
    return BlockExplained(name, 4, values, values, values, values, 1.0, None)


def explained(*blocks):
    logits = np.zeros(3, np.float32)
    identity = Identity(1, "model", Target())
    return Explained(identity, logits, logits, 0, blocks, logits[None], "engine", "f32", 0.1)


LOUD, QUIET = block("conv4_1", [[0, 2], [4, -8]]), block("conv4_2", [[0, 0.5], [1, 0]])


@pytest.mark.parametrize("colormap", [c for c in Colormap if c is not Colormap.GREY])
def test_colours_are_matplotlibs(colormap):
    theirs = mpl.colormaps[colormap.value](np.arange(256), bytes=True)[:, :3]

    np.testing.assert_array_equal(table(colormap), theirs)


def test_each_map_has_its_own_scale_from_zero_to_its_largest_value():
    painted = paint(explained(LOUD, QUIET), MapKind.GRAD_CAM, Colormap.GREY)

    assert [m.high for m in painted.maps.values()] == [4, 1]
    np.testing.assert_array_equal(painted.maps["conv4_1"].pixels[:, :, 0], [[0, 128], [255, 0]])
    assert painted.maps["conv4_2"].pixels.max() == 255


def test_on_one_scale_a_quiet_map_looks_quiet():
    painted = paint(explained(LOUD, QUIET), MapKind.GRAD_CAM, Colormap.GREY, shared_scale=True)

    assert {m.high for m in painted.maps.values()} == {4}
    assert painted.maps["conv4_2"].pixels.max() == 64


def test_dead_map_takes_the_first_colour():
    painted = paint(explained(block("a", [[0, 0]])), MapKind.ACTIVATION, Colormap.VIRIDIS)

    assert (painted.maps["a"].pixels == table(Colormap.VIRIDIS)[0]).all()
    assert (painted.maps["a"].low, painted.maps["a"].high) == (0, 0)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_no_number_is_hatched_in_grey_and_spoils_no_scale(broken):
    values = np.array([[broken] * 4, [1, 2, 3, 4]])

    painted = paint(explained(block("a", values), QUIET), MapKind.ACTIVATION, Colormap.VIRIDIS)

    one = painted.maps["a"]
    assert one.high == 4
    assert (one.pixels[0] == one.pixels[0][:, :1]).all()  # grey
    assert (one.pixels[0, 0] != one.pixels[0, 1]).any()  # in stripes
    assert (one.pixels[1, 3] == table(Colormap.VIRIDIS)[255]).all()
    enlarged = smooth(one, 80, 160, Colormap.VIRIDIS)
    assert (enlarged[:40] == enlarged[:40, :, :1]).all()
    assert (enlarged[41:, :, 0] != enlarged[41:, :, 1]).any()


def test_map_of_nothing_but_broken_values_is_painted_all_the_same():
    painted = paint(explained(block("a", [[np.nan]])), MapKind.GRADIENT, Colormap.MAGMA)

    assert painted.maps["a"].high == 0


def test_enlarged_map_keeps_to_its_scale_and_its_place():
    painted = paint(explained(LOUD), MapKind.GRAD_CAM, Colormap.GREY).maps["conv4_1"]

    enlarged = smooth(painted, 64, 48, Colormap.GREY)[:, :, 0].astype(int)

    assert enlarged.shape == (64, 48)
    assert enlarged.max() == 255
    assert np.unravel_index(enlarged.argmax(), enlarged.shape)[0] > 40  # below, where the 4 is
    assert np.abs(np.diff(enlarged, axis=0)).max() < 16  # no step where bytes would wrap around


@pytest.mark.parametrize(("shape", "size"), [((4, 4), (460, 461)), ((7, 9), (64, 5))])
def test_maps_are_resized_as_pictures_are(shape, size):
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    one = PaintedMap("a", values, 0.0, float(values.max()), Colormap.VIRIDIS)
    steps = Image.fromarray(values / one.high * 255)
    expected = np.asarray(steps.resize(size[::-1], Image.Resampling.BICUBIC)).clip(0, 255)

    np.testing.assert_allclose(smooth_steps(one, *size), expected, atol=0.51)


def test_overlay_is_grey_and_dimmed_outside_of_what_the_network_got():
    painted = paint(explained(LOUD), MapKind.GRAD_CAM, Colormap.VIRIDIS).maps["conv4_1"]
    pixels = np.full((60, 100, 3), (200, 100, 50), np.uint8)

    mixed = overlay(pixels, Region(20, 0, 60, 60), painted, Colormap.VIRIDIS, 0.6)

    assert mixed.shape == pixels.shape
    outside = mixed[:, :20]
    assert (outside == outside[:, :, :1]).all()
    assert outside.max() < 0.5 * pixels.max()
    assert (mixed[:, 40, 0] != mixed[:, 40, 2]).any()


def test_map_of_a_crop_beyond_the_picture_is_cut_and_not_squeezed():
    painted = paint(explained(LOUD), MapKind.GRAD_CAM, Colormap.GREY).maps["conv4_1"]
    pixels = np.zeros((40, 40, 3), np.uint8)

    mixed = overlay(pixels, Region(-20, -20, 80, 80), painted, Colormap.GREY, 1)

    np.testing.assert_array_equal(mixed, smooth(painted, 80, 80, Colormap.GREY)[20:60, 20:60])


def test_bundled_samples_exist_with_a_free_licence():
    assert len(samples()) >= 8
    assert sum(sample.path.stat().st_size for sample in samples()) < 3e6
    for sample in samples():
        assert min(decode(sample.path).pixels.shape[:2]) >= 240
        assert sample.path.is_file()
        assert sample.licence in {"CC0 1.0", "public domain"}
