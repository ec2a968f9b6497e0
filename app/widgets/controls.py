"""The window's controls: cards, buttons, segmented choices, a switch, a slider, menus.

None has a hue: what is chosen is drawn in the text's colour with its label inverted.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QSizePolicy, QToolTip, QWidget

from app.theme import (
    CONTROL_HEIGHT,
    CONTROL_RADIUS,
    RADIUS,
    Size,
    Weight,
    icon_pixmap,
    theme,
)
from app.widgets.glyphs import Glyph, paint_glyph

ICON = 20
GLYPH = 30


def draw_focus_ring(painter: QPainter, rect: QRectF, radius: float) -> None:
    """A ring 3 pixels wide inside the rectangle's edge, in the text's colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().palette.text, 3))
    painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), radius, radius)


class Card(QFrame):
    """A rounded surface that carries one thing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setPen(QPen(palette.line, 1))
        painter.setBrush(palette.card)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, RADIUS, RADIUS)


class Look(Enum):
    """How loud a button is."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"


class ActionButton(QAbstractButton):
    """A button with an icon, a text, or both."""

    def __init__(
        self,
        text: str = "",
        icon: str | None = None,
        look: Look = Look.SECONDARY,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._look = icon, look
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        text = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        width = text + (ICON if self._icon else 0) + (8 if text and self._icon else 0) + 24
        return QSize(max(CONTROL_HEIGHT, round(width)), CONTROL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        background = {
            Look.PRIMARY: palette.chosen,
            Look.SECONDARY: palette.control,
            Look.QUIET: QColor(Qt.GlobalColor.transparent),
        }[self._look]
        if self.underMouse() and self.isEnabled() and self._look is not Look.PRIMARY:
            background = palette.track
        label = palette.on_chosen if self._look is Look.PRIMARY else palette.text
        if not self.isEnabled():
            label = palette.hint
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(background)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
        draw_label(painter, QRectF(self.rect()), self.text(), self._icon, label, self._font())
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _font(self) -> QFont:
        return theme().font(Size.CONTROL, Weight.MEDIUM)


def draw_label(
    painter: QPainter,
    rect: QRectF,
    text: str,
    icon: str | Glyph | None,
    colour: QColor,
    font: QFont,
) -> None:
    """Draw an icon, or the glyph of a shortcut, and a text side by side in a rectangle's middle."""
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(text)
    beside = icon_width(icon, text)
    left = rect.center().x() - (width + beside) / 2
    if isinstance(icon, Glyph):
        # Inverted on a chosen item, else blue: the shortcut's own colour.
        palette = theme().palette
        arc = colour if colour == palette.on_chosen else palette.shortcut
        area = QRectF(left, rect.center().y() - ICON / 2, GLYPH, ICON)
        paint_glyph(painter, area, icon, arc, colour)
    elif icon:
        pixmap = icon_pixmap(icon, colour, ICON, painter.device().devicePixelRatio())
        painter.drawPixmap(QPointF(left, rect.center().y() - ICON / 2), pixmap)
    area = QRectF(left + beside, rect.top(), width + 1, rect.height())
    painter.setPen(colour)
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def icon_width(icon: str | Glyph | None, text: str) -> int:
    """Pixels that an icon takes with its gap to the text."""
    if icon is None:
        return 0
    return (GLYPH if isinstance(icon, Glyph) else ICON) + (8 if text else 0)


@dataclass(frozen=True, slots=True)
class Segment:
    """One item of a segmented choice. reason: why it is off, None if it is not."""

    key: Hashable
    text: str = ""
    icon: str | Glyph | None = None
    tooltip: str = ""
    reason: str | None = None


class SegmentedControl(QWidget):
    """One of a few, side by side; arrow keys move between those that are on."""

    chosen = Signal(object)

    def __init__(self, name: str, segments: Sequence[Segment], *, stretch: bool = False) -> None:
        super().__init__()
        self._segments = list(segments)
        self._current: Hashable = None
        self._stretch = stretch
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        across = QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def current(self) -> Hashable:
        return self._current

    def set_current(self, key: Hashable) -> None:
        """Show that item as the chosen one, without telling anyone; None shows no choice."""
        self._current = key
        text = next((s.text or s.tooltip for s in self._segments if s.key == key), "")
        self.setAccessibleDescription(text)
        self.update()

    def set_segments(self, segments: Sequence[Segment]) -> None:
        """Replace the items, keeping the choice."""
        self._segments = list(segments)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._widths())) + 8, CONTROL_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, CONTROL_HEIGHT) if self._stretch else self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.control)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
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
                painter.drawLine(QPointF(x, area.top() + 10), QPointF(x, area.bottom() - 10))
            self._draw_segment(painter, segment, area, is_current=is_current)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _draw_segment(
        self, painter: QPainter, segment: Segment, area: QRectF, *, is_current: bool
    ) -> None:
        palette = theme().palette
        colour = palette.on_chosen if is_current else palette.second
        if segment.reason is not None and not is_current:
            painter.setOpacity(0.5)
        draw_label(painter, area, segment.text, segment.icon, colour, self._font(is_current))
        painter.setOpacity(1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for segment, area in zip(self._segments, self._areas(), strict=True):
            if area.contains(event.position()):
                self._choose(segment)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step == 0:
            super().keyPressEvent(event)
            return
        on = [segment for segment in self._segments if segment.reason is None]
        keys = [segment.key for segment in on]
        if on:
            here = keys.index(self._current) if self._current in keys else -step
            self._choose(on[(here + step) % len(on)])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            for segment, area in zip(self._segments, self._areas(), strict=True):
                if area.contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), segment.reason or segment.tooltip, self)
            return True
        return super().event(event)

    def _choose(self, segment: Segment) -> None:
        if segment.reason is None:
            self.set_current(segment.key)
            self.chosen.emit(segment.key)

    def _font(self, bold: bool) -> QFont:
        return theme().font(Size.CONTROL, Weight.SEMIBOLD if bold else Weight.MEDIUM)

    def _widths(self) -> list[float]:
        metrics = QFontMetricsF(self._font(bold=True))
        widths = []
        for segment in self._segments:
            text = metrics.horizontalAdvance(segment.text)
            widths.append(max(44.0, text + icon_width(segment.icon, segment.text) + 20))
        return widths

    def _areas(self) -> list[QRectF]:
        widths = self._widths()
        free = self.width() - 8
        factor = free / sum(widths) if self._stretch or sum(widths) > free else 1.0
        areas, left = [], 4.0
        for width in widths:
            areas.append(QRectF(left, 4, width * factor, self.height() - 8))
            left += width * factor
        return areas


