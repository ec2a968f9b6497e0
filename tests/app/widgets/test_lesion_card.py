import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.widgets.lesion_card import LesionCard
from app.widgets.loss_bars import points
from resnet_core.networks.config import NetworkConfig

# Qt without a display warns of what only a window manager can do.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

NAMES = [f"class {index}" for index in range(20)]


@pytest.fixture
def card(qtbot):
    made = LesionCard()
    qtbot.addWidget(made)
    made.resize(400, 284)
    made.set_block("conv4_2")
    made.show()
    return made


def losses_of(depth=18):
    names = [block.name for block in NetworkConfig(depth).blocks]
    return {name: -0.02 * number + 0.1 for number, name in enumerate(names)}


def test_switch_is_about_the_block_on_show_and_tells_when_thrown(qtbot, card):
    assert card.caption == "try conv4.2 without F(x)"

    with qtbot.waitSignal(card.lesion_toggled) as toggled:
        qtbot.mouseClick(card.switch, Qt.MouseButton.LeftButton)

    assert toggled.args == [True]
    assert card.caption == "conv4.2 passes only its shortcut on"
    assert card.shows_outcome


def test_showing_a_lesion_tells_nobody(qtbot, card):
    with qtbot.assertNotEmitted(card.lesion_toggled):
        card.set_lesioned(True)
    assert card.switch.isChecked()
    assert card.shows_outcome
    card.set_lesioned(False)
    assert not card.shows_outcome


def test_conv1_has_no_branch_to_switch_off(card):
    card.set_block("conv1")

    assert not card.switch.isEnabled()
    assert card.caption == "conv1 has no residual branch"


def test_losses_are_told_in_points_and_a_click_selects_their_block(qtbot, card):
    card.set_losses(None, "espresso")
    assert card.losses.title == "computing …"

    card.set_losses(losses_of(), "espresso")

    assert card.losses.title == "“espresso” would change by, in points"
    assert "2.1 +10.0" in card.losses.accessibleDescription()
    place = card.losses._column(3).center().toPoint()
    with qtbot.waitSignal(card.block_chosen) as chosen:
        qtbot.mouseClick(card.losses, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["conv3_2"]


@pytest.mark.parametrize("values", [0.0, -0.4, 0.3, 1e-9])
@pytest.mark.parametrize("depth", [18, 152])
def test_losses_of_any_size_and_number_are_drawn_within_the_card(card, values, depth):
    card.set_losses(dict.fromkeys(losses_of(depth), values), "espresso")

    zero, scale = card.losses._axis()

    assert 0 < zero < card.losses.height()
    assert 0 < zero - values * scale < card.losses.height()
    assert not card.grab().isNull()


def test_tiny_losses_are_not_blown_up_to_look_like_findings(card):
    card.set_losses(dict.fromkeys(losses_of(), -1e-5), "espresso")

    _, scale = card.losses._axis()

    assert 1e-5 * scale < 1


def test_outcome_names_the_five_best_without_the_branch_beside_what_they_are_now(card):
    now = np.full(20, 0.01, np.float32)
    now[4] = 0.81
    then = np.linspace(0, 0.1, 20, dtype=np.float32)

    card.set_lesioned(True)
    card.set_outcome(now, None, NAMES)
    assert card.outcome.rows == ()
    card.set_outcome(now, then, NAMES)

    assert [row[0] for row in card.outcome.rows] == [f"class {i}" for i in (19, 18, 17, 16, 15)]
    assert card.outcome.rows[0][1:] == pytest.approx((0.01, 0.1))
    assert "class 19 1.0 %, then 10 %" in card.outcome.accessibleDescription()
    assert not card.grab().isNull()


@pytest.mark.parametrize(("height", "count"), [(200, 5), (130, 3), (20, 1)])
def test_only_as_many_answers_are_shown_as_have_room(card, height, count):
    then = np.linspace(0, 0.1, 20, dtype=np.float32)
    card.set_outcome(then[::-1], then, NAMES)
    card.outcome.setFixedSize(300, height)

    assert [row[0] for row in card.outcome.shown] == [f"class {19 - i}" for i in range(count)]
    assert len(card.outcome.rows) == 5


def test_cleared_card_keeps_no_number(card):
    card.set_losses(losses_of(), "espresso")
    card.clear()

    assert card.losses.accessibleDescription() == ""
    assert card.outcome.rows == ()


def test_points_have_a_sign_and_a_real_minus():
    assert points(0.012) == "+1.2"
    assert points(-0.396) == "\N{MINUS SIGN}39.6"
