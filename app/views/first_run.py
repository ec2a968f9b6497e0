"""What a newcomer sees: three pictures to start with, and where to drop one's own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImageReader, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from app.theme import RADIUS, Size, Weight, theme
from app.widgets.controls import ActionButton, Card, Look, draw_focus_ring
from resnet_core.pictures.samples import Sample, samples

SHOWN = 3
_TITLE_HEIGHT = 56
_FULL, _SMALLEST = QSize(300, 282), QSize(160, 150)


class SampleCard(QAbstractButton):
    """A bundled picture with its title and the key that opens it."""

    def __init__(self, sample: Sample, key: int) -> None:
        super().__init__()
        self.sample = sample
        self._key = str(key)
        self._pixmap = QPixmap()
        self.setText(sample.title)
        self.setAccessibleName(f"{sample.title}, {key}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def sizeHint(self) -> QSize:
        return _FULL * theme().zoom

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = theme().palette
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        loud = self.underMouse() or self.hasFocus()
        painter.setPen(QPen(palette.second if loud else palette.line, 1))
        painter.setBrush(palette.card)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        title = _TITLE_HEIGHT * theme().zoom
        self._draw_picture(painter, frame.adjusted(1.5, 1.5, -1.5, -title))
        self._draw_title(painter, frame.adjusted(16, frame.height() - title, -16, 0))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), RADIUS)

    def _draw_picture(self, painter: QPainter, area: QRectF) -> None:
        """Fill the area, rounded only at its upper corners."""
        if self._pixmap.isNull():
            self._pixmap = QPixmap.fromImage(QImageReader(str(self.sample.path)).read())
        clip = QPainterPath()
        clip.addRoundedRect(area.adjusted(0, 0, 0, RADIUS), RADIUS - 2, RADIUS - 2)
        visible = QPainterPath()
        visible.addRect(area)
        painter.save()
        painter.setClipPath(clip.intersected(visible))
        size = self._pixmap.size().scaled(
            area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
        )
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(area.center())
        painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
        painter.restore()

    def _draw_title(self, painter: QPainter, area: QRectF) -> None:
        palette, zoom = theme().palette, theme().zoom
        painter.setFont(theme().font(Size.TITLE, Weight.SEMIBOLD))
        painter.setPen(palette.text)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())
        key = QRectF(0, 0, 28 * zoom, 26 * zoom)
        key.moveCenter(QPointF(area.right() - key.width() / 2, area.center().y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.control)
        painter.drawRoundedRect(key, 6, 6)
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(palette.second)
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, self._key)

    @Slot()
    def _follow_theme(self) -> None:
        self.setMaximumSize(_FULL * theme().zoom)
        self.setMinimumSize(_SMALLEST * theme().zoom)
        self.update()


class FirstRun(Card):
    """In place of the picture, the block and the answers until there is a picture."""

    open_requested = Signal()
    sample_chosen = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self._compact = False
        self.sample_cards = [SampleCard(s, i) for i, s in enumerate(samples()[:SHOWN], start=1)]
        self._headline = QLabel("See what a neural network sees")
        self._lead = QLabel("Drop a picture here, or start with one of these.")
        self._lead.setObjectName("lead")
        self._promise = QLabel("Pictures stay on this computer. No account, no internet needed.")
        self._promise.setObjectName("hint")
        self.open_button = ActionButton("Open a picture", "folder", Look.PRIMARY)
        self._column = QVBoxLayout(self)
        self._lay_out()
        self.open_button.clicked.connect(self.open_requested)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()
        self.setFocusProxy(self.sample_cards[0])

    def _lay_out(self) -> None:
        self._pictures = QHBoxLayout()
        self._pictures.addStretch(1)
        for card in self.sample_cards:
            self._pictures.addWidget(card, 1000)
            card.clicked.connect(self._chosen)
        self._pictures.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column.addStretch(1)
        self._column.addWidget(self._headline, 0, centre)
        self._column.addWidget(self._lead, 0, centre)
        self._column.addLayout(self._pictures, 1000)
        self._column.addWidget(self.open_button, 0, centre)
        self._column.addWidget(self._promise, 0, centre)
        self._column.addStretch(1)

    def sizeHint(self) -> QSize:
        return QSize(1488, 684)

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 320) * theme().zoom

    def set_compact(self, *, compact: bool) -> None:
        """Smaller type and gaps in a narrow window."""
        self._compact = compact
        self._follow_theme()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().palette.second, 1.5)
        pen.setDashPattern([8, 5])
        painter.setPen(pen)
        inset = 12 if self._compact else 24
        edge = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(edge, RADIUS, RADIUS)

    def choose(self, number: int) -> None:
        """Choose a sample by its key, from 1."""
        if 1 <= number <= len(self.sample_cards):
            self.sample_chosen.emit(self.sample_cards[number - 1].sample.path)

    @Slot()
    def _chosen(self) -> None:
        card = self.sender()
        if isinstance(card, SampleCard):
            self.sample_chosen.emit(card.sample.path)

    @Slot()
    def _follow_theme(self) -> None:
        zoom = theme().zoom
        gap, edge = (12, 24) if self._compact else (28, 48)
        self._column.setSpacing(round(gap * zoom))
        self._column.setContentsMargins(*[round(edge * zoom)] * 4)
        self._pictures.setSpacing(round((16 if self._compact else 32) * zoom))
        pixels = round((30 if self._compact else 44) * zoom)
        self._headline.setStyleSheet(f"font-size: {pixels}px; font-weight: 700;")
        width, height = (200, 44) if self._compact else (240, 56)
        self.open_button.setFixedSize(round(width * zoom), round(height * zoom))
