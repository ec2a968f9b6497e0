from itertools import pairwise

import pytest

from app.widgets.strip_layout import (
    CLOSE_UP,
    clamp_first,
    first_shown,
    index_at,
    lay_out,
)
from resnet_core.networks.config import DEPTHS, NetworkConfig

SIZES = [(1488, 288, False), (1248, 288, False), (936, 184, True)]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("width", "height", "compact"), SIZES)
def test_every_block_has_its_tile_in_order_within_the_strip(depth, width, height, compact):
    config = NetworkConfig(depth)
    layout = lay_out(config, width, height, 1.0, compact)
    assert tuple(place.name for place in layout.tiles) == config.output_names
    boxes = [place.picture for place in layout.tiles] + [layout.classifier]
    assert all(before.right() < after.left() for before, after in pairwise(boxes))
    assert boxes[0].left() >= 16
    assert boxes[-1].right() <= width - 15
    assert all(box.width() == box.height() for box in boxes)
    assert layout.curve.bottom() < height
    assert layout.curve.top() > layout.tiles[-1].share.bottom()
    assert layout.curve.height() > 12


def test_only_more_than_eighteen_blocks_get_an_overview():
    overviews = {depth: bool(lay_out(NetworkConfig(depth), 1488, 288).close_up) for depth in DEPTHS}
    assert overviews == {18: False, 34: False, 50: False, 101: True, 152: True}


def test_the_grey_window_lies_over_the_eleven_of_the_close_up():
    layout = lay_out(NetworkConfig(152), 1488, 288, first=13)
    assert len(layout.close_up) == CLOSE_UP
    assert [place.name for place in layout.close_up] == [
        place.name for place in layout.tiles[13 : 13 + CLOSE_UP]
    ]
    assert layout.window.contains(layout.tiles[13].picture.center().toPoint().x(), 200)
    assert layout.window.left() > layout.tiles[12].picture.right() - 1
    assert layout.window.right() < layout.tiles[24].picture.left() + 1


def test_a_click_finds_the_tile_and_nothing_between_the_stages():
    layout = lay_out(NetworkConfig(18), 1488, 288)
    assert layout.hit(layout.tiles[3].picture.center()) == "conv3_1"
    assert layout.hit(layout.classifier.center()) is None


def test_positions_find_their_nearest_small_tile():
    layout = lay_out(NetworkConfig(101), 1488, 288)
    for index, place in enumerate(layout.tiles):
        assert index_at(layout, place.picture.center().x()) == index
    assert index_at(layout, 0) == 0
    assert index_at(layout, 5000) == len(layout.tiles) - 1


def test_the_close_up_moves_no_further_than_needed():
    assert first_shown(10, 15, 51) == 10  # in sight: stays
    assert first_shown(10, 20, 51) == 11  # at the end: one on, a neighbour stays in sight
    assert first_shown(10, 10, 51) == 9
    assert first_shown(0, 40, 51) == 35  # from afar: to the middle
    assert first_shown(0, 50, 51) == 40  # never past the end
    assert clamp_first(-3, 51) == 0


def test_without_a_picture_the_tiles_take_the_room_of_the_curve():
    low = lay_out(NetworkConfig(18), 1488, 186)
    empty = lay_out(NetworkConfig(18), 1488, 186, empty=True)
    assert empty.tiles[0].picture.width() > low.tiles[0].picture.width()
    assert empty.tiles[1].glyph.bottom() < 186
