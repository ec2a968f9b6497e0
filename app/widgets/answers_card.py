"""The five best answers as bars; a click makes one the target of the gradients."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import Card, draw_focus_ring
from resnet_core.explained.values import Explained, Target

FULL_BAR = 0.10  # bars run from 0 to the larger of this and the best answer
FULL_BAR_UNTRAINED = 0.02
SECONDS_BETWEEN_ANNOUNCEMENTS = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One answer on show."""

    class_index: int
    name: str
    probability: float


def percent(probability: float) -> str:
    """``22 %``, with one decimal under ten."""
    value = 100 * probability
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %"


class AnswerBars(QWidget):
    """The rows themselves; painted, so that they can be quick and crisp."""

    target_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._target: int | None = None
        self._full = FULL_BAR
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Top 5")
        self.setMinimumHeight(180)
        theme().changed.connect(self.update)

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    def sizeHint(self) -> QSize:
        return QSize(380, 240)

    def set_rows(self, rows: Sequence[Row], target: int | None, full: float) -> None:
        """Show answers; target: the class that the gradients aim at."""
        self._rows, self._target, self._full = list(rows), target, full
        self._cursor = min(self._cursor, max(0, len(self._rows) - 1))
        words = ", ".join(f"{row.name} {percent(row.probability)}" for row in rows)
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, row in enumerate(self._rows):
            self._draw(painter, row, self._area(number), with_ring=row.class_index == self._target)
        if self.hasFocus() and self._rows:
            draw_focus_ring(painter, self._area(self._cursor), CONTROL_RADIUS)

    def _area(self, number: int) -> QRectF:
        height = min(56.0, self.height() / 5)
        return QRectF(0, number * height, self.width(), height - 4)

    def _draw(self, painter: QPainter, row: Row, area: QRectF, *, with_ring: bool) -> None:
        palette = theme().palette
        if with_ring:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.control)
            painter.drawRoundedRect(area, CONTROL_RADIUS, CONTROL_RADIUS)
            ring = icon_pixmap("circle-dot", palette.text, 18, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(8, area.top() + area.height() / 2 - 18), ring)
        inner = area.adjusted(36, 2, -8, -8)
        font = theme().font(Size.TITLE, Weight.SEMIBOLD if with_ring else Weight.MEDIUM)
        painter.setFont(font)
        painter.setPen(palette.text)
        number = percent(row.probability)
        metrics = QFontMetricsF(font)
        room = inner.width() - metrics.horizontalAdvance(number) - 16
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        line = QRectF(inner.left(), inner.top(), inner.width(), inner.height() - 10)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
        draw_bar(painter, inner.left(), inner.right(), inner.bottom(),
                 row.probability / self._full, palette.text)  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for number in range(len(self._rows)):
            if self._area(number).contains(event.position()):
                self._cursor = number
                self.target_chosen.emit(self._rows[number].class_index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y() // max(1.0, self._area(0).height() + 4))
        if 0 <= number < len(self._rows):
            self.setToolTip(f"Aim the gradient at “{self._rows[number].name}”")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._rows:
            self.target_chosen.emit(self._rows[self._cursor].class_index)
        else:
            super().keyPressEvent(event)


def draw_bar(
    painter: QPainter, left: float, right: float, y: float, share: float, colour: QColor
) -> None:
    """A bar of 6 pixels on its track, filled to ``share`` of 0 to 1."""
    filled = left + (right - left) * min(max(share, 0.0), 1.0)
    for end, pen_colour in ((right, theme().palette.track), (filled, colour)):
        if end - left >= 1:
            cap = Qt.PenCapStyle.RoundCap if end - left > 6 else Qt.PenCapStyle.FlatCap
            painter.setPen(QPen(pen_colour, 6, Qt.PenStyle.SolidLine, cap))
            painter.drawLine(QPointF(left + 3, y), QPointF(max(left + 3.5, end - 3), y))


class AnswersCard(Card):
    """Top 5 of one explained picture."""

    target_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._untrained = False
        self._announced = 0.0
        self._title = QLabel("Top 5")
        self._title.setObjectName("title")
        self._hint = QLabel("click one to aim the gradient")
        self._hint.setObjectName("hint")
        self.bars = AnswerBars()
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.addLayout(head)
        column.addWidget(self.bars, 1)
        self.bars.target_chosen.connect(self.target_chosen)

    def set_untrained(self, untrained: bool) -> None:
        """Say that these answers are chance."""
        self._untrained = untrained
        self._hint.setText("random weights, answers are chance" if untrained
                           else "click one to aim the gradient")  # fmt: skip

    def set_answers(self, explained: Explained, names: Sequence[str], target: Target) -> None:
        """Show the five best; a chosen target beyond them takes the last place."""
        indices = list(explained.top(5))
        if target.class_index is not None and target.class_index not in indices:
            indices[-1] = target.class_index
        rows = [Row(i, names[i], float(explained.probabilities[i])) for i in indices]
        full = FULL_BAR_UNTRAINED if self._untrained else FULL_BAR
        full = max(full, *(row.probability for row in rows))
        self.bars.set_rows(rows, explained.target_class, full)
        self._announce(rows[0])

    def clear(self) -> None:
        """Show no answer."""
        self.bars.set_rows([], None, FULL_BAR)

    def _announce(self, best: Row) -> None:
        now = time.monotonic()
        if now - self._announced < SECONDS_BETWEEN_ANNOUNCEMENTS:
            return
        self._announced = now
        text = f"{best.name}, {percent(best.probability)}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.bars, text))
