"""What explaining every block costs beside the bare forward pass, with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from resnet_core.arrays import Floats
from resnet_core.benchmark.alternating import Timing, measure
from resnet_core.engines.engine import Engine, Request
from resnet_core.explained.values import MapKind
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
    """How an engine's maps agree with float32 autograd's over some pictures.

    cosines: by block, the mean over pictures of the lowest cosine of its four maps. worst: the
    lowest of all. same_answers: the share of pictures with the same best class.
    """

    network: str
    engine: str
    precision: str
    pictures: int
    cosines: dict[str, float]
    worst: float
    same_answers: float

    @property
    def lowest(self) -> tuple[str, float]:
        """The block that agrees least on average, and how far it does."""
        name = min(self.cosines, key=self.cosines.__getitem__)
        return name, self.cosines[name]


def compare(
    engines: Sequence[Engine],
    model: Model,
    frame: Frame,
    rounds: int,
    others: Mapping[str, Callable[[], object]] = MappingProxyType({}),
) -> list[Row]:
    """Time forward and explained passes of every engine, and other ways, in turn.

    The first engine's forward pass is what every ratio is against.
    """
    request = Request(frame, model)
    inputs = prepare_batch([frame], model.card.preprocessing)
    ways: dict[str, Callable[[], object]] = {}
    for engine in engines:
        name = way_name(engine)
        ways[f"{name} forward"] = partial(engine.logits, model, inputs)
        ways[f"{name} explained"] = partial(engine.explain, request)
    timings = measure(ways | dict(others), rounds)
    base = timings[next(iter(ways))].median
    size = model.card.preprocessing.crop
    return [
        Row(model.config.title, size, way, timing, timing.median / base)
        for way, timing in timings.items()
    ]


def way_name(engine: Engine) -> str:
    """``openvino:cpu``, with the precision where it is not float32."""
    description = engine.describe()
    if description.precision == "f32":
        return description.name
    return f"{description.name} {description.precision}"


def agreement(
    engine: Engine,
    model: Model,
    frames: Iterable[Frame],
    reference: Callable[[Floats], tuple[list[tuple[Floats, ...]], int]],
) -> Agreement:
    """Hold the engine's maps of every picture against those of the reference.

    reference: from a prepared picture (1, 3, H, W) to its maps by output and its best class. A
    picture with another best class than the reference's is counted as another answer; its maps
    are of another class, so they are not compared.
    """
    names = model.config.output_names
    sums, worst, same, count = [0.0] * len(names), 1.0, 0, 0
    for frame in frames:
        count += 1
        maps, best = reference(prepare_batch([frame], model.card.preprocessing))
        explained = engine.explain(Request(frame, model))
        if explained.top(1)[0] != best:
            continue
        same += 1
        for number, (block, expected) in enumerate(zip(explained.blocks, maps, strict=True)):
            cosine = min(
                _cosine(block.map(kind), map_) for kind, map_ in zip(MapKind, expected, strict=True)
            )
            sums[number] += cosine
            worst = min(worst, cosine)
    description = engine.describe()
    means = {name: total / max(same, 1) for name, total in zip(names, sums, strict=True)}
    return Agreement(
        model.config.title, description.name, description.precision, count, means, worst,
        same / max(count, 1),
    )  # fmt: skip


def _cosine(a: Floats, b: Floats) -> float:
    first, second = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms > 0 else float(np.array_equal(first, second))
