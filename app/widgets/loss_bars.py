"""What the loss of each block's residual branch would do to the target."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app.theme import Size, Weight, theme
from app.widgets.controls import scaled

_FEW = 8  # blocks whose numbers all find room beside one another
_LINE = 20  # pixels of a line of captions at zoom 1


def short(block: str) -> str:
    """``4.2`` for conv4_2."""
    return block.removeprefix("conv").replace("_", ".")


def points(loss: float) -> str:
    """A change of probability in percentage points: ``+1.2``, with a real minus sign."""
    return f"{100 * loss:+.1f}".replace("-", "\N{MINUS SIGN}")


class LossBars(QWidget):
    """One bar a block, up or down from zero; a click selects the block."""

    block_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._losses: Mapping[str, float] = {}
        self._block = ""
        self._title = ""
        self.setMouseTracking(True)
        self.setAccessibleName("What each block's loss would do")
        theme().changed.connect(self.update)

    @property
    def title(self) -> str:
        """The line above the bars."""
        return self._title

    def sizeHint(self) -> QSize:
        return QSize(368, scaled(190))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 140)

    def set_block(self, block: str) -> None:
        """The block on show, whose bar is marked."""
        self._block = block
        self.update()

    def set_losses(self, losses: Mapping[str, float] | None, title: str) -> None:
        """Change of the target's probability (-1 to 1) by block; None while they are computed."""
        self._losses, self._title = losses or {}, title
        words = ", ".join(f"{short(name)} {points(loss)}" for name, loss in self._losses.items())
        self.setAccessibleDescription(f"{title}: {words}" if words else title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, line = theme().palette, scaled(_LINE)
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(palette.second)
        title = QFontMetricsF(painter.font()).elidedText(
            self._title, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignVCenter, title)
        if not self._losses:
            return
        zero, scale = self._axis()
        for number, (name, value) in enumerate(self._losses.items()):
            self._draw_bar(painter, self._column(number), name, zero, value * scale)
            if len(self._losses) <= _FEW or name == self._block:
                self._draw_words(painter, self._column(number), name, value, zero - value * scale)
        painter.setPen(QPen(palette.hint, 1.5))
        painter.drawLine(QPointF(0, zero), QPointF(self.width(), zero))

    def _axis(self) -> tuple[float, float]:
        """Where zero is, and pixels per unit; bars leave room for the numbers at their ends."""
        line = scaled(_LINE)
        highest = max(0.0, *self._losses.values())
        lowest = min(0.0, *self._losses.values())
        top = 1.4 * line + (line if highest > 0 else 0)
        bottom = self.height() - line - (line if lowest < 0 else 6)
        # At least half a point over the whole height: noise must not look like a finding.
        scale = (bottom - top) / max(highest - lowest, 0.005)
        return top + highest * scale, scale

    def _draw_bar(
        self, painter: QPainter, column: QRectF, name: str, zero: float, height: float
    ) -> None:
        palette = theme().palette
        if name == self._block:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.control)
            painter.drawRoundedRect(column.adjusted(0, scaled(_LINE) + 2, 0, 0), 4, 4)
        inset = column.width() * (0.16 if len(self._losses) <= _FEW else 0.1)
        bar = QRectF(column.left() + inset, zero - max(height, 0), column.width() - 2 * inset,
                     max(1.0, abs(height)))  # fmt: skip
        painter.fillRect(bar, palette.residual)

    def _draw_words(
        self, painter: QPainter, column: QRectF, name: str, value: float, end: float
    ) -> None:
        palette, line = theme().palette, scaled(_LINE)
        is_shown = name == self._block
        painter.setFont(theme().font(Size.CAPTION, Weight.BOLD if is_shown else Weight.MEDIUM))
        painter.setPen(palette.text if is_shown else palette.second)
        metrics = QFontMetricsF(painter.font())
        y = end - line + 1 if value > 0 else end + 1
        for text, top in ((points(value), y), (short(name), self.height() - line)):
            width = metrics.horizontalAdvance(text) + 2
            # The first and the last column are narrower than their words: stay inside.
            left = min(max(0.0, column.center().x() - width / 2), self.width() - width)
            area = QRectF(left, top, width, line)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self._at(event.position())
        if name is not None:
            self.block_chosen.emit(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_bar = self._at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_bar else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            name = self._at(QPointF(event.pos()))
            if name is not None:
                text = f"Without conv{short(name)}'s F(x): {points(self._losses[name])} points"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _at(self, position: QPointF) -> str | None:
        for number, name in enumerate(self._losses):
            if self._column(number).contains(position):
                return name
        return None

    def _column(self, number: int) -> QRectF:
        width = self.width() / max(1, len(self._losses))
        return QRectF(number * width, 0, width, self.height())
