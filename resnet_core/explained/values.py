"""What comes out of the explained graph for one picture. Nothing here is normalised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from resnet_core.arrays import Floats


def softmax(logits: Floats) -> Floats:
    """Probabilities of logits, row by row: (N, K) -> (N, K)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


class MapKind(StrEnum):
    """The four maps of a block. For activations a and gradients g, both (C, h, w):"""

    ACTIVATION = "activation"  # mean over channels of a
    GRADIENT = "gradient"  # mean over channels of |g|
    GRAD_CAM = "grad_cam"  # sum over c of mean_hw(g_c) a_c, signed
    LAYER_CAM = "layer_cam"  # sum over c of max(g_c, 0) a_c


class Score(StrEnum):
    """What the gradients are taken of."""

    LOGIT = "logit"  # the target's score before softmax
    LOSS = "loss"  # -log of the target's probability


@dataclass(frozen=True, slots=True)
class Target:
    """Which class the gradients aim at; None is the class with the best score."""

    class_index: int | None = None
    score: Score = Score.LOGIT


@dataclass(frozen=True, slots=True)
class Identity:
    """What a result is the result of. The window draws nothing whose identity is not on show.

    strengths: the factor on F(x) for each block that is not at 1, as (index of block, strength).
    """

    frame: int
    model: str
    target: Target
    strengths: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ResidualNumbers:
    """How a block's two ways compare, forwards and backwards.

    With the block's input x, strength t, the gradient s at x that came through the shortcut and r
    that came through the residual branch:
    """

    shortcut_gradient_norm: float  # ||s||
    residual_gradient_norm: float  # ||r||
    input_gradient_norm: float  # ||s + r||
    residual_norm: float  # ||t F(x)||
    shortcut_norm: float  # ||S(x)||
    residual_std: float  # standard deviation of F(x) over channels and positions

    @property
    def gradient_share_shortcut(self) -> float:
        """||s|| / (||s|| + ||r||), from 0 to 1; 0 where no gradient arrives at all."""
        total = self.shortcut_gradient_norm + self.residual_gradient_norm
        return self.shortcut_gradient_norm / total if total > 0 else 0.0

    @property
    def gradient_share_residual(self) -> float:
        """||r|| / (||s|| + ||r||), from 0 to 1; 0 where no gradient arrives at all."""
        total = self.shortcut_gradient_norm + self.residual_gradient_norm
        return self.residual_gradient_norm / total if total > 0 else 0.0

    @property
    def gradient_cosine(self) -> float:
        """Cosine of the angle between s and r; 0 where one of them is zero."""
        product = self.shortcut_gradient_norm * self.residual_gradient_norm
        if product <= 0:
            return 0.0
        squares = self.shortcut_gradient_norm**2 + self.residual_gradient_norm**2
        return (self.input_gradient_norm**2 - squares) / (2 * product)

    @property
    def residual_ratio(self) -> float | None:
        """||t F(x)|| / ||S(x)||, or None where there is no shortcut or it carries nothing."""
        return self.residual_norm / self.shortcut_norm if self.shortcut_norm > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class BlockExplained:
    """One block, or conv1 after pooling, as the network saw it.

    Maps: float32 (h, w) of the block's own output, read-only. numbers: None for conv1.
    """

    name: str
    channels: int
    activation: Floats
    gradient: Floats
    grad_cam: Floats
    layer_cam: Floats
    gradient_norm: float
    numbers: ResidualNumbers | None

    def map(self, kind: MapKind) -> Floats:
        """The map of that kind, float32 (h, w)."""
        return {
            MapKind.ACTIVATION: self.activation,
            MapKind.GRADIENT: self.gradient,
            MapKind.GRAD_CAM: self.grad_cam,
            MapKind.LAYER_CAM: self.layer_cam,
        }[kind]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the maps."""
        return (int(self.activation.shape[0]), int(self.activation.shape[1]))


@dataclass(frozen=True, slots=True, eq=False)
class BlockTensors:
    """All channels of one block: float32 (C, h, w) each, read-only.

    The gradients at the block's input, by the way that they came, have the input's shape; None
    where there is no such way (a plain network has no shortcut, conv1 has neither).
    """

    name: str
    activation: Floats
    gradient: Floats
    through_shortcut: Floats | None
    through_residual: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The answer for one picture and all of its blocks.

    logits, probabilities: float32 (K,). blocks: conv1 first, then every block in order.
    early_logits: float32 (blocks of conv5_x, K), the answer after each of them.
    target_class: the class that the gradients aim at. engine: ``openvino:cpu``; precision: ``f32``.
    seconds: what the engine took for this picture.
    """

    identity: Identity
    logits: Floats
    probabilities: Floats
    target_class: int
    blocks: tuple[BlockExplained, ...]
    early_logits: Floats
    engine: str
    precision: str
    seconds: float

    def top(self, count: int = 5) -> tuple[int, ...]:
        """The classes with the best scores, best first."""
        order = np.argsort(-self.logits, kind="stable")[:count]
        return tuple(int(index) for index in order)

    def block(self, name: str) -> BlockExplained:
        """The block of that name, ``conv4_3`` or ``conv1``; KeyError if there is none."""
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(name)
