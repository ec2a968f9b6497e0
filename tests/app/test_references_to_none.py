"""PySide6 6.12.0 gives back a reference to None too many a call and aborts on Python 3.11."""

import sys

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

CALLS = 2000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal and not counted")
def test_painting_keeps_the_count_of_references_to_none(qapp):
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    rect, point, pen = QRectF(1, 1, 9, 9), QPointF(2, 2), QPen(QColor("red"))
    calls = [
        lambda: painter.drawRect(rect),
        lambda: painter.drawRoundedRect(rect, 2, 2),
        lambda: painter.setPen(pen),
        lambda: painter.setPen(Qt.PenStyle.NoPen),
        lambda: painter.setBrush(QColor("blue")),
        lambda: painter.drawLine(point, rect.bottomRight()),
        lambda: painter.drawEllipse(point, 3, 3),
        lambda: painter.drawText(rect, "x"),
        lambda: painter.fillRect(rect, QColor("green")),
        lambda: painter.setOpacity(0.5),
        lambda: painter.save() or painter.restore(),
    ]
    lost = []
    for number, call in enumerate(calls):
        before = sys.getrefcount(None)
        for _ in range(CALLS):
            call()
        lost.append((number, before - sys.getrefcount(None)))
    painter.end()

    assert max(count for _, count in lost) < CALLS / 10, lost