class Switch(QAbstractButton):
    """On or off; on is orange, because it is the residual branch that it switches."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(52, CONTROL_HEIGHT)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        track = QRectF(0.5, self.height() / 2 - 14, 51, 28)
        painter.setPen(QPen(palette.residual if self.isChecked() else palette.hint, 1))
        painter.setBrush(palette.residual if self.isChecked() else palette.control)
        painter.drawRoundedRect(track, 14, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.card if self.isChecked() else palette.hint)
        x = track.right() - 14 if self.isChecked() else track.left() + 14
        painter.drawEllipse(QPointF(x, track.center().y()), 10, 10)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), 16)


class Slider(QWidget):
    """A value from 0 to 1, by mouse, wheel or arrow keys."""

    moved = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._value = 0.5
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setMinimumWidth(64)
        theme().changed.connect(self.update)

    @property
    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        self._value = min(max(value, 0.0), 1.0)
        self.setAccessibleDescription(f"{100 * self._value:.0f} percent")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        middle, left, right = self.height() / 2, 11.0, self.width() - 11.0
        x = left + self._value * (right - left)
        for start, end, colour in ((left, right, palette.track), (left, x, palette.text)):
            painter.setPen(QPen(colour, 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(start, middle), QPointF(end, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.text)
        painter.drawEllipse(QPointF(x, middle), 10, 10)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to((event.position().x() - 11) / max(1, self.width() - 22))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}.get(Qt.Key(event.key()), 0.0)
        if step:
            self._move_to(self._value + step)
        else:
            super().keyPressEvent(event)

    def _move_to(self, value: float) -> None:
        self.set_value(value)
        self.moved.emit(self._value)


class MenuButton(QAbstractButton):
    """Two lines of text, an icon and a chevron, over a menu that its owner fills."""

    def __init__(self, name: str, icon: str | None = None) -> None:
        super().__init__()
        self._icon, self._second, self._loud = icon, "", False
        self.menu = QMenu(self)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.clicked.connect(self._open)
        theme().changed.connect(self.update)

    def set_lines(self, first: str, second: str, *, icon: str | None = None) -> None:
        """What the button says: a bold line and a smaller one."""
        self.setText(first)
        self._second = second
        self._icon = icon or self._icon
        self.setAccessibleDescription(f"{first}, {second}")
        self.update()

    @property
    def second(self) -> str:
        """The smaller line."""
        return self._second

    def set_loud(self, loud: bool) -> None:
        """Yellow, for untrained networks."""
        self._loud = loud
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.untrained if self._loud else palette.control)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
        text = palette.on_untrained if self._loud else palette.text
        second = palette.on_untrained if self._loud else palette.second
        left = 14.0
        ratio = self.devicePixelRatioF()
        if self._icon:
            painter.drawPixmap(QPointF(left, 10), icon_pixmap(self._icon, text, ICON, ratio))
            left += ICON + 8
        has_menu = not self.menu.isEmpty()
        right = self.width() - (34 if has_menu else 10)
        self._line(painter, QRectF(left, 2, right - left, 20), self.text(), text, bold=True)
        self._line(painter, QRectF(left, 20, right - left, 18), self._second, second, bold=False)
        if has_menu:
            chevron = icon_pixmap("chevron-down", text, 16, ratio)
            painter.drawPixmap(QPointF(self.width() - 26, 12), chevron)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _line(
        self, painter: QPainter, area: QRectF, text: str, colour: QColor, *, bold: bool
    ) -> None:
        font = theme().font(Size.CONTROL if bold else Size.CAPTION,
                            Weight.SEMIBOLD if bold else Weight.REGULAR)  # fmt: skip
        painter.setFont(font)
        painter.setPen(colour)
        elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)

    @Slot()
    def _open(self) -> None:
        if not self.menu.isEmpty():
            self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
