"""The picture, what the network got of it, and a map over that."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from app.theme import DARK, RADIUS, Size, Weight, theme
from app.widgets.controls import scaled
from app.widgets.images import coloured_pixmap_of, pixmap_of, view_of
from resnet_core.pictures.colormaps import Colormap, table
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import PaintedMap, smooth, smooth_steps
from resnet_core.pictures.preprocessing import Region

_DIM = QColor(0, 0, 0, 150)
_CHIP = QColor(16, 22, 29, 225)
_MOST_CUT = 1.1
"""The picture may be up to this much larger than fits, so that narrow bars beside it go."""
_NOTHING = 1e-6  # pixels that only come of rounding
_HARDLY_LARGER = 2 / 3  # the scale from which on blending four pixels leaves no pattern
_NARROW = 560  # pixels of the view at zoom 1 under which the caption moves into the corner


class PictureView(QWidget):
    """Draws; it is told everything and asks for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._region = Region(0, 0, 1, 1)
        self._underneath: QPixmap | None = None
        self._underneath_key: tuple[object, ...] = ()
        self._map: PaintedMap | None = None
        self._map_pixmap: QPixmap | None = None
        self._map_key: tuple[object, ...] = ()
        self._colormap = Colormap.VIRIDIS
        self._opacity = 0.6
        self._brackets: tuple[tuple[QRectF, float], list[tuple[QPointF, QPixmap]]] | None = None
        self._caption = ""
        self._covered = False
        self._type_scale: float | None = None
        self.setAccessibleName("Picture")
        self.setMinimumSize(200, 160)
        # All of it is painted, so nothing below has to be painted first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme().changed.connect(self.update)

    @property
    def frame_number(self) -> int | None:
        """The number of the picture on show."""
        return None if self._frame is None else self._frame.number

    @property
    def caption(self) -> str:
        """What is shown, in words."""
        return self._caption

    def sizeHint(self) -> QSize:
        return QSize(656, 468)

    def set_frame(self, frame: Frame, region: Region) -> None:
        """Show another picture; the map of the last one goes with it."""
        if frame is not self._frame:
            self._frame = frame
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

    def set_covered(self, covered: bool) -> None:
        """Whether something lies where the caption would be; then it is only described."""
        self._covered = covered
        self.update()

    def set_type_scale(self, scale: float) -> None:
        """Write so many times larger than elsewhere, whatever the zoom, on a dark page."""
        self._type_scale = scale
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._frame = self._map = self._underneath = self._map_pixmap = None
        self._underneath_key = self._map_key = ()
        self.set_caption("")

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = theme().palette if self._type_scale is None else DARK
        view = QRectF(self.rect())
        if self._frame is None:
            painter.fillRect(view, palette.control)
        else:
            area = self.picture_area()
            _fill_around(painter, view, area.intersected(view), palette.control)
            self._paint_frame(painter, area)
        # Cut off last, and not clipped to: behind a rounded clip every row would cost.
        painter.fillPath(self._corners(), palette.window)

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        painter.drawPixmap(area, self._below_map(area), QRectF())
        inside = self.inside(area)
        _fill_around(painter, area, inside, _DIM)
        if self._map is not None:
            painter.setOpacity(self._opacity)
            painter.drawPixmap(inside, self._mapped(inside), QRectF())
            painter.setOpacity(1.0)
        self._draw_brackets(painter, inside)
        if self._caption and not self._covered:
            self._draw_caption(painter, min(float(self.height()), area.bottom()))

    def _corners(self) -> QPainterPath:
        """What is not of the picture, where the view is rounded."""
        path = QPainterPath()
        # The lower corners lie outside: below the picture the card goes on.
        below = RADIUS if self._type_scale is None else 0
        path.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, below), RADIUS, RADIUS)
        path.addRect(QRectF(self.rect()))  # odd-even: what is in one of both
        return path

    def picture_area(self) -> QRectF:
        """Where the picture is drawn: all that the network gets, and most of what it does not.

        It is as large as fits, or up to a tenth larger if that fills the view without cutting
        into the network's part. On whole pixels of the device: between them Qt would blend every
        pixel with its neighbours, which takes it five times as long.
        """
        assert self._frame is not None
        width, height = self._frame.width, self._frame.height
        across, down = self.width() / width, self.height() / height
        region = self._region
        fits_region = min(self.width() / region.width, self.height() / region.height)
        fits = min(across, down)
        scale = max(fits, min(max(across, down), _MOST_CUT * fits, fits_region))
        x = self._start(width * scale, self.width(), region.left * scale, region.width * scale)
        y = self._start(height * scale, self.height(), region.top * scale, region.height * scale)
        return self._on_pixels(QRectF(x, y, width * scale, height * scale))

    def _on_pixels(self, area: QRectF) -> QRectF:
        """The smallest area of whole device pixels around that one."""
        ratio = self.devicePixelRatioF()
        left, top = floor(area.left() * ratio + _NOTHING), floor(area.top() * ratio + _NOTHING)
        right, bottom = (
            ceil(area.right() * ratio - _NOTHING),
            ceil(area.bottom() * ratio - _NOTHING),
        )
        width, height = max(1, right - left), max(1, bottom - top)
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    @staticmethod
    def _start(length: float, room: float, inside_start: float, inside_length: float) -> float:
        """Where a picture of that length begins: in the middle, but with its inner part seen."""
        if length <= room:
            return (room - length) / 2
        centred = (room - inside_length) / 2 - inside_start
        return min(0.0, max(room - length, centred))

    def inside(self, area: QRectF) -> QRectF:
        """Where the network's part is, in a picture drawn at that area."""
        assert self._frame is not None
        across, down = area.width() / self._frame.width, area.height() / self._frame.height
        region = self._region
        inside = QRectF(
            area.left() + region.left * across,
            area.top() + region.top * down,
            region.width * across,
            region.height * down,
        )
        return self._on_pixels(inside.intersected(area)).intersected(area)

    def _below_map(self, area: QRectF) -> QPixmap:
        """The picture, made once a size: a photo may have fifty million pixels.

        One that is smaller than where it goes, or hardly larger, is scaled while it is painted,
        which a live picture is only once.
        """
        assert self._frame is not None
        ratio = self.devicePixelRatioF()
        size = QSize(max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio)))
        # Under a map the picture is grey, so that hue is only the map.
        is_grey = self._map is not None
        key = (self._frame.number, size.width(), size.height(), is_grey)
        if self._underneath is None or key != self._underneath_key:
            image = view_of(self._frame.pixels)
            if is_grey:
                image = image.convertToFormat(QImage.Format.Format_Grayscale8)
            # Qt scales four bytes a pixel twice as fast as three or one.
            image = image.convertToFormat(QImage.Format.Format_RGB32)
            if size.width() < _HARDLY_LARGER * image.width():
                image = image.scaled(
                    size,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self._underneath, self._underneath_key = QPixmap.fromImage(image), key
        return self._underneath

    def _mapped(self, inside: QRectF) -> QPixmap:
        assert self._map is not None
        ratio = self.devicePixelRatioF()
        width, height = (
            max(1, round(inside.width() * ratio)),
            max(1, round(inside.height() * ratio)),
        )
        key = (self._map, width, height, self._colormap)
        if self._map_pixmap is None or key != self._map_key:
            self._map_pixmap, self._map_key = self._enlarged(height, width), key
        return self._map_pixmap

    def _enlarged(self, height: int, width: int) -> QPixmap:
        assert self._map is not None
        if np.isfinite(self._map.values).all():
            steps = smooth_steps(self._map, height, width)
            return coloured_pixmap_of(steps, table(self._colormap))
        return pixmap_of(smooth(self._map, height, width, self._colormap))

    def _draw_brackets(self, painter: QPainter, inside: QRectF) -> None:
        key = (inside, self.devicePixelRatioF())
        if self._brackets is None or self._brackets[0] != key:
            self._brackets = key, _brackets(*key)
        for place, corner in self._brackets[1]:
            painter.drawPixmap(place, corner)

    def _draw_caption(self, painter: QPainter, bottom: float) -> None:
        font = theme().font(Size.CONTROL, Weight.SEMIBOLD)
        if self._type_scale is not None:
            font.setPixelSize(max(Size.CAPTION.value, round(Size.CONTROL.value * self._type_scale)))
        metrics = QFontMetricsF(font)
        is_narrow = self.width() < scaled(_NARROW)
        left, below = (16, 16) if is_narrow else (28, 22)
        room = self.width() - 2 * left - scaled(28)
        text = metrics.elidedText(self._caption, Qt.TextElideMode.ElideRight, room)
        width, height = (
            metrics.horizontalAdvance(text) + scaled(28),
            max(scaled(36), 2 * metrics.height()),
        )
        chip = QRectF(left, bottom - height - below, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CHIP)
        painter.drawRoundedRect(chip, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)


def _fill_around(painter: QPainter, outer: QRectF, inner: QRectF, colour: QColor) -> None:
    """Fill what of outer is not inner. Both end on whole pixels of the device."""
    left, right = inner.left() - outer.left(), outer.right() - inner.right()
    # With soft edges, of which there are none here, filling would take twice as long.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for beside in (
        QRectF(outer.left(), outer.top(), outer.width(), inner.top() - outer.top()),
        QRectF(outer.left(), inner.bottom(), outer.width(), outer.bottom() - inner.bottom()),
        QRectF(outer.left(), inner.top(), left, inner.height()),
        QRectF(inner.right(), inner.top(), right, inner.height()),
    ):
        painter.fillRect(beside, colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _brackets(inside: QRectF, ratio: float) -> list[tuple[QPointF, QPixmap]]:
    """The corners of what the network gets, white with a dark rim, and where each is drawn.

    inside: on whole pixels of the device, of which ratio are one logical pixel.
    """
    inset, length = 9.0, min(26.0, (inside.width() - 18) / 4)
    pixels = ceil((inset + length + 3) * ratio)
    side = pixels / ratio
    found = []
    for right, down in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        pixmap = QPixmap(pixels, pixels)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(side / 2, side / 2)
        painter.scale(right, down)
        painter.translate(-side / 2, -side / 2)
        corner = QPointF(inset, inset)
        bracket = QPolygonF([corner + QPointF(0, length), corner, corner + QPointF(length, 0)])
        for colour, width in ((QColor(0, 0, 0, 120), 5), (QColor("white"), 2.5)):
            painter.setPen(QPen(colour, width))
            painter.drawPolyline(bracket)
        painter.end()
        x = inside.left() if right > 0 else inside.right() - side
        y = inside.top() if down > 0 else inside.bottom() - side
        found.append((QPointF(x, y), pixmap))
    return found
