"""What a newcomer sees: three pictures to start with, and where to drop one's own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImageReader, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout

from app.theme import RADIUS, Size, Weight, theme
from app.widgets.controls import ActionButton, Card, Look, draw_focus_ring
from resnet_core.pictures.samples import Sample, samples

SHOWN = 3


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
        self.setFixedSize(300, 282)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._pixmap.isNull():
            reader = QImageReader(str(self.sample.path))
            self._pixmap = QPixmap.fromImage(reader.read())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = theme().palette
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(palette.line, 1))
        painter.setBrush(palette.card)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        path = QPainterPath()
        path.addRoundedRect(frame.adjusted(2, 2, -2, 40), RADIUS - 2, RADIUS - 2)
        picture = QRectF(2, 2, self.width() - 4, 224)
        below = QPainterPath()
        below.addRect(picture)
        painter.setClipPath(path.intersected(below))
        size = self._pixmap.size().scaled(
            picture.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
        )
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(picture.center())
        painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
        painter.setClipping(False)
        painter.setFont(theme().font(Size.TITLE, Weight.SEMIBOLD))
        painter.setPen(palette.text)
        line = QRectF(18, 226, self.width() - 36, 54)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.text())
        key = QRectF(self.width() - 46, 240, 28, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.control)
        painter.drawRoundedRect(key, 6, 6)
        painter.setFont(theme().font(Size.CAPTION, Weight.MEDIUM))
        painter.setPen(palette.second)
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, self._key)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), RADIUS)


class FirstRun(Card):
    """In place of the picture, the block and the answers until there is a picture."""

    open_requested = Signal()
    sample_chosen = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.sample_cards = [SampleCard(s, i) for i, s in enumerate(samples()[:SHOWN], start=1)]
        headline = QLabel("See what a neural network sees")
        headline.setObjectName("headline")
        lead = QLabel("Drop a picture here, or start with one of these.")
        lead.setObjectName("lead")
        promise = QLabel("Pictures stay on this computer. No account, no internet needed.")
        promise.setObjectName("hint")
        self.open_button = ActionButton("Open a picture", "folder", Look.PRIMARY)
        pictures = QHBoxLayout()
        pictures.setSpacing(32)
        pictures.addStretch(1)
        for card in self.sample_cards:
            pictures.addWidget(card)
            card.clicked.connect(self._chosen)
        pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.addStretch(3)
        column.addWidget(headline, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addWidget(lead, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        column.addLayout(pictures)
        column.addStretch(2)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(16)
        column.addWidget(promise, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.open_button.clicked.connect(self.open_requested)
        self.setFocusProxy(self.sample_cards[0])

    def sizeHint(self) -> QSize:
        return QSize(1488, 584)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().palette.second, 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(24, 24, -24, -24),
                                RADIUS, RADIUS)  # fmt: skip

    def choose(self, number: int) -> None:
        """Choose a sample by its key, from 1."""
        if 1 <= number <= len(self.sample_cards):
            self.sample_chosen.emit(self.sample_cards[number - 1].sample.path)

    def _chosen(self) -> None:
        card = self.sender()
        if isinstance(card, SampleCard):
            self.sample_chosen.emit(card.sample.path)
