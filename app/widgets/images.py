"""From arrays to Qt's images, without a copy more than needed."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage, QPixmap

from resnet_core.arrays import Bytes


def view_of(pixels: Bytes) -> QImage:
    """An image of the array's own memory, to be converted or copied at once.

    pixels: uint8 (H, W, 3) RGB or (H, W) grey.
    """
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
    return QImage(pixels.data, width, height, pixels.strides[0], form)


def image_of(pixels: Bytes) -> QImage:
    """An image that owns its pixels. pixels: uint8 (H, W, 3) RGB or (H, W) grey."""
    return view_of(pixels).copy()


def pixmap_of(pixels: Bytes) -> QPixmap:
    """The same as a pixmap, for the window's thread only."""
    return QPixmap.fromImage(image_of(pixels))


def coloured_pixmap_of(steps: Bytes, colours: Bytes) -> QPixmap:
    """Steps uint8 (H, W) in the colours of a table uint8 (256, 3); Qt looks them up itself."""
    image = view_of(steps)
    image.reinterpretAsFormat(QImage.Format.Format_Indexed8)
    packed = colours.astype(np.uint32) @ np.array([2**16, 2**8, 1], np.uint32) + np.uint32(
        0xFF << 24
    )
    image.setColorTable(packed.tolist())
    return QPixmap.fromImage(image)
