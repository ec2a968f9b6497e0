"""How often weights are right first, as a number over a bar; or that nobody knows, or chance."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls_drawing import follow_theme, scaled

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class AccuracyBar(QWidget):
    """top1: percent, None where nothing was measured; chance: for untrained networks, loud."""

    def __init__(self, top1: float | None, *, chance: bool = False) -> None:
        super().__init__()
        self._top1, self._chance = top1, chance
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    @property
    def words(self) -> str:
        """What is drawn, in words."""
        if self._chance:
            return "chance only"
        return "not measured" if self._top1 is None else f"{self._top1:.1f} %"

    def sizeHint(self) -> QSize:
        return QSize(scaled(150), scaled(44))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(104), scaled(44))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        if self._chance:
            self._draw_chance(painter)
            return
        upper = QRectF(0, 0, self.width(), self.height() * 0.6)
        known = self._top1 is not None
        loud, calm = theme().font(Size.TITLE, Weight.BOLD), theme().font(Size.CONTROL)
        painter.setFont(loud if known else calm)
        painter.setPen(palette.text if known else palette.hint)
        painter.drawText(upper, _LEFT, self.words)
        if self._top1 is None:
            return
        track = QRectF(0, self.height() * 0.7, self.width(), scaled(8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.track)
        painter.drawRoundedRect(track, 4, 4)
        track.setWidth(track.width() * self._top1 / 100)
        painter.setBrush(palette.text)
        painter.drawRoundedRect(track, 4, 4)

    def _draw_chance(self, painter: QPainter) -> None:
        palette = theme().palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.untrained)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
        side = scaled(18)
        pixmap = icon_pixmap("triangle-alert", palette.on_untrained, side, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(scaled(10), (self.height() - side) / 2), pixmap)
        painter.setFont(theme().font(Size.CONTROL, Weight.SEMIBOLD))
        painter.setPen(palette.on_untrained)
        painter.drawText(
            QRectF(scaled(36), 0, self.width() - scaled(36), self.height()), _LEFT, self.words
        )
