"""The picture, what the network got of it, and a map over that."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from app.theme import RADIUS, Size, Weight, theme
from app.widgets.images import pixmap_of
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import PaintedMap, smooth
from resnet_core.pictures.preprocessing import Region

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_DIM = QColor(0, 0, 0, 150)
_CHIP = QColor(16, 22, 29, 225)


class PictureView(QWidget):
    """Draws; it is told everything and asks for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._region = Region(0, 0, 1, 1)
        self._colour: QPixmap | None = None
        self._grey: QPixmap | None = None
        self._map: PaintedMap | None = None
        self._map_pixmap: QPixmap | None = None
        self._map_key: tuple[object, ...] = ()
        self._colormap = Colormap.VIRIDIS
        self._opacity = 0.6
        self._caption = ""
        self.setAccessibleName("Picture")
        self.setMinimumSize(200, 160)

    def sizeHint(self) -> QSize:
        return QSize(656, 468)

    def set_frame(self, frame: Frame, region: Region) -> None:
        """Show another picture; the map of the last one goes with it."""
        if frame is not self._frame:
            self._frame = frame
            self._colour = pixmap_of(frame.pixels)
            self._grey = None
            self._map = None
        self._region = region
        self.update()

    def set_map(self, painted: PaintedMap | None, colormap: Colormap, opacity: float) -> None:
        """Lay a map over what the network got, or take it away."""
        self._map, self._colormap, self._opacity = painted, colormap, opacity
        self.update()

    def set_caption(self, caption: str) -> None:
        """What is shown, in words, in the lower left corner."""
        self._caption = caption
        self.setAccessibleDescription(caption)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._frame = self._colour = self._grey = self._map = None
        self._caption = ""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(self._rounded_top())
        painter.fillRect(self.rect(), theme().palette.control)
        if self._frame is None or self._colour is None:
            return
        area = self._picture_area()
        painter.drawPixmap(area, self._underneath(), QRectF(self._colour.rect()))
        inside = self._inside(area)
        around = QPainterPath()
        around.addRect(area)
        hole = QPainterPath()
        hole.addRect(inside)
        painter.fillPath(around.subtracted(hole), _DIM)
        if self._map is not None:
            painter.setOpacity(self._opacity)
            painter.drawPixmap(inside, self._mapped(inside), QRectF())
            painter.setOpacity(1.0)
        self._draw_brackets(painter, inside)
        if self._caption:
            self._draw_caption(painter)

    def _rounded_top(self) -> QPainterPath:
        path = QPainterPath()
        # The lower corners lie outside: below the picture the card goes on.
        path.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, RADIUS), RADIUS, RADIUS)
        return path

    def _picture_area(self) -> QRectF:
        assert self._frame is not None
        scale = min(self.width() / self._frame.width, self.height() / self._frame.height)
        width, height = self._frame.width * scale, self._frame.height * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _inside(self, area: QRectF) -> QRectF:
        assert self._frame is not None
        scale = area.width() / self._frame.width
        region = self._region
        inside = QRectF(
            area.left() + region.left * scale,
            area.top() + region.top * scale,
            region.width * scale,
            region.height * scale,
        )
        return inside.intersected(area)

    def _underneath(self) -> QPixmap:
        assert self._frame is not None
        assert self._colour is not None
        if self._map is None:
            return self._colour
        if self._grey is None:
            # Under a map the picture is grey, so that hue is only the map.
            grey = (self._frame.pixels @ _LUMA).astype(np.uint8)
            self._grey = pixmap_of(grey)
        return self._grey

    def _mapped(self, inside: QRectF) -> QPixmap:
        assert self._map is not None
        ratio = self.devicePixelRatioF()
        width, height = (
            max(1, round(inside.width() * ratio)),
            max(1, round(inside.height() * ratio)),
        )
        key = (id(self._map), width, height, self._colormap)
        if self._map_pixmap is None or key != self._map_key:
            self._map_pixmap = pixmap_of(smooth(self._map, height, width, self._colormap))
            self._map_key = key
        return self._map_pixmap

    def _draw_brackets(self, painter: QPainter, inside: QRectF) -> None:
        rect = inside.adjusted(9, 9, -9, -9)
        length = min(26.0, rect.width() / 4)
        corners = (
            (rect.topLeft(), 1, 1),
            (rect.topRight(), -1, 1),
            (rect.bottomLeft(), 1, -1),
            (rect.bottomRight(), -1, -1),
        )
        path = QPainterPath()
        for corner, right, down in corners:
            path.moveTo(corner + QPointF(0, down * length))
            path.lineTo(corner)
            path.lineTo(corner + QPointF(right * length, 0))
        for colour, width in ((QColor(0, 0, 0, 120), 5), (QColor("white"), 2.5)):
            painter.setPen(QPen(colour, width))
            painter.drawPath(path)

    def _draw_caption(self, painter: QPainter) -> None:
        font = theme().font(Size.CONTROL, Weight.SEMIBOLD)
        metrics = QFontMetricsF(font)
        room = self.width() - 64
        text = metrics.elidedText(self._caption, Qt.TextElideMode.ElideRight, room)
        width, height = metrics.horizontalAdvance(text) + 28, 36.0
        chip = QRectF(16, self.height() - height - 16, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(chip, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
