"""Where the parts of a block's drawing lie. Pure geometry: steps and a rectangle in, boxes out.

The drawing is the paper's figure 2 stood up: x comes in at the top, the residual branch runs down
the middle, the shortcut goes round on the right, and both meet at the plus.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF

from app.widgets.figures import TIMES
from resnet_core.networks.config import CONV1, STEM_NAME, Block, Convolution, NetworkConfig


class StepKind(Enum):
    """What a box of the drawing does."""

    CONVOLUTION = "convolution"
    POINTWISE = "pointwise"  # batch norm, ReLU: drawn narrower and filled


@dataclass(frozen=True, slots=True)
class Step:
    """One box on the way down."""

    text: str
    kind: StepKind


@dataclass(frozen=True, slots=True)
class BlockLayout:
    """Rectangles of one drawing. x, y: small tiles of what comes in and what goes out."""

    trunk: float  # x of the line down the middle
    top: float  # where x comes in
    bottom: float  # where y goes out
    fork: float  # y at which the shortcut leaves
    boxes: tuple[QRectF, ...]
    plus: QPointF
    plus_radius: float
    relu: QRectF
    side: float  # x of the shortcut's way down
    x_tile: QRectF
    y_tile: QRectF
    tight: bool


def convolution_text(convolution: Convolution) -> str:
    """``3 x 3 conv, 128, /2``, as the paper writes it."""
    kernel = f"{convolution.kernel} {TIMES} {convolution.kernel} conv, {convolution.out_channels}"
    return kernel if convolution.stride == 1 else f"{kernel}, /{convolution.stride}"


def steps_of(block: Block, tight: bool = False) -> tuple[Step, ...]:
    """The residual branch as boxes; tight: batch norm and ReLU go into the convolution's box."""
    steps: list[Step] = []
    last = len(block.residual_branch) - 1
    for index, convolution in enumerate(block.residual_branch):
        after = "BN" if index == last else "BN  ReLU"
        text = convolution_text(convolution)
        if tight:
            steps.append(Step(f"{text}   {after}", StepKind.CONVOLUTION))
        else:
            steps += [Step(text, StepKind.CONVOLUTION), Step(after, StepKind.POINTWISE)]
    return tuple(steps)


def stem_steps(tight: bool = False) -> tuple[Step, ...]:
    """What comes before the first block: conv1, batch norm, ReLU and max pooling."""
    text, pool = convolution_text(CONV1), f"3 {TIMES} 3 max pool, /2"
    if tight:
        return (
            Step(f"{text}   BN  ReLU", StepKind.CONVOLUTION),
            Step(pool, StepKind.POINTWISE),
        )
    return (
        Step(text, StepKind.CONVOLUTION),
        Step("BN  ReLU", StepKind.POINTWISE),
        Step(pool, StepKind.CONVOLUTION),
    )


def find_block(config: NetworkConfig, name: str) -> Block | None:
    """The block of that name, or None for conv1; KeyError if the network has no such block."""
    if name == STEM_NAME:
        return None
    for block in config.blocks:
        if block.name == name:
            return block
    raise KeyError(name)


def lay_out_block(
    rect: QRectF, steps: tuple[Step, ...], zoom: float, *, merges: bool, tight: bool
) -> BlockLayout:
    """Boxes within rect. merges: a plus and a ReLU follow the steps, as in every block."""
    scale = min(rect.width() / 368, 1.35)
    trunk = rect.left() + 122 * scale + (14 * scale if tight else 0)
    head = (32 if tight else 46) * zoom
    radius = (10 if tight else 14) * min(zoom, 1.3)
    relu_height = (22 if tight else 28) * zoom
    out = (14 if tight else 26) * zoom
    tail = (30 if tight else 44) + 2 * radius + relu_height if merges else 12.0
    band = QRectF(trunk, rect.top() + head, 0, max(40.0, rect.height() - head - tail - out))
    boxes = _stack(band, trunk, steps, scale * (1.32 if tight else 1.0))
    end = boxes[-1].bottom()
    plus = QPointF(trunk, end + (16 if tight else 27) + radius)
    relu_top = plus.y() + radius + (14 if tight else 16)
    relu = QRectF(trunk - 40 * scale, relu_top, 80 * scale, relu_height)
    small, large = (28 * zoom, 32 * zoom) if tight else (32 * zoom, 44 * zoom)
    bottom = rect.bottom()
    return BlockLayout(
        trunk=trunk,
        top=rect.top(),
        bottom=bottom,
        fork=rect.top() + (head - 12 if tight else 22 * zoom),
        boxes=boxes,
        plus=plus,
        plus_radius=radius,
        relu=relu,
        side=rect.right() - (56 if tight else 74) * scale,
        x_tile=QRectF(rect.left(), rect.top() - 2, small, small),
        y_tile=QRectF(rect.left(), bottom - large - 4, large, large),
        tight=tight,
    )


def _stack(band: QRectF, trunk: float, steps: tuple[Step, ...], scale: float) -> tuple[QRectF, ...]:
    """Boxes one under the other; a convolution is 1.45 times as high as what follows it."""
    gap = 7.5
    parts = [1.45 if step.kind is StepKind.CONVOLUTION else 1.0 for step in steps]
    unit = min(44.0 * scale, (band.height() - gap * (len(steps) - 1)) / sum(parts))
    spare = band.height() - unit * sum(parts) - gap * (len(steps) - 1)
    gap += max(0.0, spare) / max(1, len(steps))
    y = band.top()
    boxes = []
    for step, part in zip(steps, parts, strict=True):
        width = (156 if step.kind is StepKind.CONVOLUTION else 108) * scale
        boxes.append(QRectF(trunk - width / 2, y, width, unit * part))
        y += unit * part + gap
    return tuple(boxes)
