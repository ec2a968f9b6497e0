"""The loss of a training run over the pictures that it saw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import Size, theme
from app.widgets.controls_drawing import follow_theme, scaled
from app.widgets.curve import smooth_path
from resnet_core.weights.curves import CurvePoint

_LINES = 3


class LearningCurve(QWidget):
    """A line, three levels of loss and where the run began and ended."""

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[CurvePoint, ...] = ()
        self.setAccessibleName("How it learned")
        follow_theme(self)

    @property
    def points(self) -> tuple[CurvePoint, ...]:
        """What is drawn."""
        return self._points

    def sizeHint(self) -> QSize:
        return QSize(scaled(320), scaled(150))

    def set_points(self, points: Sequence[CurvePoint]) -> None:
        """Draw another run."""
        self._points = tuple(points)
        if points:
            first, last = points[0], points[-1]
            self.setAccessibleDescription(
                f"loss {first.loss:.1f} after {_thousands(first.pictures)} pictures, "
                f"{last.loss:.1f} after {_thousands(last.pictures)}"
            )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if len(self._points) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setFont(theme().font(Size.CAPTION))
        area = QRectF(scaled(38), 8, self.width() - scaled(44), self.height() - scaled(34))
        losses = [point.loss for point in self._points]
        low, high = min(losses), max(losses)
        for number in range(_LINES):
            loss = high - (high - low) * (number + 0.5) / _LINES
            y = _height(loss, low, high, area)
            painter.setPen(QPen(palette.line, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(palette.second)
            label = QRectF(0, y - 10, scaled(32), 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label, right, f"{loss:.1f}")
        first, last = self._points[0].pictures, self._points[-1].pictures
        places = [
            QPointF(
                area.left() + area.width() * (point.pictures - first) / (last - first),
                _height(point.loss, low, high, area),
            )
            for point in self._points
        ]
        painter.setPen(QPen(palette.text, 2))
        painter.drawPath(smooth_path(places))
        painter.setPen(palette.second)
        foot = QRectF(area.left(), area.bottom() + 4, area.width(), scaled(20))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, _thousands(first))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, _thousands(last))


def _height(loss: float, low: float, high: float, area: QRectF) -> float:
    return area.bottom() - area.height() * (loss - low) / max(high - low, 1e-9)


def _thousands(pictures: int) -> str:
    return f"{pictures / 1e6:.1f} M" if pictures >= 1e6 else f"{pictures / 1e3:.0f} k"
