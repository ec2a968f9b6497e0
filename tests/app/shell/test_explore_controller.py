"""What is asked, and which answers still count. No window, no thread."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.shell.explore_controller import ExploreController
from app.workers.decode_worker import Opened
from app.workers.engine_worker import Explanation, Failure, Lesioned
from resnet_core.explained.values import MapKind
from resnet_core.networks.config import Shortcut
from tests.app.fakes import card, frame
from tests.app.widgets.strip_samples import explained_for


class Desk:
    """In place of both workers: keeps what was left."""

    def __init__(self):
        self.wishes, self.openings = [], []

    def ask(self, wish):
        self.wishes.append(wish)

    def open(self, opening):
        self.openings.append(opening)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def controller(qtbot, desk):
    return ExploreController(desk, desk, card())


def show(controller, desk, *names):
    """Open pictures that decode at once, and answer for the first."""
    paths = tuple(Path(name) for name in names or ("a.png",))
    controller.open_paths(list(paths))
    controller.take_opened(Opened(desk.openings[-1], frame(paths[0].name), paths, 0, None))
    return answer(controller, desk)


def answer(controller, desk):
    wish = desk.wishes[-1]
    explained = explained_for(wish.card.network, frame=wish.frame.number)
    explanation = Explanation(wish, explained)
    controller.take_explanation(explanation)
    return explanation


def record(signal):
    seen = []
    signal.connect(lambda *payload: seen.append(payload[0] if payload else None))
    return seen


def test_answer_to_a_question_of_before_is_dropped(controller, desk):
    explained = record(controller.frame_explained)
    show(controller, desk)
    late = desk.wishes[-1]
    controller.choose_card(card(34, Shortcut.A))

    controller.take_explanation(Explanation(late, explained_for(late.card.network)))

    assert len(explained) == 1
    assert controller.explanation is None
    answer(controller, desk)
    assert len(explained) == 2
    assert explained[-1].wish.card == card(34, Shortcut.A)


def test_picture_that_was_opened_before_the_newest_one_is_dropped(controller, desk):
    opened = record(controller.frame_opened)
    controller.open_paths([Path("a.png")])
    controller.open_paths([Path("b.png")])
    a, b = desk.openings

    controller.take_opened(Opened(a, frame("a.png"), a.paths, 0, None))
    controller.take_opened(Opened(b, frame("b.png"), b.paths, 0, None))

    assert [picture.name for picture in opened] == ["b.png"]


def test_lesion_asks_again_without_losing_the_answer(controller, desk):
    explained = record(controller.frame_explained)
    lesioned = record(controller.lesion_explained)
    before = show(controller, desk)
    old = desk.wishes[-1]

    controller.toggle_lesion()

    assert desk.wishes[-1].lesions == {"conv4_2"}
    controller.take_explanation(Explanation(desk.wishes[-1], before.explained))
    assert len(explained) == 1, "the intact answer is the same and is not drawn again"
    controller.take_lesioned(Lesioned(old, None, {}))
    assert lesioned == [], "what was computed for other lesions does not count"
    controller.take_lesioned(Lesioned(desk.wishes[-1], None, {}))
    assert len(lesioned) == 1


def test_lesions_of_the_live_frame_on_show_count_though_the_next_one_is_asked(controller, desk):
    lesioned = record(controller.lesion_explained)
    controller.toggle_lesion()
    controller.take_live(frame("camera"))
    first = desk.wishes[-1]
    answer(controller, desk)
    controller.take_live(frame("camera"))

    controller.take_lesioned(Lesioned(first, None, None))
    assert len(lesioned) == 1

    answer(controller, desk)
    QCoreApplication.processEvents()  # the first one is painted
    controller.take_lesioned(Lesioned(first, None, None))
    assert len(lesioned) == 1, "another frame is on show now"


def test_lesions_of_a_frame_that_is_not_shown_yet_follow_it(controller, desk):
    explained, lesioned = record(controller.frame_explained), record(controller.lesion_explained)
    controller.toggle_lesion()
    for _ in range(2):
        controller.take_live(frame("camera"))
        answer(controller, desk)
    controller.take_lesioned(Lesioned(desk.wishes[-1], None, None))
    assert (len(explained), len(lesioned)) == (1, 0), "the first one is not painted yet"

    QCoreApplication.processEvents()

    assert explained[-1].wish == lesioned[-1].wish == desk.wishes[-1]


def test_failed_engine_is_asked_again_on_request(controller, desk):
    failed, recovered = record(controller.engine_failed), record(controller.recovered)
    withdrawn = record(controller.answers_withdrawn)
    controller.open_paths([Path("a.png")])
    controller.take_opened(Opened(desk.openings[-1], frame(), (Path("a.png"),), 0, None))

    controller.take_failure(Failure(desk.wishes[-1], "The device fell over."))
    asked = len(desk.wishes)
    recovered.clear()
    controller.retry()

    assert failed == ["The device fell over."]
    assert withdrawn == [None], "no answer of another picture stays beside it"
    assert len(desk.wishes) == asked + 1
    answer(controller, desk)
    assert recovered


def test_missing_engine_gives_way_to_the_automatic_choice(controller, desk):
    failed, wishes = record(controller.failed), record(controller.engine_wish_changed)
    controller.choose_engine("torch:cuda")

    controller.take_failure(Failure(desk.wishes[-1], "There is no GPU.", engine_missing=True))

    assert wishes == ["torch:cuda", "auto"]
    assert desk.wishes[-1].engine == "auto"
    assert failed == ["There is no GPU. The automatic choice is used instead."]


def test_stepping_goes_around_and_tells_the_direction(controller, desk):
    show(controller, desk, "a.png", "b.png", "c.png")

    controller.step_picture(-1)

    assert (desk.openings[-1].first, desk.openings[-1].step) == (2, -1)


def test_target_stays_with_the_picture_and_the_classes(controller, desk):
    show(controller, desk)
    controller.choose_target(1)
    controller.choose_card(card(34))
    assert desk.wishes[-1].target.class_index == 1

    show(controller, desk)

    assert desk.wishes[-1].target.class_index is None


def test_block_stays_where_the_new_network_has_it(controller):
    controller.select_block("conv3_2")
    controller.choose_card(card(50))
    assert controller.block == "conv3_2"
    controller.select_block("conv4_6")
    controller.choose_card(card(18))
    assert controller.block == "conv4_2"


def test_looking_another_way_computes_nothing(controller, desk):
    show(controller, desk)
    painted, asked = record(controller.maps_painted), len(desk.wishes)

    controller.set_view(replace(controller.view, kind=MapKind.ACTIVATION))
    controller.step_opacity(1)
    controller.select_block("conv2_1")

    assert len(painted) == 1
    assert painted[0].kind is MapKind.ACTIVATION
    assert len(desk.wishes) == asked


def test_answers_to_two_live_frames_are_both_shown(controller, desk):
    frames = [frame("camera"), frame("camera")]
    shown = record(controller.frame_answered)
    for one in frames:
        controller.take_live(one)
    for wish in desk.wishes:
        explained = explained_for(wish.card.network, frame=wish.frame.number)
        controller.take_explanation(Explanation(wish, explained))
    assert shown == frames


def test_answer_to_an_opened_picture_is_dropped_once_live_began(controller, desk):
    controller.open_paths([Path("a.png")])
    controller.take_opened(Opened(desk.openings[-1], frame("a.png"), (Path("a.png"),), 0, None))
    shown = record(controller.frame_answered)
    controller.take_live(frame("camera"))
    of_before = desk.wishes[0]
    controller.take_explanation(Explanation(of_before, explained_for(of_before.card.network)))
    assert shown == []


def test_live_answer_of_another_network_or_source_is_dropped(controller, desk):
    shown = record(controller.frame_answered)
    controller.take_live(frame("camera"))
    controller.choose_card(card(34))
    controller.take_live(frame("camera"))
    of_before = desk.wishes[0]
    controller.take_explanation(Explanation(of_before, explained_for(of_before.card.network)))

    controller.forget_opening()  # another source begins
    of_before = desk.wishes[1]
    controller.take_explanation(Explanation(of_before, explained_for(of_before.card.network)))
    assert shown == []


class Sender(QObject):
    sent = Signal(Explanation)


class Canvas(QWidget):
    """Shows the newest answer, and remembers which ones it painted."""

    def __init__(self):
        super().__init__()
        self.newest, self.painted = None, []

    def show_answer(self, explanation, painted):
        self.newest = explanation
        self.update()

    def paintEvent(self, event):
        self.painted.append(self.newest)


def test_two_live_answers_that_come_at_once_are_both_painted(qtbot, controller, desk):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitExposed(canvas)
    controller.frame_explained.connect(canvas.show_answer)
    for _ in range(2):
        controller.take_live(frame("camera"))
    first, second = (
        Explanation(wish, explained_for(wish.card.network, frame=wish.frame.number))
        for wish in desk.wishes
    )
    qtbot.waitUntil(lambda: canvas.painted != [])
    canvas.painted.clear()
    sender = Sender()
    sender.sent.connect(controller.take_explanation, Qt.ConnectionType.QueuedConnection)
    sender.sent.emit(first)
    sender.sent.emit(second)
    qtbot.waitUntil(lambda: canvas.newest is second)
    qtbot.waitUntil(lambda: len(canvas.painted) == 2)
    assert canvas.painted == [first, second]
