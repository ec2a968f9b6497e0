"""The rail on the left: pages above, the window's own switches below."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import draw_focus_ring
from app.widgets.glyphs import Glyph, paint_glyph

WIDTH = 80
COMPACT_WIDTH = 56
PAGES = EXPLORE, WEIGHTS = "explore", "weights"
SHOW = "show"
"""Covers everything, the rail too."""


class RailButton(QAbstractButton):
    """An icon over a word; only the icon in a narrow window."""

    def __init__(self, text: str, icon: str, tooltip: str, *, chosen: bool = False) -> None:
        super().__init__()
        self.setText(text)
        self._icon, self._chosen = icon, chosen
        self.compact = False
        self.setAccessibleName(tooltip)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def set_chosen(self, chosen: bool) -> None:
        """Whether its page is on show."""
        self._chosen = chosen
        self.update()

    def set_face(self, text: str, icon: str) -> None:
        """Another word and icon."""
        self.setText(text)
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        return (QSize(44, 44) if self.compact else QSize(64, 64)) * theme().zoom

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        rect = QRectF(self.rect())
        if self._chosen or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.chosen if self._chosen else palette.control)
            painter.drawRoundedRect(rect, CONTROL_RADIUS, CONTROL_RADIUS)
        colour = palette.on_chosen if self._chosen else palette.second
        zoom = theme().zoom
        side = round(22 * zoom)
        pixmap = icon_pixmap(self._icon, colour, side, self.devicePixelRatioF())
        y = rect.center().y() - (11 if self.compact else 21) * zoom
        painter.drawPixmap(QPointF(rect.center().x() - side / 2, y), pixmap)
        if not self.compact:
            bold = Weight.SEMIBOLD if self._chosen else Weight.MEDIUM
            painter.setFont(theme().font(Size.CAPTION, bold))
            painter.setPen(colour)
            area = QRectF(0, rect.bottom() - 28 * zoom, rect.width(), 22 * zoom)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            draw_focus_ring(painter, rect, CONTROL_RADIUS)


class Rail(QWidget):
    """Only pages that exist have a button."""

    page_requested = Signal(str)
    show_requested = Signal()
    theme_requested = Signal()
    help_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.explore = RailButton("Explore", "eye", "Explore a picture, Ctrl+1", chosen=True)
        self.weights = RailButton("Weights", "download", "Weights, Ctrl+4")
        self.show_button = RailButton("Show", "maximize", "Show to a room, F11")
        self.theme_button = RailButton("Dark", "moon", "Dark or light, Ctrl+D")
        self.help_button = RailButton("Help", "circle-question-mark", "Help and keys, F1")
        self._pages = {EXPLORE: self.explore, WEIGHTS: self.weights}
        below = (self.show_button, self.theme_button, self.help_button)
        self._buttons = (*self._pages.values(), *below)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 88, 6, 12)
        self._column.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        for page, button in self._pages.items():
            self._column.addWidget(button, 0, centre)
            button.clicked.connect(lambda _=False, page=page: self.page_requested.emit(page))
        self._column.addStretch(1)
        for button in below:
            self._column.addWidget(button, 0, centre)
        self.show_button.clicked.connect(self.show_requested)
        self.theme_button.clicked.connect(self.theme_requested)
        self.help_button.clicked.connect(self.help_requested)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()
        self.set_compact(compact=False)

    def set_page(self, page: str) -> None:
        """Show which page is on show."""
        for name, button in self._pages.items():
            button.set_chosen(name == page)

    def set_compact(self, *, compact: bool) -> None:
        """Icons only, in a narrow window."""
        self._compact = compact
        zoom = theme().zoom
        self.setFixedWidth(round(zoom * (COMPACT_WIDTH if compact else WIDTH)))
        top, edge = round(zoom * (56 if compact else 88)), round(6 * zoom)
        self._column.setContentsMargins(edge, top, edge, 2 * edge)
        for button in self._buttons:
            button.compact = compact
            button.setFixedSize(button.sizeHint())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        palette = theme().palette
        painter.fillRect(self.rect(), palette.card)
        painter.setPen(QPen(palette.line, 1))
        x = self.width() - 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        zoom = theme().zoom
        side = (36 if self._compact else 44) * zoom
        mark = QRectF((self.width() - side) / 2, 12 * zoom, side, side)
        paint_glyph(painter, mark, Glyph.IDENTITY, palette.shortcut, palette.text)

    def _follow_theme(self) -> None:
        dark = theme().palette.dark
        self.theme_button.set_face("Light" if dark else "Dark", "sun" if dark else "moon")
        self.update()
