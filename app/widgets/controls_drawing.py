"""What all controls draw alike: the ring of the focus, a label with its icon; and their scale."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.theme import CONTROL_HEIGHT, CONTROL_RADIUS, RADIUS, icon_pixmap, theme
from app.widgets.glyphs import Glyph, paint_glyph

ICON = 20
GLYPH = 30
RING = 3.0  # pixels of the focus ring, and of the gap between it and what it is around


def scaled(pixels: float) -> int:
    """Logical pixels at the zoom on show."""
    return round(pixels * theme().zoom)


def control_height() -> int:
    """40 pixels at the zoom on show, never less: a finger does not shrink."""
    return max(CONTROL_HEIGHT, scaled(CONTROL_HEIGHT))


def follow_theme(widget: QWidget) -> None:
    """Measure and paint a widget anew whenever the theme or its zoom changes."""
    theme().changed.connect(widget.updateGeometry)
    theme().changed.connect(widget.update)


def draw_control(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """The rounded ground of a control, without a line."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, CONTROL_RADIUS, CONTROL_RADIUS)


def draw_card(painter: QPainter, rect: QRectF) -> None:
    """The rounded surface of a card with its line, just inside the rectangle."""
    palette = theme().palette
    painter.setPen(QPen(palette.line, 1))
    painter.setBrush(palette.card)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def draw_focus_ring(
    painter: QPainter, rect: QRectF, radius: float, *, with_gap: bool = True
) -> None:
    """A ring 3 pixels wide inside the rectangle's edge, 3 pixels off from what it is around.

    The gap is drawn in the card's colour: on a control that is itself in the text's colour the
    ring alone would not be seen. Rows full of text do without it.
    """
    palette = theme().palette
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rings = [(1.5 * RING, palette.card)] if with_gap else []
    for inset, colour in (*rings, (0.5 * RING, palette.text)):
        painter.setPen(QPen(colour, RING))
        ring = rect.adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(ring, max(0.0, radius - inset), max(0.0, radius - inset))


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
    metrics = QFontMetricsF(font)
    beside = icon_width(icon, text)
    room = rect.width() - beside - 4
    if metrics.horizontalAdvance(text) > room:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(text)
    left = rect.center().x() - (width + beside) / 2
    if isinstance(icon, Glyph):
        # Inverted on a chosen item, else blue: the shortcut's own colour.
        palette = theme().palette
        arc = colour if colour == palette.on_chosen else palette.shortcut
        height = scaled(ICON)
        area = QRectF(left, rect.center().y() - height / 2, scaled(GLYPH), height)
        paint_glyph(painter, area, icon, arc, colour)
    elif icon:
        side = scaled(ICON)
        pixmap = icon_pixmap(icon, colour, side, painter.device().devicePixelRatio())
        painter.drawPixmap(QPointF(left, rect.center().y() - side / 2), pixmap)
    area = QRectF(left + beside, rect.top(), width + 1, rect.height())
    painter.setPen(colour)
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def icon_width(icon: str | Glyph | None, text: str) -> int:
    """Pixels that an icon takes with its gap to the text."""
    if icon is None:
        return 0
    return scaled(GLYPH if isinstance(icon, Glyph) else ICON) + (scaled(8) if text else 0)


def claims_key(event: QEvent, keys: frozenset[Qt.Key]) -> bool:
    """Keep keys of a focused control from the window's shortcuts; True if this was such an event.

    Qt asks the focused widget first, with a ShortcutOverride; unless that is accepted, Left and
    Right would step through the blocks instead.
    """
    if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.ShortcutOverride:
        return False
    # Arrow keys of a Mac always come with the keypad's modifier.
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    is_own = event.key() in keys and modifiers == Qt.KeyboardModifier.NoModifier
    if is_own:
        event.accept()
    return is_own
