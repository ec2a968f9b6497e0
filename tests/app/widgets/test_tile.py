from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.theme import LIGHT
from app.widgets.tile import TilePicture, paint_classifier, paint_share


def canvas(paint, width=80, height=80):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


def test_a_tile_shows_the_true_pixels_of_its_map(qapp):
    pixels = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 0, 0]]], np.uint8)
    tile = TilePicture(SimpleNamespace(pixels=pixels))
    image = canvas(lambda painter: tile.paint(painter, QRectF(0, 0, 80, 80)))
    assert image.pixelColor(38, 38) == QColor(255, 0, 0)  # no blending at the borders
    assert image.pixelColor(41, 38) == QColor(0, 255, 0)
    assert image.pixelColor(38, 41) == QColor(0, 0, 255)
    assert image.pixelColor(0, 0) == QColor("white")  # rounded corner


def test_a_painted_tile_keeps_its_picture_when_the_array_goes(qapp):
    pixels = np.full((4, 4, 3), 90, np.uint8)
    tile = TilePicture(SimpleNamespace(pixels=pixels))
    canvas(lambda painter: tile.paint(painter, QRectF(0, 0, 8, 8)))
    pixels[:] = 0
    image = canvas(lambda painter: tile.paint(painter, QRectF(0, 0, 8, 8)))
    assert image.pixelColor(4, 4) == QColor(90, 90, 90)


def share_colours(shortcut, residual):
    box = QRectF(0, 0, 80, 12)
    image = canvas(lambda painter: paint_share(painter, box, shortcut, residual, LIGHT))
    return [image.pixelColor(x, 6) for x in range(4, 76)]


def test_the_share_bar_is_as_long_as_its_share(qapp):
    colours = share_colours(0.75, 0.25)
    assert abs(colours.count(LIGHT.shortcut) / len(colours) - 0.77) < 0.03
    assert LIGHT.residual in colours


def test_a_plain_network_is_all_orange_and_no_gradient_is_an_empty_bar(qapp):
    assert set(c.name() for c in share_colours(0.0, 1.0)) == {LIGHT.residual.name()}
    assert set(c.name() for c in share_colours(0.0, 0.0)) == {LIGHT.track.name()}


def test_the_target_stands_among_the_bars_even_when_it_is_unlikely(qapp):
    probabilities = np.linspace(1, 0.01, 100, dtype=np.float32)
    probabilities[99] = 0.0
    box = QRectF(0, 0, 80, 80)
    image = canvas(lambda p: paint_classifier(p, box, probabilities, 99, LIGHT))
    bottom = [image.pixelColor(x, 73).name() for x in range(80)]
    assert LIGHT.text.name() in bottom
