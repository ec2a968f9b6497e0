"""Two requests at once: answers in order, failures told, nothing left behind."""

import threading

import pytest

from app.workers.live_streams import LiveStreams
from resnet_core.engines.engine import Request
from resnet_core.errors import EngineError
from resnet_core.weights.model import Model
from tests.app.fakes import FakeEngine, card, frame

PATIENCE_MS = 10_000


@pytest.fixture
def engine():
    made = FakeEngine()
    made.parts = (FakeEngine(), FakeEngine())
    return made


@pytest.fixture
def model():
    return Model(card(), {}, "a model")


@pytest.fixture
def streams(engine):
    made = LiveStreams()
    yield made
    for part in engine.parts:
        part.gate.set()
    made.finish()


def begin(streams, model, told, name="a frame"):
    streams.begin(Request(frame(), model), lambda _: told.append(name), lambda: told.append(None))


def test_answers_keep_the_order_of_the_requests(qtbot, streams, engine, model):
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)
    told = []
    slow, quick = engine.parts
    slow.gate.clear()
    begin(streams, model, told, "first")
    assert slow.begun.wait(10)
    begin(streams, model, told, "second")
    qtbot.waitUntil(lambda: len(quick.explained) == 1, timeout=PATIENCE_MS)
    assert told == []

    slow.gate.set()
    streams.wait()
    assert told == ["first", "second"]


def test_third_request_waits_for_a_stream(qtbot, streams, engine, model):
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)
    told = []
    for part in engine.parts:
        part.gate.clear()
    begin(streams, model, told, 1)
    begin(streams, model, told, 2)
    third = threading.Thread(target=begin, args=(streams, model, told, 3))
    third.start()
    assert third.is_alive()
    for part in engine.parts:
        part.gate.set()
    third.join(10)
    streams.wait()
    assert told == [1, 2, 3]


def test_failure_is_told_and_nothing_begins_there_again(qtbot, streams, engine, model):
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)

    def fail(request):
        raise EngineError("out of memory")

    for part in engine.parts:
        part.explain = fail
    told = []
    begin(streams, model, told)
    streams.wait()
    assert told == [None]
    assert not streams.ready(engine, model)
    assert all(part.closed for part in engine.parts)
    streams.close()  # a picture stands still, and moves again
    assert not streams.ready(engine, model)


def test_engine_without_streams_is_never_ready(qtbot, streams, model):
    bare = FakeEngine()
    asked = threading.Event()
    bare.streams = lambda model, count: asked.set() or ()
    assert not streams.ready(bare, model)
    assert asked.wait(10)
    qtbot.wait(50)
    assert not streams.ready(bare, model)


def test_another_model_has_streams_of_its_own(qtbot, streams, engine, model):
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)
    parts, engine.parts = engine.parts, (FakeEngine(), FakeEngine())
    another = Model(card(34), {}, "another")
    qtbot.waitUntil(lambda: streams.ready(engine, another), timeout=PATIENCE_MS)
    assert all(part.closed for part in parts)


def test_streams_that_are_ready_too_late_are_closed(qtbot, streams, engine, model):
    compiled = threading.Event()
    parts = engine.parts
    engine.streams = lambda model, count: parts if compiled.wait(10) else ()
    streams.ready(engine, model)
    streams.close()
    compiled.set()
    qtbot.waitUntil(lambda: all(part.closed for part in parts), timeout=PATIENCE_MS)


def test_one_model_is_compiled_at_a_time_and_what_is_compiled_is_taken(qtbot, streams, model):
    engine, compiled, asked = FakeEngine(), threading.Event(), []

    def compile_streams(model, count):
        asked.append(model)
        assert compiled.wait(10)
        return (FakeEngine(), FakeEngine())

    engine.streams = compile_streams
    for _ in range(5):
        assert not streams.ready(engine, model)
        streams.close()
    another = Model(card(34), {}, "another")
    assert not streams.ready(engine, another)
    assert not streams.ready(engine, model)

    compiled.set()
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)
    assert asked == [model]


def test_what_is_of_another_model_is_left(qtbot, streams, engine, model):
    qtbot.waitUntil(lambda: streams.ready(engine, model), timeout=PATIENCE_MS)
    streams.leave_others(engine, model)
    assert not any(part.closed for part in engine.parts)
    streams.leave_others(engine, Model(card(34), {}, "another"))
    assert all(part.closed for part in engine.parts)
