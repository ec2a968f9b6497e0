"""The five signs for what carries x past a residual branch.

A plain arc is the identity, a dotted one zero padding; one square on the arc is a projection, two
squares stand for projections everywhere; without an arc the network is plain.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from resnet_core.networks.config import NetworkConfig, Shortcut, ShortcutKind

GLYPH_SIZE = QSizeF(28, 18)
"""Logical pixels before zoom; every glyph is drawn in a box of this shape."""


class Glyph(Enum):
    """What a glyph says; the value is how a screen reader says it."""

    IDENTITY = "identity"
    ZERO_PADDING = "zero padding"
    PROJECTION = "projection"
    EVERYWHERE = "projection everywhere"
    PLAIN = "no shortcut"

    @property
    def words(self) -> str:
        return self.value


_OF_OPTION = {
    Shortcut.A: Glyph.ZERO_PADDING,
    Shortcut.B: Glyph.PROJECTION,
    Shortcut.C: Glyph.EVERYWHERE,
    Shortcut.NONE: Glyph.PLAIN,
}
_OF_KIND = {
    ShortcutKind.IDENTITY: Glyph.IDENTITY,
    ShortcutKind.ZERO_PADDING: Glyph.ZERO_PADDING,
    ShortcutKind.PROJECTION: Glyph.PROJECTION,
    ShortcutKind.NONE: Glyph.PLAIN,
}


def glyph_of_option(option: Shortcut) -> Glyph:
    """The glyph of one of the paper's options, for pickers."""
    return _OF_OPTION[option]


def glyphs_of_network(config: NetworkConfig) -> dict[str, Glyph]:
    """The glyph of every block by its name; option C says everywhere that it is everywhere."""
    if config.shortcut is Shortcut.C:
        return dict.fromkeys((block.name for block in config.blocks), Glyph.EVERYWHERE)
    return {block.name: _OF_KIND[block.shortcut] for block in config.blocks}


def paint_glyph(
    painter: QPainter,
    rect: QRectF,
    glyph: Glyph,
    arc: QColor,
    branch: QColor,
    *,
    branch_off: bool = False,
) -> None:
    """Draw a glyph, centred and as large as fits into rect.

    arc: colour of the shortcut; branch: of the line and the residual branch on it.
    branch_off: the residual branch is switched off, its box is dashed.
    """
    scale = min(rect.width() / GLYPH_SIZE.width(), rect.height() / GLYPH_SIZE.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(scale, scale)
    painter.translate(-GLYPH_SIZE.width() / 2, -GLYPH_SIZE.height() / 2)
    _paint_branch(painter, branch, branch_off)
    if glyph is not Glyph.PLAIN:
        _paint_arc(painter, glyph, arc)
    painter.restore()


def glyph_icon(glyph: Glyph, arc: QColor, branch: QColor) -> QIcon:
    """A glyph for buttons and menus, at single, double and triple resolution."""
    made = QIcon()
    for ratio in (1, 2, 3):
        pixmap = QPixmap((GLYPH_SIZE * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_glyph(painter, QRectF(QPointF(0, 0), GLYPH_SIZE), glyph, arc, branch)
        painter.end()
        made.addPixmap(pixmap)
    return made


def _paint_branch(painter: QPainter, colour: QColor, off: bool) -> None:
    pen = QPen(colour, 1.7)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawLine(QPointF(0.5, 13), QPointF(9.5, 13))
    painter.drawLine(QPointF(18.5, 13), QPointF(27.5, 13))
    if off:
        pen.setDashPattern([1.3, 1.3])
        painter.setPen(pen)
    painter.drawRoundedRect(QRectF(9.5, 9, 9, 8), 2, 2)


def _paint_arc(painter: QPainter, glyph: Glyph, colour: QColor) -> None:
    pen = QPen(colour, 2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if glyph is Glyph.ZERO_PADDING:
        pen.setDashPattern([1.1, 0.9])
    path = QPainterPath(QPointF(4, 13))
    path.lineTo(4, 6)
    path.quadTo(4, 3.5, 6.5, 3.5)
    path.lineTo(21.5, 3.5)
    path.quadTo(24, 3.5, 24, 6)
    path.lineTo(24, 13)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    squares = {Glyph.PROJECTION: (14.0,), Glyph.EVERYWHERE: (8.0, 20.0)}.get(glyph, ())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    for centre in squares:
        painter.drawRoundedRect(QRectF(centre - 4, 0, 8, 7.5), 1.5, 1.5)
