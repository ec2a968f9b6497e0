"""From requests to the arrays that the explained graph takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resnet_core.arrays import Array, Bytes, Floats
from resnet_core.engines.engine import Request
from resnet_core.errors import UsageError
from resnet_core.explained.values import Score
from resnet_core.pictures.preprocessing import crop_batch
from resnet_core.weights.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Requests of one model as arrays; see ``explained.graph.Inputs`` for shapes.

    pixels: uint8 (N, H, W, 3). Engines normalise them: a quarter of the bytes to send, and the
    device does in passing what takes numpy a millisecond.
    """

    model: Model
    pixels: Bytes
    target: npt.NDArray[np.int32]
    loss: Floats
    strengths: Floats

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        return self.pixels.shape[1], self.pixels.shape[2]

    @property
    def inputs(self) -> list[Array]:
        """In the order of the explained graph's inputs."""
        return [self.pixels, self.target, self.loss, self.strengths]


def batch(requests: Sequence[Request]) -> Batch:
    """Cut out the pictures and gather the settings of requests that share their model.

    Raises UsageError if there is no request, the models differ, or a class or block is unknown.
    """
    if not requests:
        raise UsageError("There is nothing to explain; give at least one picture.")
    model = requests[0].model
    if any(request.model.identity != model.identity for request in requests):
        raise UsageError("One batch can hold pictures for one model only; split it by model.")
    return Batch(
        model=model,
        pixels=crop_batch([request.frame for request in requests], model.card.preprocessing),
        target=np.array([_target(request) for request in requests], np.int32),
        loss=np.array([[request.target.score is Score.LOSS] for request in requests], np.float32),
        strengths=np.stack([_strengths(request) for request in requests])[:, :, None, None],
    )


def strengths_of(model: Model, count: int, strengths: Floats | None) -> Floats:
    """Strengths (N, blocks) in the graph's shape (N, blocks, 1, 1); all 1 where none are given."""
    shape = (count, len(model.config.blocks))
    if strengths is None:
        strengths = np.ones(shape, np.float32)
    if strengths.shape != shape:
        raise UsageError(f"Strengths of shape {strengths.shape} do not fit {shape}.")
    return np.ascontiguousarray(strengths, np.float32)[:, :, None, None]


def _target(request: Request) -> int:
    index = request.target.class_index
    if index is None:
        return -1
    if not 0 <= index < request.model.config.classes:
        raise UsageError(
            f"There is no class {index}; the network knows {request.model.config.classes}, "
            "counted from 0."
        )
    return index


def _strengths(request: Request) -> Floats:
    names = [block.name for block in request.model.config.blocks]
    unknown = sorted(set(request.strengths) - set(names))
    if unknown:
        raise UsageError(
            f"There is no block {unknown[0]} in {request.model.config.title}; "
            f"its blocks are {names[0]} to {names[-1]}."
        )
    return np.array([request.strengths.get(name, 1.0) for name in names], np.float32)
