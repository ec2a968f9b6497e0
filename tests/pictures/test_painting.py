"""Maps are painted on a scale that is told, and nothing silent looks loud."""

import matplotlib as mpl
import numpy as np
import pytest

from resnet_core.explained.values import BlockExplained, Explained, Identity, MapKind, Target
from resnet_core.pictures.colormaps import Colormap, table
from resnet_core.pictures.painting import overlay, paint, smooth
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


def test_dead_and_broken_maps_take_the_first_colour():
    dead, broken = block("a", [[0, 0]]), block("b", [[np.nan, 1]])

    painted = paint(explained(dead, broken), MapKind.ACTIVATION, Colormap.VIRIDIS)

    first = table(Colormap.VIRIDIS)[0]
    assert (painted.maps["a"].pixels == first).all()
    assert painted.maps["a"].high == 0
    assert (painted.maps["b"].pixels[0, 0] == first).all()


def test_enlarged_map_keeps_to_its_scale():
    painted = paint(explained(LOUD), MapKind.GRAD_CAM, Colormap.GREY).maps["conv4_1"]

    assert smooth(painted, 64, 48, Colormap.GREY).shape == (64, 48, 3)


def test_overlay_is_grey_and_dimmed_outside_of_what_the_network_got():
    painted = paint(explained(LOUD), MapKind.GRAD_CAM, Colormap.VIRIDIS).maps["conv4_1"]
    pixels = np.full((60, 100, 3), (200, 100, 50), np.uint8)

    mixed = overlay(pixels, Region(20, 0, 60, 60), painted, Colormap.VIRIDIS, 0.6)

    assert mixed.shape == pixels.shape
    outside = mixed[:, :20]
    assert (outside == outside[:, :, :1]).all()
    assert outside.max() < 0.5 * pixels.max()
    assert (mixed[:, 40, 0] != mixed[:, 40, 2]).any()


def test_bundled_samples_exist_with_a_free_licence():
    assert len(samples()) >= 5
    for sample in samples():
        assert sample.path.is_file()
        assert sample.licence in {"CC0 1.0", "public domain"}
