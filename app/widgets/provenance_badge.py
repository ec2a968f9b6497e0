"""Who speaks when a network answers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Size, Weight, theme
from app.widgets.controls_drawing import follow_theme, scaled
from resnet_core.weights.card import Provenance

_TOOLTIPS = {
    Provenance.TRAINED_HERE: "These weights were trained by SkipLens and come with it",
    Provenance.PUBLISHED: "These weights were trained and published by torchvision",
    Provenance.YOURS: "These weights are from a file of your own",
    Provenance.UNTRAINED: "Random numbers: every answer is chance",
}


class ProvenanceBadge(QWidget):
    """A pill with two words, yellow for untrained networks."""

    def __init__(self) -> None:
        super().__init__()
        self._provenance = Provenance.TRAINED_HERE
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow_theme(self)
        self.set_provenance(Provenance.TRAINED_HERE)

    @property
    def words(self) -> str:
        """What the badge says."""
        return self._provenance.value

    def set_provenance(self, provenance: Provenance) -> None:
        """Tell whose weights these are."""
        self._provenance = provenance
        self.setAccessibleName(f"Weights: {provenance.value}")
        self.setToolTip(_TOOLTIPS[provenance])
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        font = theme().font(Size.CAPTION, Weight.SEMIBOLD)
        width = QFontMetricsF(font).horizontalAdvance(self.words)
        return QSize(round(width) + scaled(20), scaled(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        loud = self._provenance is Provenance.UNTRAINED
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.untrained if loud else palette.control)
        area = QRectF(self.rect())
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setFont(theme().font(Size.CAPTION, Weight.SEMIBOLD))
        painter.setPen(palette.on_untrained if loud else palette.second)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.words)
