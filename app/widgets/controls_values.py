"""A switch and a slider."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import CONTROL_RADIUS, theme
from app.widgets.controls_buttons import PaintedButton
from app.widgets.controls_drawing import (
    claims_key,
    control_height,
    draw_focus_ring,
    follow_theme,
    scaled,
)

_STEPS = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}
_ENDS = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: 1.0}
_SLIDER_KEYS = frozenset(_STEPS) | frozenset(_ENDS)
_WHEEL_NOTCH = 120  # Qt's unit for one click of a wheel


class Switch(PaintedButton):
    """On or off. of_residual: on is orange, because it is the residual branch that it switches;
    other switches have no hue.
    """

    def __init__(self, name: str, *, of_residual: bool = False) -> None:
        super().__init__()
        self._of_residual = of_residual
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(scaled(52), control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        if not self.isEnabled():
            painter.setOpacity(0.5)
        height = scaled(28)
        track = QRectF(0.5, (self.height() - height) / 2, self.width() - 1, height)
        on = palette.residual if self._of_residual else palette.chosen
        painter.setPen(QPen(on if self.isChecked() else palette.hint, 1))
        painter.setBrush(on if self.isChecked() else palette.control)
        painter.drawRoundedRect(track, height / 2, height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.card if self.isChecked() else palette.hint)
        inset = height / 2
        x = track.right() - inset if self.isChecked() else track.left() + inset
        radius = height * 0.36
        painter.drawEllipse(QPointF(x, track.center().y()), radius, radius)
        if self.hasFocus():
            around = track.adjusted(-0.5, -6, 0.5, 6)
            draw_focus_ring(painter, around, around.height() / 2)


class Slider(QWidget):
    """A value from 0 to 1, by mouse, wheel or keys (arrows by tenths, Home, End)."""

    moved = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._value, self._is_dragged = 0.5, False
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    @property
    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        self._value = min(max(value, 0.0), 1.0)
        self.setAccessibleDescription(f"{100 * self._value:.0f} percent")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(76), control_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(76), control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        middle, left = self.height() / 2, self._inset()
        right = self.width() - left
        x = left + self._value * (right - left)
        for end, colour in ((right, palette.track), (x, palette.text)):
            pen = QPen(colour, scaled(6), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(end, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.text)
        painter.drawEllipse(QPointF(x, middle), scaled(10), scaled(10))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    @property
    def is_dragged(self) -> bool:
        """Whether the mouse holds it."""
        return self._is_dragged

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        self._is_dragged = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._is_dragged = True
        inset = self._inset()
        self._move_to((event.position().x() - inset) / max(1.0, self.width() - 2 * inset))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._move_to(self._value + 0.1 * event.angleDelta().y() / _WHEEL_NOTCH)

    def event(self, event: QEvent) -> bool:
        return claims_key(event, _SLIDER_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._move_to(round(self._value + _STEPS[key], 2))
        elif key in _ENDS:
            self._move_to(_ENDS[key])
        else:
            super().keyPressEvent(event)

    def _inset(self) -> float:
        # The knob, and round it the ring of the focus.
        return scaled(10) + 6.0

    def _move_to(self, value: float) -> None:
        before = self._value
        self.set_value(value)
        if self._value != before:
            self.moved.emit(self._value)
