"""The engine with nothing beside it."""

from contextlib import closing

import pytest

from app import live_alone
from app.live_alone import EngineAlone
from resnet_core.engines.engine import Request
from resnet_core.errors import EngineError, WeightsError
from resnet_core.weights.catalogue import Catalogue
from tests.app.fakes import FakeEngine, card, frame, load_bare

PUBLISHED = "resnet18-B-imagenet1k-v1"


@pytest.fixture
def request_():
    return Request(frame(), load_bare(None, card()))


def test_side_by_side_counts_where_it_is_more(request_, monkeypatch):
    monkeypatch.setattr(live_alone, "ALONE_SECONDS", 0.01)
    seconds = {}

    def explanations(engine, request, for_seconds):
        return seconds[engine]

    monkeypatch.setattr(live_alone, "_explanations", explanations)
    engine, *streams = (FakeEngine() for _ in range(3))
    seconds |= {engine: [0.03, 0.03, 0.06], streams[0]: [0.05], streams[1]: [0.04]}

    one = live_alone._alone(engine, (), request_)
    assert (one.explanation, one.frames) == (0.03, pytest.approx(25))
    assert live_alone._alone(engine, tuple(streams), request_).frames == pytest.approx(45)
    seconds[streams[0]] = [1.0]
    seconds[streams[1]] = [1.0]
    assert live_alone._alone(engine, tuple(streams), request_).frames == pytest.approx(25)


def test_warm_up_is_not_counted_and_one_explanation_at_least_is(request_):
    engine = FakeEngine()
    taken = live_alone._explanations(engine, request_, 1e-9)

    assert len(taken) == 1
    assert len(engine.explained) == live_alone.WARM_UP + 1


def test_weights_that_are_not_here_are_told_in_a_sentence(own_weights):
    with pytest.raises(WeightsError, match="weights pull"):
        EngineAlone(Catalogue().card(PUBLISHED))


def test_process_that_is_gone_is_an_engine_that_failed():
    with closing(EngineAlone(Catalogue().default())) as alone:
        alone._process.kill()
        alone._process.join()
        with pytest.raises(EngineError):
            alone.measure(side_by_side=False)
