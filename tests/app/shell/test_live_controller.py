"""Which frames go to the engine, and when; no source, no engine."""

import math

import pytest

from app.live_pace import Pace, Pacing
from app.shell import live_controller
from app.shell.live_controller import BUSY_FRAMES, LiveController
from app.sources.requests import NetworkRequest, Pause, Rest
from app.workers import source_worker
from app.workers.mailbox import Mailbox
from app.workers.source_worker import SourceWorker
from tests.app.fakes import frame


class Source(SourceWorker):
    """Sends what it is given."""

    rate = 30.0
    place = None

    def __init__(self, request):
        super().__init__(request, lambda request: None)
        self.box = Mailbox()
        self.commands = []

    @property
    def replaced(self):
        return self.box.replaced

    def start(self):
        pass

    def finish(self):
        pass

    def command(self, command):
        self.commands.append(command)

    def take(self):
        return self.box.take() if self.box.waiting else None

    def send(self, picture):
        self.box.put(picture)
        self.frame_arrived.emit()


@pytest.fixture
def live(qtbot, monkeypatch):
    monkeypatch.setattr(source_worker, "SourceWorker", Source)
    made = LiveController()
    made.start(NetworkRequest("http://somewhere/video"))
    return made


@pytest.fixture
def taken(live):
    seen = []
    live.frame_taken.connect(seen.append)
    return seen


def show(live, picture):
    live.answered(picture)
    live.explained(picture)


def send(live, count):
    pictures = [frame("camera") for _ in range(count)]
    for picture in pictures:
        live._worker.send(picture)
    return pictures


def test_one_frame_at_a_time_and_the_newest_next(live, taken):
    first, _, newest = send(live, 3)
    assert taken == [first]
    show(live, first)
    assert taken == [first, newest]


def test_room_for_two_takes_the_frame_that_waits_at_once(live, taken):
    first, second = send(live, 2)
    live.set_room(2)
    assert taken == [first, second]
    (third,) = send(live, 1)
    assert taken == [first, second]
    show(live, first)
    assert taken == [first, second, third]


def test_frame_whose_answer_was_left_out_gives_its_place_back(live, taken):
    live.set_room(2)
    _, second = send(live, 2)
    third, fourth = send(live, 1)[0], None
    show(live, second)
    assert taken[-1] is third
    (fourth,) = send(live, 1)
    assert taken[-1] is fourth


def test_picture_is_settled_once_all_that_is_on_its_way_is_shown(live, taken):
    settled = []
    live.settled.connect(lambda: settled.append(len(taken)))
    live.set_room(2)
    first, second = send(live, 2)
    live.toggle_freeze()
    show(live, first)
    assert settled == []
    show(live, second)
    assert settled == [2]


def test_held_picture_needs_no_second_frame(live, taken):
    paces = []
    live.pace_changed.connect(paces.append)
    live._pacing.pace = Pace.TWO
    live.toggle_freeze()
    assert paces == []
    live.toggle_freeze()
    live.toggle_freeze()
    assert paces == [Pace.TWO, Pace.ONE]


def test_resting_takes_no_frame_and_asks_nothing_until_it_goes_on(live, taken):
    told = []
    live.settled.connect(lambda: told.append("settled"))
    live.frozen_changed.connect(told.append)
    (first,) = send(live, 1)
    live.rest()
    (second,) = send(live, 1)
    assert live.is_busy
    show(live, first)
    assert not live.is_busy
    assert taken == [first]

    live.go_on()
    assert taken == [first, second]
    assert told == []
    commands = live._worker.commands
    assert [one.paused for one in commands if isinstance(one, Pause)] == [True, False]
    assert next(one.until for one in commands if isinstance(one, Rest)) == math.inf


@pytest.mark.parametrize(
    ("hold", "release"),
    [("rest", "go_on"), ("toggle_freeze", "toggle_freeze")],
    ids=["rest", "freeze"],
)
def test_held_time_does_not_change_the_pace(live, taken, monkeypatch, clock, hold, release):
    monkeypatch.setattr(live_controller.time, "monotonic", clock)
    live._pacing = Pacing(clock)
    paces = []
    live.pace_changed.connect(paces.append)

    def explain(count):
        for _ in range(count):
            (picture,) = send(live, 1)
            clock.now += 0.04
            show(live, picture)

    explain(15)  # as many as it takes to be behind, and not yet for long
    assert paces == [Pace.READY]
    getattr(live, hold)()
    clock.now += 10
    getattr(live, release)()
    del paces[:]  # a held picture needs no second one, which is told
    explain(15)
    assert Pace.TWO not in paces
    explain(15)
    assert paces[-1] is Pace.TWO


def test_source_rests_for_a_slow_engine_but_not_where_two_are_explained(live, taken, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live_controller.time, "monotonic", lambda: now[0])
    commands = live._worker.commands

    def explain(count):
        for _ in range(count):
            (picture,) = send(live, 1)
            now[0] += 0.09
            show(live, picture)

    explain(BUSY_FRAMES + 1)
    assert commands
    commands.clear()
    live.set_room(2)
    explain(BUSY_FRAMES + 1)
    assert commands == []
