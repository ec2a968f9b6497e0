"""The thread that asks the engine: newest wish first, nothing twice, failures in sentences."""

import pytest

from app.workers import engine_worker
from app.workers.engine_worker import CHUNK, EngineWorker, Wish
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


def test_missing_engine_is_a_sentence_that_says_so(qtbot, worker, monkeypatch):
    def refuse(name):
        raise EngineError("torch is not installed.")

    monkeypatch.setattr(worker, "_make_engine", refuse)
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
