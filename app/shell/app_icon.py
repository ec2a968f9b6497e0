"""The program's icon: the block with its shortcut, as in the rail."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap

from app.theme import LIGHT
from app.widgets.glyphs import Glyph, paint_glyph

_SIDES = (16, 24, 32, 48, 64, 128, 256)


def app_icon() -> QIcon:
    """Drawn anew for each size, on a light tile that is seen on any desktop."""
    made = QIcon()
    for side in _SIDES:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(LIGHT.card)
        tile = QRectF(0, 0, side, side)
        painter.drawRoundedRect(tile, side * 0.22, side * 0.22)
        inset = side * 0.1
        mark = tile.adjusted(inset, inset, -inset, -inset)
        paint_glyph(painter, mark, Glyph.IDENTITY, LIGHT.shortcut, LIGHT.text)
        painter.end()
        made.addPixmap(pixmap)
    return made
