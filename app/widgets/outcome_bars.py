"""What the answers would become without a block's residual branch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import Size, Weight, theme
from app.widgets.answer_bars import FULL_BAR, draw_bar, percent
from app.widgets.controls import scaled

_HEAD = 22
_LEAST_ROW = 32
"""Lower ones would have names and bars over each other."""


class OutcomeBars(QWidget):
    """The best answers then: an orange bar, and a black tick where they are now. Five, or as many
    as have room beside a live picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, float, float]] = []
        self._full = FULL_BAR
        self.setAccessibleName("Top 5 would become")
        self.setToolTip("Orange bar: without the residual branch. Tick: the intact network")
        theme().changed.connect(self.update)

    @property
    def rows(self) -> tuple[tuple[str, float, float], ...]:
        """(name, probability now, probability then), the best then first."""
        return tuple(self._rows)

    @property
    def shown(self) -> tuple[tuple[str, float, float], ...]:
        """The rows that have room."""
        return self.rows[: max(1, (self.height() - scaled(_HEAD)) // scaled(_LEAST_ROW))]

    def sizeHint(self) -> QSize:
        return QSize(368, scaled(190))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 140)

    def set_rows(self, rows: Sequence[tuple[str, float, float]], full: float) -> None:
        """Show rows, none while they are computed; bars are full at ``full``."""
        self._rows, self._full = list(rows), full
        words = "; ".join(f"{n} {percent(now)}, then {percent(then)}" for n, now, then in rows)
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        head = scaled(_HEAD)
        area = QRectF(0, 0, self.width(), head)
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(theme().palette.second)
        shown = self.shown
        title = f"Top {len(shown)} would become" if shown else "computing …"
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, title)
        if not shown:
            return
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(area, right, "now  →  then")
        height = min(float(scaled(48)), (self.height() - head) / len(shown))
        for number, row in enumerate(shown):
            self._draw_row(painter, row, QRectF(0, head + number * height, self.width(), height))

    def _draw_row(self, painter: QPainter, row: tuple[str, float, float], area: QRectF) -> None:
        name, now, then = row
        palette = theme().palette
        y = area.bottom() - 7
        line = QRectF(area.left(), area.top(), area.width(), y - 4 - area.top())
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        bold = theme().font(Size.CONTROL, Weight.SEMIBOLD)
        metrics = QFontMetricsF(bold)
        painter.setFont(bold)
        painter.setPen(palette.text)
        painter.drawText(line, middle | right, percent(then))
        then_width = metrics.horizontalAdvance("99.9 %") + scaled(14)
        room = line.width() - 2 * then_width - scaled(16)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, middle, text)
        painter.setFont(theme().font(Size.CONTROL))
        painter.setPen(palette.hint)
        painter.drawText(line.adjusted(0, 0, -then_width, 0), middle | right, f"{percent(now)} →")
        draw_bar(painter, area.left(), area.right(), y, then / self._full, palette.residual)
        x = area.left() + 1.5 + min(1.0, now / self._full) * (area.width() - 3)
        # A rim in the card's colour keeps the tick apart from a bar of any length.
        for colour, width in ((palette.card, 5), (palette.text, 3)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(QPointF(x, y - 7), QPointF(x, y + 6))
