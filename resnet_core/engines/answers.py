"""Many pictures through one network: decoded ahead in parallel, answered in batches."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from resnet_core.arrays import Floats
from resnet_core.engines.engine import Engine
from resnet_core.errors import PictureError
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import prepare
from resnet_core.weights.model import Model

BATCH = 8
_AHEAD = 4 * BATCH

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, eq=False)
class Answer(Generic[_Key]):
    """What came out for one picture: logits (K,), or why it could not be read.

    seconds: of its share of the batch, decoding left out.
    """

    key: _Key
    logits: Floats | None
    error: PictureError | None
    seconds: float


def answers(
    engine: Engine, model: Model, pictures: Iterable[tuple[_Key, Callable[[], Frame]]]
) -> Iterator[Answer[_Key]]:
    """Answers in the order of the pictures, each a key and what decodes it.

    Decoding and preprocessing run in threads of their own, some batches ahead of the engine. A
    picture that raises PictureError is answered by that error.
    """

    def ready(picture: tuple[_Key, Callable[[], Frame]]) -> _Prepared[_Key]:
        key, decode = picture
        try:
            return key, prepare(decode(), model.card.preprocessing)
        except PictureError as error:
            return key, error

    prepared = in_advance(ready, pictures)
    while waiting := list(islice(prepared, BATCH)):
        yield from _batch(engine, model, waiting)


def in_advance(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
    """Results in the order of the items, worked out in threads some batches before their turn."""
    rest = iter(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = deque(pool.submit(work, item) for item in islice(rest, _AHEAD))
        while running:
            result = running.popleft().result()
            running.extend(pool.submit(work, item) for item in islice(rest, 1))
            yield result


_Prepared: TypeAlias = "tuple[_Key, Floats | PictureError]"


def _batch(engine: Engine, model: Model, waiting: list[_Prepared[_Key]]) -> Iterator[Answer[_Key]]:
    inputs = [picture for _, picture in waiting if not isinstance(picture, PictureError)]
    started = time.perf_counter()
    logits = iter(_logits(engine, model, inputs))
    seconds = (time.perf_counter() - started) / max(1, len(inputs))
    for key, picture in waiting:
        if isinstance(picture, PictureError):
            yield Answer(key, None, picture, 0.0)
        else:
            yield Answer(key, next(logits), None, seconds)


def _logits(engine: Engine, model: Model, inputs: list[Floats]) -> Floats:
    """Logits (N, K). A last batch of several is filled up to run on the graph that is compiled."""
    if not inputs:
        return np.empty((0, model.config.classes), np.float32)
    if len(inputs) == 1:
        return engine.logits(model, inputs[0][None])
    full = np.zeros((BATCH, *inputs[0].shape), np.float32)
    full[: len(inputs)] = inputs
    return engine.logits(model, full)[: len(inputs)]
