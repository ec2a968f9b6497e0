import pytest
from PySide6.QtCore import QPoint, Qt

from app.theme import ThemeWish, theme
from app.widgets.strip import Strip
from resnet_core.explained.values import MapKind
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from tests.app.widgets.painted_regions import PaintedRegions
from tests.app.widgets.strip_samples import explained_for, painted_for


def shown(qtbot, config, selected="conv4_2", explained=True):
    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(1488, 288)
    strip.set_network(config)
    strip.set_selected(selected)
    if explained:
        result = explained_for(config)
        strip.set_explained(result, painted_for(result))
        strip.set_target_name("sandal")
    strip.show()
    return strip


def tile_colour(strip, name):
    place = next(p for p in strip._laid_out().tiles if p.name == name)
    return strip.grab().toImage().pixelColor(place.picture.center().toPoint()).getRgb()[:3]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shortcut", Shortcut)
def test_every_network_is_drawn_with_and_without_a_picture(qtbot, depth, shortcut):
    strip = shown(qtbot, NetworkConfig(depth, shortcut, classes=20))
    assert not strip.grab().isNull()
    strip.compact = True
    strip.resize(936, 184)
    assert not strip.grab().isNull()
    strip.clear()
    assert not strip.grab().isNull()


def test_the_selected_tile_is_read_out_whole(qtbot):
    strip = shown(qtbot, NetworkConfig(18, classes=20))
    assert strip.accessibleName() == (
        "conv4, block 2 of 2, identity, gradient norm 0.26, 64 percent through the shortcut"
    )
    strip.set_lesioned(frozenset({"conv4_2"}))
    assert strip.accessibleName().endswith("residual branch off")


def test_arrows_wish_for_the_neighbour_and_stop_at_the_ends(qtbot):
    strip = shown(qtbot, NetworkConfig(18, classes=20), selected="conv1")
    wishes = []
    strip.block_selected.connect(wishes.append)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert wishes == ["conv2_1"]
    strip.set_selected("conv3_1")
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert wishes[-1] == "conv2_2"


def test_a_click_on_a_tile_wishes_for_its_block(qtbot):
    strip = shown(qtbot, NetworkConfig(50, classes=20))
    place = strip._laid_out().tiles[5]
    with qtbot.waitSignal(strip.block_selected) as wish:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place.picture.center().toPoint())
    assert wish.args == [place.name]


def test_dragging_the_grey_window_moves_the_close_up_alone(qtbot):
    strip = shown(qtbot, NetworkConfig(152, classes=20), selected="conv4_7")
    wishes = []
    strip.block_selected.connect(wishes.append)
    layout = strip._laid_out()
    start = QPoint(int(layout.window.center().x()), int(layout.curve.center().y()))
    before = layout.close_up[0].name
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(strip, start + QPoint(250, 0))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=start + QPoint(250, 0))
    assert before == "conv4_2"
    assert strip._laid_out().close_up[0].name == "conv4_12"
    assert wishes == []


def test_maps_of_another_picture_are_not_drawn(qtbot):
    config = NetworkConfig(18, classes=20)
    strip = shown(qtbot, config)
    assert tile_colour(strip, "conv3_1") == (3, 200, 40)
    other = explained_for(config, frame=2)
    strip.set_explained(other, None)
    empty = tile_colour(strip, "conv3_1")
    strip.set_painted(painted_for(explained_for(config, frame=1)))
    assert tile_colour(strip, "conv3_1") == empty
    strip.set_painted(painted_for(other))
    assert tile_colour(strip, "conv3_1") == (3, 200, 40)


def test_an_explained_picture_of_another_network_is_ignored(qtbot):
    strip = shown(qtbot, NetworkConfig(34, classes=20), explained=False)
    result = explained_for(NetworkConfig(18, classes=20))
    strip.set_explained(result, painted_for(result))
    assert "gradient norm" not in strip.accessibleName()


def test_the_tooltip_explains_the_lattice_before_a_shortcut_of_stride_two(qtbot):
    config = NetworkConfig(18, classes=20)
    strip = shown(qtbot, config)
    result = explained_for(config)
    strip.set_explained(result, painted_for(result, MapKind.GRADIENT))
    places = {place.name: place.picture.center() for place in strip._laid_out().tiles}
    assert "lattice" in strip.tooltip_at(places["conv3_2"])
    assert "lattice" not in strip.tooltip_at(places["conv3_1"])
    assert "16 × 16, Gradient" in strip.tooltip_at(places["conv2_1"])  # noqa: RUF001


def test_the_strip_follows_theme_and_zoom(qtbot):
    strip = shown(qtbot, NetworkConfig(18, classes=20))
    before = (theme().wish, theme().zoom)
    try:
        theme().wish = ThemeWish.LIGHT
        light, low = strip.grab().toImage(), strip.sizeHint().height()
        theme().wish = ThemeWish.DARK
        theme().zoom = 1.5
        assert strip.grab().toImage() != light
        assert strip.sizeHint().height() > low
    finally:
        theme().wish, theme().zoom = before


def test_next_live_frame_paints_the_tiles_and_leaves_the_numbers(qtbot):
    config = NetworkConfig(18, classes=20)
    strip = shown(qtbot, config)
    painted = PaintedRegions(strip)
    strip.set_live(True)
    painted.settle(qtbot)

    following = explained_for(config, frame=2)
    strip.set_explained(following, painted_for(following, MapKind.GRAD_CAM))
    qtbot.waitUntil(lambda: bool(painted.regions))

    region = painted.regions[0]
    layout = strip._laid_out()
    assert all(region.contains(place.picture.toAlignedRect()) for place in layout.tiles)
    assert not region.intersects(layout.curve.toAlignedRect())
    qtbot.waitUntil(lambda: painted.regions[-1].contains(strip.rect()))  # numbers, in their time
