"""How many photos of a folder are answered a second, beside what the network alone could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from resnet_core.benchmark.alternating import measure
from resnet_core.engines.answers import BATCH, answers
from resnet_core.engines.engine import Engine
from resnet_core.engines.openvino.throughput import bare_throughput
from resnet_core.pictures.decoding import decode
from resnet_core.weights.model import Model


@dataclass(frozen=True, slots=True)
class Throughput:
    """Pictures per second: from files to answers, and OpenVINO's forward pass of made-up ones."""

    network: str
    size: tuple[int, int]
    batch: int
    pictures: int
    folder: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.folder / self.bare


def throughput(engine: Engine, model: Model, paths: Sequence[Path], rounds: int) -> Throughput:
    """Answer the photos and as many made-up pictures, in turn; the medians of the rounds count."""
    bare = bare_throughput(model, BATCH)

    def folder() -> None:
        for _ in answers(engine, model, ((path, partial(decode, path)) for path in paths)):
            pass

    timings = measure({"folder": folder, "bare": lambda: bare(len(paths))}, rounds, warm_up=1)
    return Throughput(
        model.config.title,
        model.card.preprocessing.crop,
        BATCH,
        len(paths),
        len(paths) / timings["folder"].median,
        len(paths) / timings["bare"].median,
    )
