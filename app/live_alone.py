"""What the engine takes for a live frame with nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.workers.live_streams import STREAMS
from app.workers.niceness import step_back
from resnet_core.benchmark.alternating import measure
from resnet_core.benchmark.subjects import picture_of
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.preparation import load_ready
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue

USUAL_SIZE = (480, 640)  # height and width of a frame
ROUNDS = 20

ONE = "one at a time"
BESIDE = "side by side"


def seconds_alone(catalogue: Catalogue, card: Card, *, side_by_side: bool) -> dict[str, float]:
    """Seconds a frame, one at a time; if wished, side by side as well where the engine can."""
    # In threads like the worker's: those that an engine starts for itself stay for the next one,
    # and step back from the window as far as who started them.
    with ThreadPoolExecutor(STREAMS, initializer=step_back) as pool:
        model = pool.submit(load_ready, catalogue, card).result()
        engine = choose(model=model).engine  # as the window does
        request = Request(picture_of(USUAL_SIZE), model)
        streams: tuple[Engine, ...] = ()
        if side_by_side:
            streams = pool.submit(engine.streams, request.model, STREAMS).result()
        ways: dict[str, Callable[[], object]] = {
            ONE: lambda: pool.submit(engine.explain, request).result()
        }
        if streams:
            ways[BESIDE] = lambda: list(pool.map(lambda each: each.explain(request), streams))
        timings = measure(ways, ROUNDS)
        for each in (engine, *streams):
            each.close()
    frames = {ONE: 1, BESIDE: STREAMS}
    return {way: timing.median / frames[way] for way, timing in timings.items()}
