"""What the window says while something is held over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import RADIUS, Size, Weight, theme


class DropHint(QWidget):
    """A veil over the whole window; it takes no events, so that the window gets the drop."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Show over all of the parent."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        veil = QColor(palette.window)
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        pen = QPen(palette.text, 3)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(8, 8, -8, -8), RADIUS, RADIUS)
        painter.setFont(theme().font(Size.PAGE, Weight.BOLD))
        painter.setPen(palette.text)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Drop to open")
