"""Drawing a region of a screen with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QScreen
from PySide6.QtWidgets import QWidget

from app.sources.requests import ScreenRequest
from app.theme import Size, Weight, theme

LEAST_SIDE = 32
"""Pixels; what is smaller was a click."""

_DIM = QColor(0, 0, 0, 120)


class RegionPicker(QWidget):
    """Covers a screen with what it showed; Esc leaves without a choice."""

    picked = Signal(object)  # ScreenRequest

    def __init__(self, screen: QScreen) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.Window)
        self._screen = screen
        self._shown = screen.grabWindow(0)
        self._from: QPoint | None = None
        self._region = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Draw a region")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setGeometry(screen.geometry())
        self.setWindowState(Qt.WindowState.WindowFullScreen)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._shown)
        painter.fillRect(self.rect(), _DIM)
        if self._region.isEmpty():
            painter.setPen(QColor("white"))
            painter.setFont(theme().font(Size.PAGE, Weight.SEMIBOLD))
            middle = Qt.AlignmentFlag.AlignCenter
            painter.drawText(self.rect(), middle, "Draw the region with the mouse; Esc leaves")
            return
        ratio = self._shown.devicePixelRatio()
        part = QRect(self._region.topLeft() * ratio, self._region.size() * ratio)
        painter.drawPixmap(self._region, self._shown, part)
        painter.setPen(QPen(QColor("white"), 2))
        painter.drawRect(self._region)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().toPoint()
        self._region = QRect()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            start, here = self._from, event.position().toPoint()
            corner = QPoint(min(start.x(), here.x()), min(start.y(), here.y()))
            size = QSize(abs(start.x() - here.x()), abs(start.y() - here.y()))
            self._region = QRect(corner, size).intersected(self.rect())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        self._from, region = None, self._region
        if min(region.width(), region.height()) < LEAST_SIDE:
            self._region = QRect()
            self.update()
            return
        sides = (region.x(), region.y(), region.width(), region.height())
        self.close()
        self.picked.emit(ScreenRequest(self._screen.name(), sides))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
