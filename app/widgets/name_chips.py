"""The things that a network knows, as many as there is room for, narrowed by a search."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Size, Weight, theme
from app.widgets.controls_drawing import follow_theme, scaled

_GAP = 8


class NameChips(QWidget):
    """Names that begin with or hold the searched words; the last chip counts the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._wanted = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        follow_theme(self)

    @property
    def shown(self) -> tuple[str, ...]:
        """The names that fit the search, those that begin with it first."""
        wanted = self._wanted
        fitting = [name for name in self._names if wanted in name.casefold()]
        return tuple(sorted(fitting, key=lambda name: not name.casefold().startswith(wanted)))

    def sizeHint(self) -> QSize:
        return QSize(scaled(320), scaled(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(200), scaled(48))

    def set_names(self, names: Sequence[str]) -> None:
        """The classes of another network."""
        self._names = tuple(names)
        self._follow()

    def search(self, words: str) -> None:
        """Show only names that hold the words."""
        self._wanted = words.strip().casefold()
        self._follow()

    def _follow(self) -> None:
        self.setAccessibleName(f"{len(self.shown)} names")
        self.setAccessibleDescription(", ".join(self.shown[:20]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme().font(Size.CONTROL, Weight.MEDIUM)
        painter.setFont(font)
        metrics, height = QFontMetricsF(font), scaled(34)
        names = self.shown
        if not names:
            painter.setPen(theme().palette.hint)
            painter.drawText(QRectF(0, 0, self.width(), height), "none of them")
            return
        x = y = 0.0
        reserved = metrics.horizontalAdvance("and 1000 more") + scaled(24)
        for number, name in enumerate(names):
            room = self.width() - scaled(24)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(text) + scaled(24)
            last_line = y + 2 * height + _GAP > self.height()
            more = len(names) - number
            if x and x + width + (reserved + _GAP if last_line and more > 1 else 0) > self.width():
                if last_line:
                    self._draw(painter, QRectF(x, y, reserved, height), f"and {more} more", False)
                    return
                x, y = 0.0, y + height + _GAP
            self._draw(painter, QRectF(x, y, width, height), text, True)
            x += width + _GAP

    def _draw(self, painter: QPainter, area: QRectF, text: str, ground: bool) -> None:
        palette = theme().palette
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.control)
            painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(palette.text if ground else palette.hint)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
