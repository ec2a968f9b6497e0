"""Tiles: one map with its true pixels, the empty tile, the share bar, the classifier's bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from app.theme import Palette
from app.widgets.images import view_of
from resnet_core.arrays import Floats
from resnet_core.pictures.painting import PaintedMap

CORNER = 4.0


class TilePicture:
    """A map as a picture for tiles, coloured when it is first painted, and kept at the sizes it was
    last reduced to.
    """

    def __init__(self, painted: PaintedMap) -> None:
        self._painted = painted
        self._whole: QImage | None = None
        self._reduced: dict[tuple[int, int], QImage] = {}

    def paint(self, painter: QPainter, rect: QRectF, corner: float = CORNER) -> None:
        """Draw the whole map into rect with rounded corners, at the device's pixels."""
        image = self._at(rect, painter.device().devicePixelRatioF())
        # As a brush, not behind a clip: a rounded clip makes Qt look at every row of pixels.
        brush = QBrush(image)
        brush.setTransform(
            QTransform.fromTranslate(rect.left(), rect.top()).scale(
                rect.width() / image.width(), rect.height() / image.height()
            )
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, corner, corner)

    def paint_square(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the whole map on every pixel that rect touches, to lie under a window for it.

        A fifth of the work of rounded corners. The painter must not be clipped to a shape.
        """
        image = self._at(rect, painter.device().devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(rect.toAlignedRect()), image)

    def _at(self, rect: QRectF, ratio: float) -> QImage:
        """Enlarged, a tile shows its pixels; reduced, each on screen is a mean of several."""
        if self._whole is None:
            # With four bytes a pixel Qt enlarges without converting first.
            pixels = view_of(self._painted.pixels)
            self._whole = pixels.convertToFormat(QImage.Format.Format_RGB32)
        size = (max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio)))
        if size[0] >= self._whole.width() and size[1] >= self._whole.height():
            return self._whole
        if size not in self._reduced:
            if len(self._reduced) > 3:  # a window being resized must not collect every size
                self._reduced.clear()
            self._reduced[size] = self._whole.scaled(
                QSize(*size),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._reduced[size]


def paint_empty_tile(painter: QPainter, rect: QRectF, palette: Palette) -> None:
    """A tile that has nothing to show yet."""
    pen = QPen(palette.hint, 1.2)
    pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.setBrush(QBrush(palette.control))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)


def paint_ring(painter: QPainter, rect: QRectF, palette: Palette) -> None:
    """The ring around what is selected: 3 px of the text's colour, 3 px off."""
    painter.setPen(QPen(palette.card, 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5), CORNER + 1.5, CORNER + 1.5)
    painter.setPen(QPen(palette.text, 3))
    painter.drawRoundedRect(rect.adjusted(-4.5, -4.5, 4.5, 4.5), CORNER + 4, CORNER + 4)


def paint_share(
    painter: QPainter,
    rect: QRectF,
    shortcut: float,
    residual: float,
    palette: Palette,
    *,
    upright: bool = False,
) -> None:
    """The gradient's two ways as one bar, blue for the shortcut, orange for F(x).

    shortcut + residual is 1, or both are 0 where no gradient arrives: then the bar stays empty.
    upright: stacked, F(x) above.
    """
    length = rect.height() if upright else rect.width()
    if shortcut + residual <= 0:
        _bar(painter, rect, palette.track)
        return
    gap = min(2.0, length / 10) if shortcut > 0 and residual > 0 else 0.0
    first = (length - gap) * shortcut / (shortcut + residual)
    if upright:
        blue = QRectF(rect.left(), rect.bottom() - first, rect.width(), first)
        orange = QRectF(rect.left(), rect.top(), rect.width(), length - gap - first)
    else:
        blue = QRectF(rect.left(), rect.top(), first, rect.height())
        orange = QRectF(rect.left() + first + gap, rect.top(), length - gap - first, rect.height())
    _bar(painter, blue, palette.shortcut)
    _bar(painter, orange, palette.residual)


def paint_classifier(
    painter: QPainter,
    rect: QRectF,
    probabilities: Floats,
    target: int,
    palette: Palette,
) -> None:
    """The strongest probabilities in the order of their classes; the target's bar is dark.

    probabilities: float32 (K,). As many bars as fit at 5 px each; the tallest is the strongest.
    """
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(palette.control))
    painter.drawRoundedRect(rect, CORNER, CORNER)
    margin = rect.width() * 0.07
    inner = rect.adjusted(margin, margin, -margin, -margin)
    count = max(3, min(int(inner.width() / 5), 16, probabilities.size))
    strongest = set(np.argsort(-probabilities, kind="stable")[:count].tolist())
    if target not in strongest:
        strongest.discard(int(np.argsort(-probabilities, kind="stable")[:count][-1]))
        strongest.add(target)
    step = inner.width() / len(strongest)
    highest = float(probabilities.max()) or 1.0
    for place, index in enumerate(sorted(strongest)):
        height = max(1.0, inner.height() * float(probabilities[index]) / highest)
        colour = palette.text if index == target else palette.hint
        left = inner.left() + place * step
        bar = QRectF(left, inner.bottom() - height, max(1.0, step * 0.68), height)
        _bar(painter, bar, colour, 1.0)


def _bar(painter: QPainter, rect: QRectF, colour: QColor, corner: float = 2.0) -> None:
    corner = min(corner, rect.width() / 2, rect.height() / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    painter.drawRoundedRect(rect, corner, corner)
