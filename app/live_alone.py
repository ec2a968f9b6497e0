"""What the engine does for live frames with nothing beside it."""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection

from app.workers.live_streams import STREAMS
from app.workers.niceness import step_back
from resnet_core.benchmark.subjects import picture_of
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import EngineError, SkipLensError
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue

USUAL_SIZE = (480, 640)  # height and width of a frame
ALONE_SECONDS = 1.5
"""That one measurement takes."""

WARM_UP = 2
"""Explanations that are not counted: what the processors remembered was another's."""


@dataclass(frozen=True, slots=True)
class Alone:
    """explanation: median seconds of one. frames: explained per second, one at a time or, where
    that is more and was asked for, two side by side.
    """

    explanation: float
    frames: float


class EngineAlone:
    """An engine like the window's, compiled, which computes only while it is measured.

    It lives in a process of its own: what it holds is not to count as the window's. Raises
    WeightsError or EngineError if it cannot explain with the card's weights.
    """

    def __init__(self, card: Card) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(card, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._received()

    @property
    def process(self) -> int | None:
        """The number of its process."""
        return self._process.pid

    def measure(self, *, side_by_side: bool) -> Alone:
        """Waits until it is measured. side_by_side: two at once as well, where the engine can.

        Raises EngineError if the engine fails.
        """
        with contextlib.suppress(OSError):  # it has just ended, which is told below
            self._pipe.send(side_by_side)
        alone = self._received()
        assert alone is not None
        return alone

    def close(self) -> None:
        """End its process."""
        self._pipe.close()
        self._process.join(5)
        self._process.kill()  # one that hangs in a driver

    def _received(self) -> Alone | None:
        try:
            answer: Alone | SkipLensError | None = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise EngineError("The engine ended while it was measured; try again.") from error
        if isinstance(answer, SkipLensError):
            raise answer
        return answer


def _serve(card: Card, pipe: Connection) -> None:
    """Tell when it is ready, then measure whenever asked, until nobody can ask any more."""
    step_back()  # as the window's engine does, and so do the threads that one starts
    streams: tuple[Engine, ...] = ()
    try:
        model = load_ready(Catalogue(), card)
        engine = choose(model=model).engine  # as the window does
        request = Request(picture_of(USUAL_SIZE), model)
        engine.explain(request)
        pipe.send(None)
        while True:
            if pipe.recv() and not streams:
                streams = engine.streams(model, STREAMS)
            pipe.send(_alone(engine, streams, request))
    except SkipLensError as error:
        pipe.send(error)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _alone(engine: Engine, streams: tuple[Engine, ...], request: Request) -> Alone:
    seconds = ALONE_SECONDS / 2 if streams else ALONE_SECONDS
    one = _explanations(engine, request, seconds)
    frames = _per_second(one)
    if streams:
        with ThreadPoolExecutor(len(streams)) as pool:
            beside = pool.map(lambda each: _explanations(each, request, seconds), streams)
            frames = max(frames, sum(map(_per_second, beside)))
    return Alone(statistics.median(one), frames)


def _explanations(engine: Engine, request: Request, seconds: float) -> list[float]:
    """Seconds of each, one after the other for so long; one at least."""
    for _ in range(WARM_UP):
        engine.explain(request)
    taken: list[float] = []
    while sum(taken) < seconds:
        began = time.perf_counter()
        engine.explain(request)
        taken.append(time.perf_counter() - began)
    return taken


def _per_second(taken: list[float]) -> float:
    # Not of their median: live, too, what is slow takes its time.
    return len(taken) / sum(taken)
