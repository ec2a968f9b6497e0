import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.widgets.glyphs import Glyph, glyph_icon, glyph_of_option, glyphs_of_network, paint_glyph
from resnet_core.networks.config import NetworkConfig, Shortcut

BLUE, GREY = QColor("#0000ff"), QColor("#444444")


def drawn(glyph, **options):
    image = QImage(112, 72, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_glyph(painter, QRectF(0, 0, 112, 72), glyph, BLUE, GREY, **options)
    painter.end()
    return image


def blue_pixels(image):
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(image.pixelColor(*point) == BLUE for point in points)


def test_blocks_of_a_network_tell_their_shortcut():
    b, a = glyphs_of_network(NetworkConfig(18, Shortcut.B)), NetworkConfig(18, Shortcut.A)
    assert b["conv2_1"] is Glyph.IDENTITY
    assert b["conv3_1"] is Glyph.PROJECTION
    assert glyphs_of_network(a)["conv3_1"] is Glyph.ZERO_PADDING
    assert set(glyphs_of_network(NetworkConfig(18, Shortcut.C)).values()) == {Glyph.EVERYWHERE}
    assert set(glyphs_of_network(NetworkConfig(34, Shortcut.NONE)).values()) == {Glyph.PLAIN}


def test_options_have_a_glyph_each():
    assert len({glyph_of_option(option) for option in Shortcut}) == len(Shortcut)


def test_only_a_plain_network_has_no_arc(qapp):
    assert blue_pixels(drawn(Glyph.PLAIN)) == 0
    counts = {
        glyph: blue_pixels(drawn(glyph))
        for glyph in (Glyph.ZERO_PADDING, Glyph.IDENTITY, Glyph.PROJECTION, Glyph.EVERYWHERE)
    }
    assert list(counts.values()) == sorted(counts.values())
    assert len(set(counts.values())) == len(counts)


def test_a_branch_that_is_off_is_dashed(qapp):
    assert drawn(Glyph.IDENTITY) != drawn(Glyph.IDENTITY, branch_off=True)


@pytest.mark.parametrize("glyph", Glyph)
def test_icons_are_crisp_at_three_ratios(qapp, glyph):
    sizes = glyph_icon(glyph, BLUE, GREY).availableSizes()
    assert QPointF(28, 18).toPoint().x() in {size.width() for size in sizes}
