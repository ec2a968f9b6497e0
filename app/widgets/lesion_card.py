"""Switching a block's residual branch off, and what that does to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from app.theme import Size, Weight, theme
from app.widgets.answers_card import FULL_BAR, FULL_BAR_UNTRAINED, draw_bar, percent
from app.widgets.controls import Card, Switch

Probabilities = npt.NDArray[np.float32]


def short(block: str) -> str:
    """``4.2`` for conv4_2."""
    return block.removeprefix("conv").replace("_", ".")


class LossBars(QWidget):
    """What losing each block's branch would do to the target, in points, as bars."""

    block_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._losses: Mapping[str, float] = {}
        self._block = ""
        self._title = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("What each block's loss would do")
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(368, 190)

    def set_losses(self, losses: Mapping[str, float] | None, title: str, block: str) -> None:
        """Points of probability by block, None while they are computed."""
        self._losses, self._title, self._block = losses or {}, title, block
        words = ", ".join(
            f"{short(name)} {100 * loss:+.1f}" for name, loss in (losses or {}).items()
        )
        self.setAccessibleDescription(f"{title}: {words}" if words else title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(palette.second)
        title = QFontMetricsF(painter.font()).elidedText(
            self._title, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(QRectF(0, 0, self.width(), 20), Qt.AlignmentFlag.AlignVCenter, title)
        if not self._losses:
            return
        values = list(self._losses.values())
        top, bottom = 44.0, self.height() - 44.0
        highest, lowest = max(0.0, *values), min(0.0, *values)
        span = max(highest - lowest, 1e-6)
        zero = top + (bottom - top) * highest / span
        for number, (name, value) in enumerate(self._losses.items()):
            self._draw_bar(painter, number, name, value, zero, (bottom - top) / span)
        painter.setPen(QPen(palette.hint, 1.5))
        painter.drawLine(QPointF(0, zero), QPointF(self.width(), zero))

    def _draw_bar(
        self, painter: QPainter, number: int, name: str, value: float, zero: float, scale: float
    ) -> None:
        palette = theme().palette
        column = self._column(number)
        few = len(self._losses) <= 8
        if name == self._block:
            painter.fillRect(column.adjusted(0, 24, 0, 0), palette.control)
        inset = column.width() * (0.16 if few else 0.1)
        height = value * scale
        bar = QRectF(column.left() + inset, zero - max(height, 0), column.width() - 2 * inset,
                     max(1.0, abs(height)))  # fmt: skip
        painter.fillRect(bar, palette.residual)
        chosen = name == self._block
        painter.setFont(theme().font(Size.CAPTION, Weight.SEMIBOLD if chosen else Weight.REGULAR))
        painter.setPen(palette.text if chosen else palette.second)
        if few or chosen:
            wide = column.adjusted(-40, 0, 40, 0)
            text = f"{100 * value:+.1f}".replace("-", "−")  # noqa: RUF001
            y = bar.top() - 18 if value > 0 else bar.bottom() + 2
            y = min(y, self.height() - 42.0)
            painter.drawText(QRectF(wide.left(), y, wide.width(), 18),
                             Qt.AlignmentFlag.AlignCenter, text)  # fmt: skip
            painter.drawText(QRectF(wide.left(), self.height() - 22, wide.width(), 20),
                             Qt.AlignmentFlag.AlignCenter, short(name))  # fmt: skip

    def _column(self, number: int) -> QRectF:
        width = self.width() / max(1, len(self._losses))
        return QRectF(number * width, 0, width, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for number, name in enumerate(self._losses):
            if self._column(number).contains(event.position()):
                self.block_chosen.emit(name)


class OutcomeBars(QWidget):
    """The five best answers without the branch, with what they are with it."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, float, float]] = []
        self._full = FULL_BAR
        self.setAccessibleName("Top 5 would become")
        theme().changed.connect(self.update)

    @property
    def rows(self) -> tuple[tuple[str, float, float], ...]:
        """(name, probability now, probability then), the best then first."""
        return tuple(self._rows)

    def sizeHint(self) -> QSize:
        return QSize(368, 190)

    def set_rows(self, rows: Sequence[tuple[str, float, float]], full: float) -> None:
        """Show rows; bars are full at ``full``."""
        self._rows, self._full = list(rows), full
        self.setAccessibleDescription(
            ", ".join(f"{n} {percent(now)}, then {percent(then)}" for n, now, then in rows)
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(palette.second)
        head = QRectF(0, 0, self.width(), 22)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "Top 5 would become")
        painter.drawText(head, right, "now  →  then")
        height = min(38.0, (self.height() - 24) / 5)
        for number, (name, now, then) in enumerate(self._rows):
            line = QRectF(0, 24 + number * height, self.width(), height - 12)
            painter.setFont(theme().font(Size.CONTROL, Weight.MEDIUM))
            painter.setPen(palette.text)
            text = QFontMetricsF(painter.font()).elidedText(
                name, Qt.TextElideMode.ElideRight, self.width() - 150
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
            painter.drawText(line, right, percent(then))
            painter.setPen(palette.hint)
            painter.drawText(line.adjusted(0, 0, -64, 0), right, f"{percent(now)} →")
            y = line.bottom() + 5
            draw_bar(painter, 0, self.width(), y, then / self._full, palette.residual)
            x = min(1.0, now / self._full) * (self.width() - 2) + 1
            painter.setPen(QPen(palette.text, 3))
            painter.drawLine(QPointF(x, y - 7), QPointF(x, y + 7))


class LesionCard(Card):
    """The switch, and under it what each block's loss would do, or what this one's does."""

    lesion_toggled = Signal(bool)
    block_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._block = ""
        self._untrained = False
        self.switch = Switch("Residual branch off")
        self._title = QLabel("Residual branch off")
        self._title.setObjectName("title")
        self._caption = QLabel()
        self._caption.setObjectName("hint")
        self.losses = LossBars()
        self.outcome = OutcomeBars()
        self._stack = QStackedLayout()
        self._stack.addWidget(self.losses)
        self._stack.addWidget(self.outcome)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._caption)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.switch)
        head.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 12)
        column.addLayout(head)
        column.addLayout(self._stack, 1)
        self.switch.toggled.connect(self._toggled)
        self.losses.block_chosen.connect(self.block_chosen)

    def set_untrained(self, untrained: bool) -> None:
        """Bars of chance are drawn on a finer scale."""
        self._untrained = untrained

    def set_block(self, name: str) -> None:
        """The block that the switch is about; conv1 has no branch to switch."""
        self._block = name
        self.switch.setEnabled(name != "conv1")
        self._say()

    def set_lesioned(self, on: bool) -> None:
        """Show the switch as on or off without telling anyone."""
        self.switch.blockSignals(True)
        self.switch.setChecked(on)
        self.switch.blockSignals(False)
        self.switch.update()
        self._say()

    def set_losses(self, losses: Mapping[str, float] | None, target_name: str) -> None:
        """What each block's loss would do to the target's probability, None while computing."""
        title = f"“{target_name}” would change by, in points" if losses else "computing ..."
        self.losses.set_losses(losses, title, self._block)

    def set_outcome(
        self, now: Probabilities, then: Probabilities | None, names: Sequence[str]
    ) -> None:
        """Probabilities (K,) with and without the branch; then is None while computing."""
        if then is None:
            self.outcome.set_rows([], FULL_BAR)
            return
        best = [int(i) for i in np.argsort(-then, kind="stable")[:5]]
        rows = [(names[i], float(now[i]), float(then[i])) for i in best]
        least = FULL_BAR_UNTRAINED if self._untrained else FULL_BAR
        self.outcome.set_rows(rows, max(least, *(max(a, b) for _, a, b in rows)))

    def clear(self) -> None:
        """Show no numbers."""
        self.losses.set_losses(None, "", self._block)
        self.outcome.set_rows([], FULL_BAR)

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._say()
        self.lesion_toggled.emit(on)

    def _say(self) -> None:
        on = self.switch.isChecked()
        self._stack.setCurrentWidget(self.outcome if on else self.losses)
        name = f"conv{short(self._block)}"
        if self._block == "conv1":
            self._caption.setText("conv1 has no residual branch")
        else:
            self._caption.setText(
                f"{name} passes only its shortcut on" if on else f"try {name} without F(x)"
            )
