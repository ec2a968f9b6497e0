"""From arrays to Qt's images, without a copy more than needed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage, QPixmap


def image_of(pixels: npt.NDArray[np.uint8]) -> QImage:
    """An image that owns its pixels. pixels: uint8 (H, W, 3) RGB or (H, W) grey."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
    # QImage only borrows the buffer; the copy makes it independent of the array.
    return QImage(pixels.data, width, height, pixels.strides[0], form).copy()


def pixmap_of(pixels: npt.NDArray[np.uint8]) -> QPixmap:
    """The same as a pixmap, for the window's thread only."""
    return QPixmap.fromImage(image_of(pixels))
