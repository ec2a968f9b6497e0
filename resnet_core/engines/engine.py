"""What an engine is asked, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from resnet_core.arrays import Floats
from resnet_core.explained.values import BlockTensors, Explained, Identity, Target
from resnet_core.pictures.frame import Frame
from resnet_core.weights.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One picture to explain.

    strengths: the factor on F(x) by the name of the block, 1 for all that are not named;
        0 is the lesion of Veit et al. 2016 (the block passes only its shortcut on).
    Raises UsageError if a block or the target's class is not one of the model's.
    """

    frame: Frame
    model: Model
    target: Target = field(default_factory=Target)
    strengths: Mapping[str, float] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """What its result will be the result of."""
        index = {block.name: number for number, block in enumerate(self.model.config.blocks)}
        strengths = sorted((index[name], float(t)) for name, t in self.strengths.items() if t != 1)
        return Identity(self.frame.number, self.model.identity, self.target, tuple(strengths))


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """An engine in words: ``openvino:cpu``, ``OpenVINO CPU``, the device's own name, precision."""

    name: str
    title: str
    device: str
    precision: str
    version: str


class Engine(Protocol):
    """Runs models on one device. Not thread-safe: one thread calls it at a time.

    Every call may raise EngineError with a sentence when the device fails.
    """

    def describe(self) -> EngineDescription: ...

    def prepare(self, model: Model, batch: int = 1, *, forward_only: bool = False) -> None:
        """Compile what a call with such a batch needs, so that the call itself is quick."""

    def explain(self, request: Request) -> Explained: ...

    def explain_batch(self, requests: Sequence[Request]) -> list[Explained]:
        """Explain pictures of one model in one go."""

    def logits(self, model: Model, inputs: Floats, strengths: Floats | None = None) -> Floats:
        """The bare forward pass: (N, 3, H, W), strengths (N, blocks) -> (N, classes)."""

    def tensors(self, request: Request, block: str) -> BlockTensors:
        """All channels of one block (or ``conv1``), for a close look. Raises UsageError."""

    def streams(self, model: Model, count: int) -> tuple[Engine, ...]:
        """Engines that explain one picture each at the same time, on a share of the device each.

        Ready for the model; each belongs to a thread of its own. Empty where one picture at a time
        is as quick. Compiles, and may be called from any thread.
        """

    def close(self) -> None:
        """Free what the engine holds; it can not be used afterwards."""
