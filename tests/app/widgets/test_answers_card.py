import pytest
from PySide6.QtCore import Qt

from app.widgets.announcer import Announcer
from app.widgets.answers_card import FULL_BAR, FULL_BAR_UNTRAINED, AnswersCard, percent
from resnet_core.explained.values import Target
from resnet_core.networks.config import NetworkConfig
from resnet_core.weights.card import Provenance
from tests.app.widgets.strip_samples import explained_for

# Qt without a display warns of what only a window manager can do.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

NAMES = [f"class {index}" for index in range(20)]
UP, DOWN, ENTER = Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return


@pytest.fixture
def card(qtbot):
    made = AnswersCard()
    qtbot.addWidget(made)
    made.resize(400, 284)
    made.set_answers(explained_for(NetworkConfig(18, classes=20)), NAMES, Target())
    made.show()
    return made


def row_of(card, number):
    return card.bars._area(number).center().toPoint()


def test_five_best_answers_are_shown_best_first(card):
    assert [row.name for row in card.bars.rows] == [f"class {i}" for i in (19, 18, 17, 16, 15)]
    probabilities = [row.probability for row in card.bars.rows]
    assert probabilities == sorted(probabilities, reverse=True)
    assert card.bars.accessibleDescription().startswith("class 19 19 %, the target; class 18 16 %")


def test_click_makes_an_answer_the_target(qtbot, card):
    with qtbot.waitSignal(card.target_chosen) as chosen:
        qtbot.mouseClick(card.bars, Qt.MouseButton.LeftButton, pos=row_of(card, 2))
    assert chosen.args == [17]


def test_keys_walk_the_answers_and_enter_takes_one(qtbot, card):
    with qtbot.assertNotEmitted(card.target_chosen):
        for key in (DOWN, DOWN, DOWN, DOWN, DOWN, UP):
            qtbot.keyClick(card.bars, key)
    with qtbot.waitSignal(card.target_chosen) as chosen:
        qtbot.keyClick(card.bars, ENTER)
    assert chosen.args == [16]


def test_target_beyond_the_five_best_takes_the_last_place(card):
    card.set_answers(explained_for(NetworkConfig(18, classes=20)), NAMES, Target(3))

    assert [row.class_index for row in card.bars.rows] == [19, 18, 17, 16, 3]


def test_bars_run_to_a_tenth_or_to_the_best_answer_and_finer_where_untrained(card):
    explained = explained_for(NetworkConfig(18, classes=20))
    assert card.bars.full == pytest.approx(float(explained.probabilities[19]))

    many = explained_for(NetworkConfig(18, classes=1000))
    names = [str(index) for index in range(1000)]
    card.set_answers(many, names, Target())
    assert card.bars.full == FULL_BAR
    card.set_provenance(Provenance.UNTRAINED)
    card.set_answers(many, names, Target())
    assert card.bars.full == FULL_BAR_UNTRAINED
    assert "chance" in card.hint


def test_cleared_card_shows_nothing_and_answers_no_key(qtbot, card):
    card.clear()

    with qtbot.assertNotEmitted(card.target_chosen):
        qtbot.keyClick(card.bars, ENTER)
        qtbot.mouseClick(card.bars, Qt.MouseButton.LeftButton, pos=row_of(card, 0))
    assert card.bars.rows == ()
    assert not card.grab().isNull()


def test_percent_has_a_decimal_only_under_ten():
    assert [percent(p) for p in (0.0, 0.004, 0.0994, 0.0996, 0.22, 1.0)] == [
        "0.0 %", "0.4 %", "9.9 %", "10 %", "22 %", "100 %",
    ]  # fmt: skip


def test_answers_are_announced_now_and_then_and_the_newest_is_never_lost(qtbot, card):
    announcer = Announcer(card, ms_between=60)
    said = []
    announcer.announced.connect(said.append)

    for text in ("cat", "dog", "cat", "mug"):
        announcer.say(text)
    assert said == ["cat"]
    qtbot.waitUntil(lambda: said == ["cat", "mug"])
    announcer.say("mug")
    qtbot.waitUntil(lambda: not announcer._pause.isActive())
    announcer.say("mug")

    assert said == ["cat", "mug"]
