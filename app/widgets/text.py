"""Lines of text that are painted again with every frame: laid out once, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from app.theme import Size, Weight, theme


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line ready to be drawn; width and height in logical pixels."""

    font: QFont
    laid_out: QStaticText
    width: float
    height: float


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    size: Size,
    weight: Weight,
    colour: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    *,
    elided: bool = False,
) -> None:
    """One line in the vertical middle of a rectangle, at its left, middle or right.

    elided: shortened with dots where it does not fit, instead of reaching out.
    """
    line = _line(text, size, weight, theme().zoom, int(rect.width() + 1) if elided else None)
    if align & Qt.AlignmentFlag.AlignRight:
        x = rect.right() - line.width
    elif align & Qt.AlignmentFlag.AlignHCenter:
        x = rect.center().x() - line.width / 2
    else:
        x = rect.left()
    painter.setFont(line.font)
    painter.setPen(colour)
    painter.drawStaticText(QPointF(x, rect.center().y() - line.height / 2), line.laid_out)


def text_width(text: str, size: Size, weight: Weight = Weight.REGULAR) -> float:
    """How long a line is, in logical pixels."""
    return _line(text, size, weight, theme().zoom, None).width


@lru_cache(maxsize=2048)
def _line(text: str, size: Size, weight: Weight, zoom: float, room: int | None) -> _Line:
    del zoom  # the font has it; it is here so that each zoom has its own lines
    font = theme().font(size, weight)
    metrics = QFontMetricsF(font)
    if room is not None:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    laid_out = QStaticText(text)
    laid_out.setTextFormat(Qt.TextFormat.PlainText)
    laid_out.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    laid_out.prepare(QTransform(), font)
    return _Line(font, laid_out, metrics.horizontalAdvance(text), metrics.height())
