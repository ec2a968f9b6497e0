"""A choice of one out of a few, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, theme
from app.widgets.controls_drawing import (
    claims_key,
    control_height,
    draw_control,
    draw_focus_ring,
    draw_label,
    follow_theme,
    icon_width,
    scaled,
)
from app.widgets.glyphs import Glyph

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_CHOOSES = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
_OWN_KEYS = frozenset(_STEPS) | _CHOOSES
_EDGE = 4  # pixels around the chosen item


@dataclass(frozen=True, slots=True)
class Segment:
    """One item of a segmented choice. reason: why it is off, None if it is not."""

    key: Hashable
    text: str = ""
    icon: str | Glyph | None = None
    tooltip: str = ""
    reason: str | None = None


class SegmentedControl(QWidget):
    """One of a few, by mouse or keys.

    Arrow keys choose the next item that is on. Where none is chosen, because the items are
    actions, they only move, and Space or Enter takes the item.
    """

    chosen = Signal(object)

    def __init__(self, name: str, segments: Sequence[Segment], *, stretch: bool = False) -> None:
        super().__init__()
        self._segments = list(segments)
        self._current: Hashable = None
        self._cursor = 0
        self._stretch = stretch
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        across = QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    @property
    def current(self) -> Hashable:
        return self._current

    def set_current(self, key: Hashable) -> None:
        """Show that item as the chosen one, without telling anyone; no item's key: no choice."""
        self._current = key
        for number, segment in enumerate(self._segments):
            if segment.key == key:
                self._cursor = number
        self._describe()
        self.update()

    def set_segments(self, segments: Sequence[Segment]) -> None:
        """Replace the items, keeping the choice."""
        self._segments = list(segments)
        self._cursor = min(self._cursor, max(0, len(self._segments) - 1))
        self._describe()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._widths())) + 2 * _EDGE, control_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, control_height()) if self._stretch else self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        palette = theme().palette
        draw_control(painter, QRectF(self.rect()), palette.control)
        areas = self._areas()
        for number, (segment, area) in enumerate(zip(self._segments, areas, strict=True)):
            is_current = segment.key == self._current
            if is_current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.chosen)
                painter.drawRoundedRect(area, CONTROL_RADIUS - 2, CONTROL_RADIUS - 2)
            elif number and self._segments[number - 1].key != self._current:
                painter.setPen(QPen(palette.line, 1))
                x = area.left()
                painter.drawLine(QPointF(x, area.top() + 8), QPointF(x, area.bottom() - 8))
            self._draw_segment(painter, segment, area, is_current=is_current)
        if self.hasFocus():
            around = QRectF(self.rect()) if self._has_current() else areas[self._cursor]
            draw_focus_ring(painter, around, CONTROL_RADIUS)

    def _draw_segment(
        self, painter: QPainter, segment: Segment, area: QRectF, *, is_current: bool
    ) -> None:
        palette = theme().palette
        colour = palette.on_chosen if is_current else palette.second
        opacity = painter.opacity()
        if segment.reason is not None and not is_current:
            painter.setOpacity(0.5 * opacity)
        draw_label(painter, area, segment.text, segment.icon, colour, self._font(bold=is_current))
        painter.setOpacity(opacity)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for segment, area in zip(self._segments, self._areas(), strict=True):
            if area.contains(event.position()):
                self._choose(segment)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if step:
            self._move(step)
        elif event.key() in _CHOOSES and self._segments:
            self._choose(self._segments[self._cursor])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if claims_key(event, _OWN_KEYS):
            return True
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            for segment, area in zip(self._segments, self._areas(), strict=True):
                if area.contains(QPointF(event.pos())):
                    text = segment.reason or segment.tooltip
                    QToolTip.showText(event.globalPos(), text, self, area.toRect())
            return True
        return super().event(event)

    def _move(self, step: int) -> None:
        """Go to the next item that is on, around the end; choose it unless items are actions."""
        for distance in range(1, len(self._segments) + 1):
            number = (self._cursor + step * distance) % len(self._segments)
            if self._segments[number].reason is None:
                self._cursor = number
                break
        else:
            return
        if self._has_current():
            self._choose(self._segments[self._cursor])
        self._describe()
        self.update()

    def _choose(self, segment: Segment) -> None:
        if segment.reason is None:
            self.set_current(segment.key)
            self.chosen.emit(segment.key)

    def _has_current(self) -> bool:
        return any(segment.key == self._current for segment in self._segments)

    def _describe(self) -> None:
        if self._segments:
            segment = self._segments[self._cursor]
            self.setAccessibleDescription(segment.text or segment.tooltip)

    @staticmethod
    def _font(*, bold: bool) -> QFont:
        return theme().font(Size.CONTROL, Weight.SEMIBOLD if bold else Weight.MEDIUM)

    def _widths(self) -> list[float]:
        # Measured as if chosen, so that nothing moves when the choice does.
        metrics = QFontMetricsF(self._font(bold=True))
        return [
            max(
                44.0,
                metrics.horizontalAdvance(segment.text)
                + icon_width(segment.icon, segment.text)
                + scaled(14),
            )
            for segment in self._segments
        ]

    def _areas(self) -> list[QRectF]:
        widths = self._widths()
        free = self.width() - 2 * _EDGE
        if self._stretch and sum(widths) <= free:
            # Equal where there is room, in keeping with one another's weight.
            equal = free / len(widths)
            widths = [equal] * len(widths) if max(widths) <= equal else widths
        total = sum(widths)
        factor = free / total if self._stretch or total > free else 1.0
        areas, left = [], float(_EDGE)
        for width in widths:
            areas.append(QRectF(left, _EDGE, width * factor, self.height() - 2 * _EDGE))
            left += width * factor
        return areas
