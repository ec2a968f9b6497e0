"""What explaining every block costs beside the bare forward pass, with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resnet_core.benchmark.alternating import Timing, measure
from resnet_core.engines.engine import Engine, Request
from resnet_core.explained.values import Explained, MapKind
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import prepare_batch
from resnet_core.weights.model import Model


@dataclass(frozen=True, slots=True)
class Row:
    """One way of one network. ratio: its median over that of the first row of its network."""

    network: str
    size: tuple[int, int]
    way: str
    timing: Timing
    ratio: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The worst cosine between two engines' maps, over all blocks and kinds."""

    network: str
    engines: tuple[str, str]
    worst_cosine: float
    same_answer: bool


def compare(
    engines: list[Engine], model: Model, frame: Frame, rounds: int
) -> tuple[list[Row], list[Agreement]]:
    """Time forward and explained passes of every engine, and hold their maps together.

    The first engine's forward pass is what every ratio is against.
    """
    request = Request(frame, model)
    inputs = prepare_batch([frame], model.card.preprocessing)
    ways: dict[str, Callable[[], object]] = {}
    results: list[Explained] = []
    for engine in engines:
        name = engine.describe().name
        ways[f"{name} forward"] = _forward(engine, model, inputs)
        ways[f"{name} explained"] = _explained(engine, request)
        results.append(engine.explain(request))
    timings = measure(ways, rounds)
    base = timings[next(iter(ways))].median
    size = model.card.preprocessing.crop
    rows = [
        Row(model.config.title, size, way, timing, timing.median / base)
        for way, timing in timings.items()
    ]
    agreements = [agreement(model, results[0], other) for other in results[1:]]
    return rows, agreements


def agreement(model: Model, one: Explained, other: Explained) -> Agreement:
    """How far two engines' maps of one picture point the same way."""
    worst = min(
        _cosine(block.map(kind), twin.map(kind))
        for block, twin in zip(one.blocks, other.blocks, strict=True)
        for kind in MapKind
    )
    same = one.top(1) == other.top(1)
    return Agreement(model.config.title, (one.engine, other.engine), worst, same)


def _forward(engine: Engine, model: Model, inputs: npt.NDArray[np.float32]) -> Callable[[], object]:
    return lambda: engine.logits(model, inputs)


def _explained(engine: Engine, request: Request) -> Callable[[], object]:
    return lambda: engine.explain(request)


def _cosine(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    first, second = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms > 0 else float(np.array_equal(first, second))
