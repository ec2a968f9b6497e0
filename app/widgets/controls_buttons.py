"""Cards, buttons, and buttons that open a menu."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QSizePolicy, QWidget

from app.theme import (
    CONTROL_HEIGHT,
    CONTROL_RADIUS,
    Size,
    Weight,
    icon_pixmap,
    theme,
)
from app.widgets.controls_drawing import (
    ICON,
    control_height,
    draw_card,
    draw_control,
    draw_focus_ring,
    draw_label,
    follow_theme,
    icon_width,
    scaled,
)

_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class Card(QFrame):
    """A rounded surface that carries one thing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_card(painter, QRectF(self.rect()))


class PaintedButton(QAbstractButton):
    """What painted buttons share: Enter presses them too, Tab reaches them, they follow the theme.

    A click does not take the focus: Left and Right go on to mean blocks.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        follow_theme(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.click()
        else:
            super().keyPressEvent(event)


class Look(Enum):
    """How loud a button is."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"


class ActionButton(PaintedButton):
    """A button with an icon, a text, or both; one without a text needs an accessible name."""

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
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_label(self, text: str) -> None:
        """Say something else, also to screen readers."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def set_icon(self, icon: str) -> None:
        """Another icon."""
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        text = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        width = text + icon_width(self._icon, self.text()) + scaled(24)
        return QSize(max(control_height(), round(width)), control_height())

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
        label = palette.on_chosen if self._look is Look.PRIMARY else palette.text
        if self.isChecked():
            background, label = palette.chosen, palette.on_chosen
        if not self.isEnabled():
            background, label = palette.control, palette.hint
        elif self.underMouse() and background != palette.chosen:
            background = palette.track
        draw_control(painter, QRectF(self.rect()), background)
        draw_label(painter, QRectF(self.rect()), self.text(), self._icon, label, self._font())
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _font(self) -> QFont:
        return theme().font(Size.CONTROL, Weight.MEDIUM)


class MenuButton(PaintedButton):
    """One or two lines of text, an icon and a chevron, over a menu that its owner fills."""

    def __init__(self, name: str, icon: str | None = None) -> None:
        super().__init__()
        self._icon, self._second, self._loud = icon, "", False
        self.menu = QMenu(self)
        self.setAccessibleName(name)
        self.setMinimumHeight(CONTROL_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.clicked.connect(self._open)

    def set_lines(self, first: str, second: str = "", *, icon: str | None = None) -> None:
        """What the button says: a bold line and, if there is one, a smaller one."""
        said, hint = (self.text(), self._second, self._icon), self.sizeHint()
        self.setText(first)
        self._second = second
        self._icon = icon or self._icon
        if (self.text(), self._second, self._icon) == said:
            return
        self.setAccessibleDescription(f"{first}, {second}" if second else first)
        # A live picture tells its time with every frame; laying the bar out anew would cost more
        # than the rest of it.
        if self.sizeHint() != hint and self.minimumWidth() != self.maximumWidth():
            self.updateGeometry()
        self.update()

    @property
    def second(self) -> str:
        """The smaller line."""
        return self._second

    def set_loud(self, loud: bool) -> None:
        """Yellow, for untrained networks."""
        self._loud = loud
        self.update()

    def sizeHint(self) -> QSize:
        widest = max(
            QFontMetricsF(self._font(bold=bold)).horizontalAdvance(text)
            for bold, text in ((True, self.text()), (False, self._second))
        )
        width = widest + scaled(48) + icon_width(self._icon, "text")
        return QSize(round(width), control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        ground = palette.untrained if self._loud else palette.control
        draw_control(painter, QRectF(self.rect()), ground)
        text = palette.on_untrained if self._loud else palette.text
        middle, ratio = self.height() / 2, self.devicePixelRatioF()
        left: float = scaled(14)
        if self._icon:
            side = scaled(ICON)
            pixmap = icon_pixmap(self._icon, text, side, ratio)
            painter.drawPixmap(QPointF(left, middle - side / 2), pixmap)
            left += side + scaled(8)
        has_menu = not self.menu.isEmpty()
        right = self.width() - scaled(34 if has_menu else 10)
        self._draw_lines(painter, left, right, text)
        if has_menu:
            side = scaled(16)
            chevron = icon_pixmap("chevron-down", text, side, ratio)
            painter.drawPixmap(QPointF(self.width() - scaled(26), middle - side / 2), chevron)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _draw_lines(self, painter: QPainter, left: float, right: float, colour: QColor) -> None:
        height, width = self.height(), right - left
        if not self._second:
            self._draw_line(painter, QRectF(left, 0, width, height), self.text(), colour, bold=True)
            return
        second = colour if self._loud else theme().palette.second
        upper = QRectF(left, height * 0.05, width, height * 0.5)
        lower = QRectF(left, height * 0.5, width, height * 0.45)
        self._draw_line(painter, upper, self.text(), colour, bold=True)
        self._draw_line(painter, lower, self._second, second, bold=False)

    def _draw_line(
        self, painter: QPainter, area: QRectF, text: str, colour: QColor, *, bold: bool
    ) -> None:
        font = self._font(bold=bold)
        painter.setFont(font)
        painter.setPen(colour)
        elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)

    @Slot()
    def _open(self) -> None:
        if not self.menu.isEmpty():
            self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @staticmethod
    def _font(*, bold: bool) -> QFont:
        if bold:
            return theme().font(Size.CONTROL, Weight.SEMIBOLD)
        return theme().font(Size.CAPTION)
