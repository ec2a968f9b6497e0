"""Answers as rows of a name, a bar and a probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import draw_focus_ring, scaled
from app.widgets.controls_drawing import claims_key
from app.widgets.pace import BARS_SECONDS, Pace
from app.widgets.text import draw_text, text_width

FULL_BAR = 0.10  # bars run from 0 to the larger of this and the best answer
FULL_BAR_UNTRAINED = 0.02
BAR = 6  # pixels
_LOW_ROW, _LOW_BAR = 34, 3  # a row under which type and bar are smaller, and that bar

_TALLEST_ROW = 64
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_CHOOSES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})
_OWN_KEYS = frozenset(_STEPS) | _CHOOSES


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


def draw_bar(
    painter: QPainter,
    left: float,
    right: float,
    y: float,
    share: float,
    colour: QColor,
    thickness: float = BAR,
) -> None:
    """A bar on its track, filled to ``share`` of 0 to 1; nothing if that is nothing."""
    half = thickness / 2
    filled = left + (right - left) * min(max(share, 0.0), 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    for end, fill in ((right, theme().palette.track), (filled, colour)):
        if end - left >= 0.5:
            painter.setBrush(fill)
            area = QRectF(left, y - half, end - left, thickness)
            painter.drawRoundedRect(area, min(half, area.width() / 2), half)


class AnswerBars(QWidget):
    """The rows; Up and Down move the cursor, Enter makes the row under it the target."""

    target_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._target: int | None = None
        self._full = FULL_BAR
        self._cursor = 0
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Top 5")
        self.pace = Pace(self, self._show_rows, BARS_SECONDS)
        theme().changed.connect(self.update)

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    @property
    def full(self) -> float:
        """The probability at which a bar is full."""
        return self._full

    def sizeHint(self) -> QSize:
        return QSize(380, scaled(240))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 5 * 36)

    def set_rows(self, rows: Sequence[Row], target: int | None, full: float) -> None:
        """Show answers; target: the class that the gradients aim at."""
        if target != self._target:
            places = [number for number, row in enumerate(rows) if row.class_index == target]
            self._cursor = places[0] if places else 0
        self._rows, self._target, self._full = list(rows), target, full
        self._cursor = min(self._cursor, max(0, len(self._rows) - 1))
        self.pace.ask()

    def _show_rows(self) -> None:
        self._describe()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, row in enumerate(self._rows):
            self._draw(painter, row, self._area(number), is_hovered=number == self._hovered)
        if self.hasFocus():
            around = self._area(self._cursor) if self._rows else QRectF(self.rect())
            draw_focus_ring(painter, around, CONTROL_RADIUS, with_gap=False)

    def _area(self, number: int) -> QRectF:
        height = min(float(scaled(_TALLEST_ROW)), self.height() / 5)
        return QRectF(0, number * height, self.width(), height - 4)

    def _draw(self, painter: QPainter, row: Row, area: QRectF, *, is_hovered: bool) -> None:
        palette = theme().palette
        is_target = row.class_index == self._target
        if is_target or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.control)
            painter.setOpacity(1.0 if is_target else 0.5)
            painter.drawRoundedRect(area, CONTROL_RADIUS, CONTROL_RADIUS)
            painter.setOpacity(1.0)
        is_low = area.height() < scaled(_LOW_ROW)
        thickness, gap = (_LOW_BAR, 0.0) if is_low else (BAR, 3.0)
        bar_y = area.bottom() - thickness - gap
        height = bar_y - area.top() - gap
        line = QRectF(scaled(36), area.top(), area.width() - scaled(36) - 8, height)
        if is_target:
            side = scaled(20)
            ring = icon_pixmap("circle-dot", palette.text, side, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(8, line.center().y() - side / 2), ring)
        size = Size.CONTROL if is_low else Size.TITLE
        self._draw_words(painter, row, line, size, is_target=is_target)
        share = row.probability / self._full
        draw_bar(painter, line.left(), line.right(), bar_y, share, palette.text, thickness)

    @staticmethod
    def _draw_words(
        painter: QPainter, row: Row, line: QRectF, size: Size, *, is_target: bool
    ) -> None:
        number, ink = percent(row.probability), theme().palette.text
        bold = Weight.BOLD if is_target else Weight.SEMIBOLD
        right = Qt.AlignmentFlag.AlignRight
        draw_text(painter, line, number, size, bold, ink, right)
        room = QRectF(line)
        room.setWidth(line.width() - text_width(number, size, bold) - 16)
        weight = Weight.BOLD if is_target else Weight.MEDIUM
        draw_text(painter, room, row.name, size, weight, ink, elided=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number is not None:
            self._cursor = number
            self._choose()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if step and self._rows:
            self._cursor = min(max(self._cursor + step, 0), len(self._rows) - 1)
            self._describe()
            self.update()
        elif event.key() in _CHOOSES and self._rows:
            self._choose()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if claims_key(event, _OWN_KEYS):
            return True
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            number = self._at(QPointF(event.pos()))
            if number is not None:
                row = self._rows[number]
                text = f"{row.name}, {100 * row.probability:.2f} %: aim the gradient at it"
                QToolTip.showText(event.globalPos(), text, self, self._area(number).toRect())
            return True
        return super().event(event)

    def _choose(self) -> None:
        self.target_chosen.emit(self._rows[self._cursor].class_index)

    def _at(self, position: QPointF) -> int | None:
        for number in range(len(self._rows)):
            if self._area(number).contains(position):
                return number
        return None

    def _hover(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            pointing, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
            shape = arrow if number is None else pointing
            self.setCursor(shape)
            self.update()

    def _describe(self) -> None:
        words = [
            f"{row.name} {percent(row.probability)}"
            + (", the target" if row.class_index == self._target else "")
            for row in self._rows
        ]
        if self.hasFocus() and words:
            words.insert(0, f"at {self._rows[self._cursor].name}")
        self.setAccessibleDescription("; ".join(words))
