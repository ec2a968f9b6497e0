"""What lies over a live picture: that it is live, and the buttons for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import draw_focus_ring, scaled
from app.widgets.controls_buttons import PaintedButton
from app.widgets.controls_drawing import control_height
from app.widgets.kept_layer import KeptLayer

_BACK = QColor(16, 22, 29, 225)
_KEY_LINE = QColor(255, 255, 255, 110)
_RED = QColor("#FF5A6E")
_LIVE = QColor("#C4122F")
_ICON = 18
_NARROW = 520  # pixels of the picture at zoom 1 under which keys go, and a little later words
_NARROWER = 400


class LiveMark(QWidget):
    """``LIVE`` on red; ``FROZEN`` and ``WAITING`` without a hue, for they are not live."""

    def __init__(self) -> None:
        super().__init__()
        self._words = "WAITING"
        self._scale = 1.0
        self._layer = KeptLayer(self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def words(self) -> str:
        return self._words

    def set_words(self, words: str) -> None:
        """``LIVE``, ``FROZEN`` or ``WAITING``."""
        self._words = words
        self.setAccessibleName(words.capitalize())
        self.updateGeometry()
        self.update()

    def set_scale(self, scale: float) -> None:
        """So many times larger than among other controls."""
        self._scale = scale
        self.updateGeometry()

    def _mark_font(self) -> QFont:
        font = _font(Weight.BOLD)
        font.setPixelSize(max(1, round(font.pixelSize() * self._scale)))
        return font

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(self._mark_font()).horizontalAdvance(self._words)
        around = self._scale * scaled(46)
        return QSize(round(width + around), round(self._scale * control_height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        # It is painted with every frame of the picture below it.
        self._layer.paint(QPainter(self), self._paint, self._words, self._scale)

    def _paint(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_LIVE if self._words == "LIVE" else _BACK)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
        painter.setBrush(QColor("white"))
        middle = self.height() / 2
        unit = self._scale * scaled(1)
        painter.drawEllipse(QPointF(20 * unit, middle), 5 * unit, 5 * unit)
        painter.setPen(QColor("white"))
        painter.setFont(self._mark_font())
        text = QRectF(32 * unit, 0, self.width() - 32 * unit, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self._words)


class OverlayButton(PaintedButton):
    """White on dark, whatever lies below; with its key, as long as there is room."""

    def __init__(self, text: str, icon: str | None, key: str) -> None:
        super().__init__()
        self._icon, self._key = icon, key
        self._layer = KeptLayer(self)
        self._with_key = self._with_words = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_face(text, icon)

    def set_face(self, text: str, icon: str | None) -> None:
        """Another word and icon; without an icon a red dot is drawn."""
        self.setText(text)
        self._icon = icon
        self.setAccessibleName(f"{text}, {self._key}")
        self.setToolTip(f"{text}, {self._key}")
        self.updateGeometry()
        self.update()

    def set_room(self, *, key: bool, words: bool) -> None:
        """Whether there is room for the key and for the word beside the icon."""
        self._with_key, self._with_words = key, words
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = float(scaled(_ICON + 24))
        if self._with_words:
            width += self._word_width() + scaled(8)
        if self._with_key:
            width += self._key_width() + scaled(10)
        return QSize(max(control_height(), round(width)), control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        face = (self.text(), self._icon, self._with_key, self._with_words)
        state = (*face, self.underMouse(), self.hasFocus())
        self._layer.paint(QPainter(self), self._paint, *state)

    def _paint(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BACK.lighter(180) if self.underMouse() else _BACK)
        rect = QRectF(self.rect())
        painter.drawRoundedRect(rect, CONTROL_RADIUS, CONTROL_RADIUS)
        side, middle = scaled(_ICON), rect.center().y()
        x = float(scaled(12))
        if self._icon is None:
            painter.setBrush(_RED)
            painter.drawEllipse(QPointF(x + side / 2, middle), scaled(6), scaled(6))
        else:
            image = icon_pixmap(self._icon, QColor("white"), side, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, middle - side / 2), image)
        x += side + scaled(8)
        painter.setPen(QColor("white"))
        if self._with_words:
            painter.setFont(_font(Weight.SEMIBOLD))
            area = QRectF(x, 0, self._word_width() + 1, rect.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())
            x += self._word_width() + scaled(10)
        if self._with_key:
            cap = QRectF(x, middle - scaled(11), self._key_width(), scaled(22))
            painter.setFont(_key_font())
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
            painter.setPen(QPen(_KEY_LINE, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, 4, 4)
        if self.hasFocus():
            draw_focus_ring(painter, rect, CONTROL_RADIUS, with_gap=False)

    def _word_width(self) -> float:
        return QFontMetricsF(_font(Weight.SEMIBOLD)).horizontalAdvance(self.text())

    def _key_width(self) -> float:
        return QFontMetricsF(_key_font()).horizontalAdvance(self._key) + scaled(14)


class LiveOverlay(QWidget):
    """Covers a picture; only its buttons take the mouse."""

    freeze_requested = Signal()
    snapshot_requested = Signal()
    record_requested = Signal()

    def __init__(self, picture: QWidget) -> None:
        super().__init__(picture)
        self.mark = LiveMark()
        self.freeze = OverlayButton("Freeze", "pause", "Space")
        self.snapshot = OverlayButton("Snapshot", "aperture", "S")
        self.record = OverlayButton("Record", None, "R")
        self._buttons = (self.freeze, self.snapshot, self.record)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in self._buttons:
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(self.mark)
        column.addStretch(1)
        column.addLayout(row)
        self.freeze.clicked.connect(self.freeze_requested)
        self.snapshot.clicked.connect(self.snapshot_requested)
        self.record.clicked.connect(self.record_requested)
        picture.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = event.size().width() / theme().zoom
        for button in self._buttons:
            button.set_room(key=width >= _NARROW, words=width >= _NARROWER)
        super().resizeEvent(event)


def _font(weight: Weight) -> QFont:
    return theme().font(Size.CONTROL, weight)


def _key_font() -> QFont:
    return theme().font(Size.CAPTION, Weight.MEDIUM)
