"""A calm curve through a few positive numbers on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

_SMALLEST_SPAN = math.log(2)
"""Numbers closer than a factor of two do not fill the height: noise must not look like news."""


def log_heights(values: Sequence[float]) -> list[float]:
    """Each value's height, 0 to 1, on the logarithmic scale from the smallest to the largest.

    Zeros and what is not finite lie at 0. Values within a factor of two of each other stay near
    the middle.
    """
    logs = [math.log(value) if _positive(value) else None for value in values]
    known = [log for log in logs if log is not None]
    if not known:
        return [0.0] * len(logs)
    low, high = min(known), max(known)
    spare = max(_SMALLEST_SPAN - (high - low), 0.0)
    low, high = low - spare / 2, high + spare / 2
    return [0.0 if log is None else (log - low) / (high - low) for log in logs]


def smooth_path(points: Sequence[QPointF]) -> QPainterPath:
    """A smooth curve through points of increasing x that never swings beyond them.

    Monotone cubic interpolation (Fritsch and Carlson 1980, with the harmonic mean of Fritsch and
    Butland 1984): a bump in the drawing is a bump in the numbers.
    """
    path = QPainterPath()
    if not points:
        return path
    path.moveTo(points[0])
    slopes = _tangents(points)
    for index in range(len(points) - 1):
        start, end = points[index], points[index + 1]
        third = (end.x() - start.x()) / 3
        path.cubicTo(
            QPointF(start.x() + third, start.y() + third * slopes[index]),
            QPointF(end.x() - third, end.y() - third * slopes[index + 1]),
            end,
        )
    return path


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _tangents(points: Sequence[QPointF]) -> list[float]:
    secants = [
        (after.y() - before.y()) / (after.x() - before.x()) for before, after in pairwise(points)
    ]
    inner = [
        2 * left * right / (left + right) if left * right > 0 else 0.0
        for left, right in pairwise(secants)
    ]
    return [0.0, *inner, 0.0]
