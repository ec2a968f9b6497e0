"""The thread that asks the engine: newest wish first, nothing twice, failures in sentences."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from app.live_pace import Pace
from app.workers import engine_worker
from app.workers.better_engines import BetterEngines
from app.workers.engine_worker import CHUNK, EngineWorker, Wish
from app.workers.engines_in_use import EnginesInUse
from resnet_core.engines import choice
from resnet_core.engines.choice import Choice
from resnet_core.engines.engine import EngineDescription
from resnet_core.engines.trial import Standing, Verdict
from resnet_core.errors import EngineError
from resnet_core.explained.values import Target
from tests.app.fakes import FakeEngine, card, frame, load_bare

PATIENCE_MS = 10_000


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def worker(qtbot, engine, monkeypatch):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)
    made = EngineWorker(None, engine.choose)
    made.start()
    yield made
    engine.gate.set()
    made.finish()
    made.wait()


def wish(picture, lesions=(), engine="auto"):
    return Wish(picture, card(), Target(), frozenset(lesions), engine)


def test_newest_wish_wins_when_the_engine_is_slow(qtbot, worker, engine):
    engine.gate.clear()
    first, skipped, last = frame(), frame(), frame()
    explained = []
    worker.frame_explained.connect(lambda explanation: explained.append(explanation.wish.frame))
    worker.ask(wish(first))
    assert engine.begun.wait(10)
    worker.ask(wish(skipped))
    worker.ask(wish(last))

    with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS):
        engine.gate.set()

    assert [request.frame for request in engine.explained] == [first, last]
    assert explained == [first, last]
    assert worker.replaced == 1


def test_losses_of_all_blocks_follow_the_answer(qtbot, worker, engine):
    with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS) as blocker:
        worker.ask(wish(frame()))

    lesioned = blocker.args[0]
    assert list(lesioned.losses) == [block.name for block in card().network.blocks]
    assert all(loss < 0 for loss in lesioned.losses.values())
    assert lesioned.then is None


def test_lesion_beside_a_known_answer_costs_one_chunk(qtbot, worker, engine):
    picture = frame()
    with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS):
        worker.ask(wish(picture))
    passes = engine.passes

    lesioned = []
    worker.lesion_explained.connect(lesioned.append)
    worker.ask(wish(picture, ["conv4_2"]))
    qtbot.waitUntil(lambda: len(lesioned) == 2, timeout=PATIENCE_MS)

    assert len(engine.explained) == 1
    assert engine.passes == passes + CHUNK
    assert lesioned[-1].then.shape == (4,)
    assert lesioned[-1].losses is not None


def test_losses_are_given_up_for_a_newer_wish(qtbot, worker, engine):
    deep, last = Wish(frame(), card(152), Target(), frozenset()), wish(frame())
    engine.on_pass = lambda: worker.ask(last) if engine.passes == CHUNK else None

    with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS) as blocker:
        worker.ask(deep)

    assert blocker.args[0].wish == last
    assert engine.passes == CHUNK + len(card().network.blocks)


def test_live_lesions_are_computed_now_and_then_whatever_waits(qtbot, worker, engine, monkeypatch):
    now, lesioned = [0.0], []
    monkeypatch.setattr(engine_worker, "time", SimpleNamespace(monotonic=lambda: now[0]))
    worker.lesion_explained.connect(lesioned.append)
    pictures = [replace(wish(frame(), ["conv4_2"]), live=True) for _ in range(4)]

    def explained(explanation):
        place = pictures.index(explanation.wish)
        if place + 1 < len(pictures):
            now[0] += 0.3
            worker.ask(pictures[place + 1])

    # At once, before the thread goes on: something newer always waits.
    worker.frame_explained.connect(explained, Qt.ConnectionType.DirectConnection)
    worker.ask(pictures[0])
    qtbot.waitUntil(lambda: len(engine.explained) == 4, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: lesioned and lesioned[-1].wish == pictures[-1], timeout=PATIENCE_MS)

    # The last one has nothing after it.
    assert {pictures.index(each.wish) for each in lesioned} == {0, 2, 3}
    assert engine.passes == 3 * CHUNK
    assert all(each.then.shape == (4,) and each.losses is None for each in lesioned)


def test_missing_engine_is_a_sentence_that_says_so(qtbot, worker, monkeypatch):
    def refuse(name):
        raise EngineError("torch is not installed.")

    monkeypatch.setattr(worker._engines, "_make", refuse)
    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as blocker:
        worker.ask(wish(frame(), engine="torch:cpu"))

    failure = blocker.args[0]
    assert failure.engine_missing
    assert failure.sentence == "torch is not installed."


def test_engine_is_closed_when_the_worker_leaves(qtbot, worker, engine):
    with qtbot.waitSignal(worker.frame_explained, timeout=PATIENCE_MS):
        worker.ask(wish(frame()))
    worker.finish()
    worker.wait()

    assert engine.closed


def live(picture):
    return Wish(picture, card(), Target(), frozenset(), live=True)


@pytest.fixture
def side_by_side(qtbot, worker, engine):
    """The worker once it has room for two."""
    engine.parts = (FakeEngine(), FakeEngine())
    worker.set_pace(Pace.TWO)
    rooms = []
    worker.room_changed.connect(rooms.append)

    def has_room():
        worker.ask(live(frame()))
        return rooms == [2]

    qtbot.waitUntil(has_room, timeout=PATIENCE_MS)
    qtbot.wait(100)  # until the last of them is answered
    yield worker
    for part in engine.parts:
        part.gate.set()


def test_two_live_frames_are_explained_at_once_and_told_in_order(qtbot, side_by_side, engine):
    first, second = frame(), frame()
    for part in engine.parts:
        part.gate.clear()
        part.begun.clear()
    told = []
    side_by_side.frame_explained.connect(lambda explanation: told.append(explanation.wish.frame))
    side_by_side.ask(live(first))
    qtbot.waitUntil(lambda: any(part.begun.is_set() for part in engine.parts), timeout=PATIENCE_MS)
    side_by_side.ask(live(second))
    for part in engine.parts:
        assert part.begun.wait(10)
    for part in engine.parts:
        part.gate.set()
    qtbot.waitUntil(lambda: told == [first, second], timeout=PATIENCE_MS)


def test_picture_that_stands_still_is_explained_by_the_whole_engine(qtbot, side_by_side, engine):
    parts, before = engine.parts, len(engine.explained)
    rooms = []
    side_by_side.room_changed.connect(rooms.append)
    with qtbot.waitSignal(side_by_side.lesion_explained, timeout=PATIENCE_MS):
        side_by_side.ask(wish(frame()))
    assert len(engine.explained) == before + 1
    assert rooms == [1]
    assert all(part.closed for part in parts)


def test_frame_that_fails_beside_another_is_explained_alone(qtbot, side_by_side, engine):
    def fail(request):
        raise EngineError("out of memory")

    for part in engine.parts:
        part.explain = fail
    picture = frame()
    with qtbot.waitSignal(side_by_side.frame_explained, timeout=PATIENCE_MS) as blocker:
        side_by_side.ask(live(picture))
    assert blocker.args[0].wish.frame is picture
    assert engine.explained[-1].frame is picture


@pytest.mark.parametrize("newer_first", [True, False])
def test_newest_of_two_that_fail_beside_is_explained_alone(
    qtbot, side_by_side, engine, newer_first
):
    frames = [frame(), frame()]
    gates = [threading.Event(), threading.Event()]

    def fail(request):
        begun.append(request.frame)
        assert gates[frames.index(request.frame)].wait(10)
        raise EngineError("out of memory")

    begun, told = [], []
    for part in engine.parts:
        part.explain = fail
    side_by_side.frame_explained.connect(lambda explanation: told.append(explanation.wish.frame))
    for count, picture in enumerate(frames, 1):
        side_by_side.ask(live(picture))
        qtbot.waitUntil(lambda: len(begun) == count, timeout=PATIENCE_MS)  # noqa: B023
    for gate in reversed(gates) if newer_first else gates:
        gate.set()
        qtbot.wait(50)
    qtbot.waitUntil(lambda: told == [frames[1]], timeout=PATIENCE_MS)


def test_known_answer_is_not_computed_again_beside(qtbot, side_by_side, engine):
    picture = frame()
    told = []
    side_by_side.frame_explained.connect(told.append)
    for count in (1, 2):
        side_by_side.ask(live(picture))
        qtbot.waitUntil(lambda: len(told) == count, timeout=PATIENCE_MS)  # noqa: B023
    assert told[0].explained is told[1].explained


def test_streams_of_another_network_are_left_while_live_goes_on(qtbot, side_by_side, engine):
    parts = engine.parts
    side_by_side.set_pace(Pace.ONE)
    with qtbot.waitSignal(side_by_side.frame_explained, timeout=PATIENCE_MS):
        side_by_side.ask(Wish(frame(), card(34), Target(), frozenset(), live=True))
    assert all(part.closed for part in parts)


class Failing(FakeEngine):
    """Breaks on every picture, as a driver that was reset does."""

    def describe(self):
        return EngineDescription("torch:cuda", "torch CUDA", "a GPU", "f32", "1")

    def explain(self, request):
        raise self.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineError("torch ran out of memory on cuda."), "ran out of memory"),
        (RuntimeError("device lost"), "RuntimeError: device lost"),
    ],
)
def test_next_engine_goes_on_with_the_same_picture(qtbot, engine, monkeypatch, error, words):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)
    broken = Failing()
    broken.error = error
    engines = {"torch:cuda": broken, "openvino:cpu": engine}
    worker = EngineWorker(None, lambda wish: Choice(engines[wish], ""))
    told, ready = [], []
    worker.fell_back.connect(told.append)
    worker.engine_ready.connect(lambda description: ready.append(description.name))
    worker.start()
    try:
        first, second = frame(), frame()
        with qtbot.waitSignal(worker.frame_explained, timeout=PATIENCE_MS) as blocker:
            worker.ask(wish(first, engine="torch:cuda"))
        assert blocker.args[0].wish.frame is first
        assert len(told) == 1
        assert words in told[0]
        assert "Fake CPU goes on" in told[0]
        assert ready == ["torch:cuda", "fake:cpu"]
        assert broken.closed

        with qtbot.waitSignal(worker.frame_explained, timeout=PATIENCE_MS):
            worker.ask(wish(second, engine="torch:cuda"))
        assert len(told) == 1
    finally:
        worker.finish()
        worker.wait()


@pytest.mark.parametrize("picture", [None, frame()])
def test_next_engine_goes_on_where_one_fails_at_getting_ready_or_at_losses(
    qtbot, engine, monkeypatch, picture
):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)

    def fail(*given, **named):
        raise EngineError("torch ran out of memory on cuda.")

    broken = FakeEngine()
    broken.describe = lambda: EngineDescription("torch:cuda", "torch CUDA", "a GPU", "f32", "1")
    broken.prepare = broken.logits = fail
    engines = {"torch:cuda": broken, "openvino:cpu": engine}
    worker = EngineWorker(None, lambda wish: Choice(engines[wish], ""))
    failures, lesioned = [], []
    worker.failed.connect(failures.append)
    worker.lesion_explained.connect(lesioned.append)
    worker.start()
    try:
        with qtbot.waitSignal(worker.fell_back, timeout=PATIENCE_MS) as told:
            worker.ask(wish(picture, engine="torch:cuda"))
        if picture is not None:
            qtbot.waitUntil(lambda: bool(lesioned), timeout=PATIENCE_MS)
            assert lesioned[-1].losses
    finally:
        worker.finish()
        worker.wait()
    assert "ran out of memory" in told.args[0]
    assert "Fake CPU goes on" in told.args[0]
    assert failures == []


def test_engine_that_failed_is_not_taken_again_for_another_network(qtbot, engine):
    engines = EnginesInUse(engine.choose)
    engines.take_wish("auto")
    broken, again = FakeEngine(), FakeEngine()
    for one in (broken, again):
        one.describe = lambda: EngineDescription("torch:cuda", "torch CUDA", "a GPU", "f16", "1")
    engines.prefer("first", broken)
    assert engines.fall_back(broken) is engine

    engines.prefer("second", again)

    assert engines.engine_for("second") is engine
    assert again.closed


def test_failure_of_the_last_engine_is_told(qtbot, monkeypatch):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)
    broken = Failing()
    broken.error = EngineError("The device is gone.")

    def make(wish):
        if wish == "torch:cuda":
            return Choice(broken, "")
        raise EngineError("It is not installed.")

    worker = EngineWorker(None, make)
    worker.start()
    try:
        with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as blocker:
            worker.ask(wish(frame(), engine="torch:cuda"))
        assert blocker.args[0].sentence == "The device is gone."
        assert not blocker.args[0].engine_missing
    finally:
        worker.finish()
        worker.wait()


def test_quick_engine_answers_first_and_the_better_one_takes_over(qtbot, engine, monkeypatch):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)
    loading = threading.Event()
    fast = FakeEngine()
    fast.describe = lambda: EngineDescription("torch:cuda", "torch CUDA", "a GPU", "f16", "1")
    verdict = Verdict((Standing("torch:cuda", "f16", 0.002, 0.999, "the fastest that agrees"),))

    def make(candidate):
        assert candidate.title == "torch:cuda f16"
        assert loading.wait(20)
        return fast

    monkeypatch.setattr(choice, "remembered", lambda model: verdict)
    monkeypatch.setattr(choice, "make", make)
    worker = EngineWorker(None, engine.choose, BetterEngines(idle_seconds=0))
    ready = []
    worker.engine_ready.connect(lambda description: ready.append(description.name))
    worker.start()
    try:
        with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS):
            worker.ask(wish(frame()))
        assert len(engine.explained) == 1

        loading.set()
        qtbot.waitUntil(lambda: bool(worker._better._found), timeout=PATIENCE_MS)
        with qtbot.waitSignal(worker.measured, timeout=PATIENCE_MS) as told:
            worker.ask(wish(frame()))
        qtbot.waitUntil(lambda: len(fast.explained) == 1, timeout=PATIENCE_MS)
        assert "the fastest that agrees" in told.args[0]
        qtbot.waitUntil(lambda: ready == ["fake:cpu", "torch:cuda"], timeout=PATIENCE_MS)
    finally:
        worker.finish()
        worker.wait()
    assert fast.closed


def test_trial_is_given_up_when_somebody_asks(qtbot, engine, monkeypatch):
    monkeypatch.setattr(engine_worker, "load_ready", load_bare)
    begun, gave_up = threading.Event(), threading.Event()

    def decide(model, given_up):
        begun.set()
        while not given_up():
            begun.wait(0.01)
        gave_up.set()

    monkeypatch.setattr(choice, "remembered", lambda model: None)
    monkeypatch.setattr(choice, "candidates", lambda: (1, 2))
    monkeypatch.setattr(choice, "decide", decide)
    worker = EngineWorker(None, engine.choose, BetterEngines(idle_seconds=0))
    worker.start()
    try:
        worker.ask(wish(frame()))
        assert begun.wait(20)
        worker.ask(wish(frame()))
        assert gave_up.wait(20)
    finally:
        worker.finish()
        worker.wait()


def test_why_it_is_this_engine_is_told_once(qtbot, worker):
    told = []
    worker.measured.connect(told.append)
    for _ in range(2):
        with qtbot.waitSignal(worker.lesion_explained, timeout=PATIENCE_MS):
            worker.ask(wish(frame()))

    assert told == ["it is the only one"]
