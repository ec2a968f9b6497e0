"""What of a widget changes seldom, painted once and kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.theme import theme
from app.widgets.pace import FIGURES_SECONDS, Pace


class KeptLayer(QObject):
    """A pixmap as large as its widget, painted anew once it is spoilt.

    moves: while a live picture is on show, numbers that belong to it may be this much older than
    its maps; they are painted ``FIGURES_SECONDS`` apart, the last ones too.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._pixmap: QPixmap | None = None
        self._key: tuple[object, ...] = ()
        self._pace = Pace(self, self.spoil, FIGURES_SECONDS, between=True)

    def set_moves(self, moves: bool) -> None:
        """Whether a live picture is on show; when it stands still, everything is of one frame."""
        self._pace.set_moves(moves)

    def spoil(self) -> None:
        """Paint it anew at the next opportunity."""
        self._pixmap = None
        self._widget.update()

    def spoil_in_time(self) -> None:
        """Other numbers: at once, or a little later while they follow a live picture."""
        self._pace.ask()

    def paint(self, painter: QPainter, draw: Callable[[QPainter], None], *state: object) -> None:
        """Put the layer under what the widget paints next; state: what else it depends on, beside
        the widget's size and the theme.
        """
        ratio = self._widget.devicePixelRatioF()
        key = (self._widget.size(), ratio, theme().palette, theme().zoom, *state)
        if self._pixmap is None or key != self._key:
            pixmap = QPixmap(self._widget.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            layer = QPainter(pixmap)
            try:
                layer.setRenderHint(QPainter.RenderHint.Antialiasing)
                draw(layer)
            finally:
                layer.end()
            self._pixmap, self._key = pixmap, key
        painter.drawPixmap(0, 0, self._pixmap)
