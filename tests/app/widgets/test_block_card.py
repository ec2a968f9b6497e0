import pytest
from PySide6.QtCore import Qt

from app.widgets.block_card import BlockCard
from app.widgets.block_drawing import line_width
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from tests.app.widgets.painted_regions import PaintedRegions
from tests.app.widgets.strip_samples import explained_for, painted_for


def shown(qtbot, config, name, explained=True):
    card = BlockCard()
    qtbot.addWidget(card)
    card.resize(400, 584)
    card.set_network(config)
    card.set_block(name)
    if explained:
        result = explained_for(config)
        card.set_explained(result, painted_for(result))
    card.show()
    return card


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shortcut", Shortcut)
def test_every_kind_of_block_is_drawn_high_and_low(qtbot, depth, shortcut):
    config = NetworkConfig(depth, shortcut, classes=20)
    card = shown(qtbot, config, "conv3_1")
    for name in ("conv3_1", "conv3_2", "conv1"):
        card.set_block(name)
        for size in ((400, 584), (456, 340)):
            card.resize(*size)
            assert not card.grab().isNull()
    card.set_lesioned(True)
    card.clear()
    assert not card.grab().isNull()


def test_the_title_names_stage_and_block(qtbot):
    config = NetworkConfig(152, classes=20)
    card = shown(qtbot, config, "conv4_7")
    assert card.title == "conv4_x, block 7 of 36"
    card.set_block("conv1")
    assert card.title == "conv1"


@pytest.mark.parametrize(
    ("shortcut", "name", "label", "number"),
    [
        (Shortcut.B, "conv4_2", "‖F(x)‖ / ‖x‖", 0.58),
        (Shortcut.B, "conv4_1", "‖F(x)‖ / ‖Wx‖", 0.58),
        (Shortcut.C, "conv4_2", "‖F(x)‖ / ‖Wx‖", 0.58),
        (Shortcut.A, "conv4_1", "‖F(x)‖ / ‖padded x‖", 0.58),
        (Shortcut.NONE, "conv4_1", "‖F(x)‖", 1.16),
        (Shortcut.B, "conv1", "‖gradient‖", 0.5),
    ],
)
def test_the_key_number_says_what_it_is_measured_against(qtbot, shortcut, name, label, number):
    card = shown(qtbot, NetworkConfig(18, shortcut, classes=20), name)
    assert card.ratio_label == label
    assert card.key_number == pytest.approx(number)
    card.clear()
    assert card.key_number is None


def test_the_arrows_are_wishes_and_stop_at_the_ends(qtbot):
    card = shown(qtbot, NetworkConfig(18, classes=20), "conv1")
    assert not card._previous.isEnabled()
    with qtbot.waitSignal(card.next_requested):
        qtbot.mouseClick(card._next, Qt.MouseButton.LeftButton)
    assert card.title == "conv1"
    card.set_block("conv5_2")
    assert not card._next.isEnabled()
    with qtbot.waitSignal(card.previous_requested):
        qtbot.keyClick(card._previous, Qt.Key.Key_Space)


def test_the_block_is_told_to_screen_readers(qtbot):
    card = shown(qtbot, NetworkConfig(18, classes=20), "conv4_2")
    assert card.accessibleName() == "Block: conv4_x, block 2 of 2"
    assert "64 percent of the gradient" in card.accessibleDescription()
    card.set_lesioned(True)
    assert card.accessibleDescription().endswith("residual branch off")


def test_results_of_another_network_and_maps_of_another_picture_are_ignored(qtbot):
    card = shown(qtbot, NetworkConfig(34, classes=20), "conv3_3", explained=False)
    card.set_explained(explained_for(NetworkConfig(18, classes=20)), None)
    assert card.key_number is None
    mine = explained_for(NetworkConfig(34, classes=20))
    card.set_explained(mine, None)
    plain = card.grab().toImage()
    card.set_painted(painted_for(explained_for(NetworkConfig(34, classes=20), frame=9)))
    assert card.grab().toImage() == plain
    card.set_painted(painted_for(mine))
    assert card.grab().toImage() != plain


def test_line_widths_grow_from_two_to_eighteen():
    assert [line_width(share) for share in (None, 0.0, 0.5, 1.0)] == [2.0, 2.0, 10.0, 18.0]


def test_next_live_frame_does_not_paint_the_buttons(qtbot):
    config = NetworkConfig(18, classes=20)
    card = shown(qtbot, config, "conv4_2")
    on_card, on_button = PaintedRegions(card), PaintedRegions(card._next)
    card.set_live(True)
    on_card.settle(qtbot)
    on_button.regions.clear()

    following = explained_for(config, frame=2)
    card.set_explained(following, painted_for(following))
    qtbot.waitUntil(lambda: bool(on_card.regions))

    assert not on_button.regions
    assert on_card.regions[0].boundingRect().height() > 200  # both small maps
