"""A camera to choose: its name, and what it sees or why it shows nothing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy

from app.theme import RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import draw_focus_ring, scaled
from app.widgets.controls_buttons import PaintedButton
from app.widgets.images import pixmap_of
from app.widgets.text import draw_text
from resnet_core.pictures.frame import Frame

WIDTH, PICTURE_HEIGHT, WORDS_HEIGHT = 296, 166, 62
AROUND = 6  # pixels: the ring of the focus and its gap
_EDGE = 3  # of what is selected
_FAINT = 0.25
_ICON = 36
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down})


def tile_size() -> QSize:
    """Logical pixels at the zoom on show."""
    height = PICTURE_HEIGHT + WORDS_HEIGHT
    return QSize(scaled(WIDTH) + 2 * AROUND, scaled(height) + 2 * AROUND)


class CameraTile(PaintedButton):
    """Selected by the mouse or the focus; Enter or a double click takes it."""

    selected = Signal()
    taken = Signal()
    stepped = Signal(object)  # the arrow key

    def __init__(self, name: str) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._words = self._second = ""
        self._is_selected = self._is_faint = False
        self.setText(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.selected)

    @property
    def words(self) -> str:
        """What is said in the picture's place."""
        return self._words

    @property
    def second(self) -> str:
        """What is said under the name."""
        return self._second

    @property
    def has_picture(self) -> bool:
        return not self._pixmap.isNull()

    def set_second(self, second: str) -> None:
        """A line under the name."""
        if second != self._second:
            self._second = second
            self._describe()

    def set_frame(self, frame: Frame, *, mirror: bool = False) -> None:
        """What the camera sees now."""
        # No more pixels than the tile has, so that a large camera costs no more than a small one.
        step = max(1, int(frame.width / (WIDTH * theme().zoom * self.devicePixelRatioF())))
        pixels = frame.pixels[::step, ::step]
        self._pixmap = pixmap_of(pixels[:, ::-1] if mirror else pixels)
        self._is_faint = False
        self.update()

    def set_words(self, words: str) -> None:
        """Why there is no picture; what was seen last is faint behind it. Or nothing."""
        if words != self._words:
            self._words = words
            self._describe()

    def set_selected(self, *, selected: bool) -> None:
        """Whether it is the camera that would be used; others keep faintly what they saw."""
        self._is_selected = selected
        if not selected:
            self._is_faint = True
            self.set_words("")
        self.update()

    def sizeHint(self) -> QSize:
        return tile_size()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = theme().palette
        frame = QRectF(self.rect()).adjusted(AROUND, AROUND, -AROUND, -AROUND)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.card)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        picture = QRectF(frame.left(), frame.top(), frame.width(), scaled(PICTURE_HEIGHT))
        self._draw_picture(painter, picture)
        self._draw_names(painter, frame.adjusted(16, picture.height(), -16, 0))
        edge = _EDGE if self._is_selected else 1
        loud = self._is_selected or self.underMouse()
        painter.setPen(QPen(palette.text if loud else palette.line, edge))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = edge / 2
        painter.drawRoundedRect(
            frame.adjusted(inset, inset, -inset, -inset), RADIUS - inset, RADIUS - inset
        )
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), RADIUS + AROUND, with_gap=False)

    def _draw_picture(self, painter: QPainter, area: QRectF) -> None:
        palette = theme().palette
        clip = QPainterPath()
        clip.addRoundedRect(area.adjusted(0, 0, 0, RADIUS), RADIUS, RADIUS)
        visible = QPainterPath()
        visible.addRect(area)
        painter.save()
        painter.setClipPath(clip.intersected(visible))
        painter.fillRect(area, palette.control)
        if self.has_picture:
            size = self._pixmap.size().scaled(
                area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio
            )
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(area.center())
            painter.setOpacity(_FAINT if self._words or self._is_faint else 1.0)
            painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
        elif not self._words:
            side = scaled(_ICON)
            corner = area.center() - QPointF(side / 2, side / 2)
            ratio = self.devicePixelRatioF()
            painter.drawPixmap(corner, icon_pixmap("camera", palette.hint, side, ratio))
        painter.restore()
        if self._words:
            painter.setFont(theme().font(Size.CONTROL, Weight.MEDIUM))
            painter.setPen(palette.text)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(20, 8, -20, -8), flags, self._words)

    def _draw_names(self, painter: QPainter, area: QRectF) -> None:
        palette = theme().palette
        middle = area.top() + 0.5 * area.height()
        upper = QRectF(area.left(), area.top() + scaled(6), area.width(), scaled(28))
        lower = QRectF(area.left(), middle, area.width(), scaled(22))
        if not self._second:
            upper = area
        name, second = self.text(), self._second
        draw_text(painter, upper, name, Size.CONTROL, Weight.SEMIBOLD, palette.text, elided=True)
        draw_text(painter, lower, second, Size.CAPTION, Weight.REGULAR, palette.second, elided=True)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selected.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        del event
        self.taken.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.taken.emit()
        elif event.key() in _ARROWS:
            self.stepped.emit(Qt.Key(event.key()))
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        said = (self._second, self._words)
        self.setAccessibleDescription(", ".join(part for part in said if part))
        self.update()
