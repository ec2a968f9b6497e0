"""Colours, type and icons of the window, light and dark.

Controls have no hue: colour means data. Widgets read ``theme().palette`` when they paint and
repaint on ``theme().changed``; everything else follows from one style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from resnet_core.bundled import bundled

GAP = 16  # margins and gutters, in logical pixels
RADIUS = 12  # of cards
CONTROL_RADIUS = 8
CONTROL_HEIGHT = 40

FAMILY = "Inter"


class Size(Enum):
    """Sizes of type in logical pixels. Nothing is smaller than a caption."""

    CAPTION = 13
    CONTROL = 15
    TITLE = 18
    PAGE = 24
    KEY_NUMBER = 32


class Weight(Enum):
    """The four weights of Inter that are bundled."""

    REGULAR = QFont.Weight.Normal
    MEDIUM = QFont.Weight.Medium
    SEMIBOLD = QFont.Weight.DemiBold
    BOLD = QFont.Weight.Bold


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme; blue, orange, magenta, yellow and red only ever mean data."""

    dark: bool
    window: QColor
    card: QColor
    line: QColor
    control: QColor
    track: QColor
    text: QColor
    second: QColor
    hint: QColor
    shortcut: QColor
    residual: QColor
    network_b: QColor
    untrained: QColor
    on_untrained: QColor
    error: QColor

    @property
    def chosen(self) -> QColor:
        """Behind the label of what is chosen."""
        return self.text

    @property
    def on_chosen(self) -> QColor:
        """The label of what is chosen."""
        return self.card


def _palette(dark: bool, *codes: str) -> Palette:
    return Palette(dark, *(QColor(f"#{code}") for code in codes))


# fmt: off
LIGHT = _palette(False, "F1F4F7", "FFFFFF", "D5DCE4", "E9EDF2", "DDE3EA", "10161D", "3F4A58",
                 "5B6776", "0B63B5", "B54A05", "A3246F", "FFD43B", "10161D", "C4122F")
DARK = _palette(True, "0B0F14", "141A21", "2B3540", "202934", "2A343F", "F2F5F8", "BAC5D1",
                "95A2B0", "5CB3F5", "FF9A3D", "FF8CCB", "FFD43B", "10161D", "FF5A6E")
# fmt: on


class ThemeWish(Enum):
    """What the user asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The theme on show. There is one; get it with ``theme()``."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wish = ThemeWish.SYSTEM
        self._palette = _palette_of(self._wish)
        self._zoom = 1.0
        for file in sorted(bundled("fonts").glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def wish(self) -> ThemeWish:
        return self._wish

    @wish.setter
    def wish(self, wish: ThemeWish) -> None:
        if wish is not self._wish:
            self._wish = wish
            self._palette = _palette_of(wish)
            self.changed.emit()

    @property
    def zoom(self) -> float:
        """Scale of all type, 0.8 to 2."""
        return self._zoom

    @zoom.setter
    def zoom(self, zoom: float) -> None:
        zoom = min(max(zoom, 0.8), 2.0)
        if zoom != self._zoom:
            self._zoom = zoom
            self.changed.emit()

    @property
    def palette(self) -> Palette:
        return self._palette

    def font(self, size: Size | int, weight: Weight = Weight.REGULAR) -> QFont:
        """Inter with tabular figures; size in logical pixels before zoom."""
        pixels = size.value if isinstance(size, Size) else size
        # A copy, which Qt shares until somebody changes it.
        return QFont(_font(max(1, round(pixels * self._zoom)), weight))

    def _system_changed(self) -> None:
        if self._wish is ThemeWish.SYSTEM:
            self._palette = _palette_of(self._wish)
            self.changed.emit()


def _palette_of(wish: ThemeWish) -> Palette:
    if wish is ThemeWish.SYSTEM:
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme is Qt.ColorScheme.Dark else LIGHT
    return DARK if wish is ThemeWish.DARK else LIGHT


@lru_cache(maxsize=128)
def _font(pixels: int, weight: Weight) -> QFont:
    """Made once: a live picture is written beside thirty times a second."""
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(weight.value)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@lru_cache(maxsize=1)
def theme() -> Theme:
    """The one theme of the program; needs a QGuiApplication."""
    return Theme()


@lru_cache(maxsize=256)
def _pixmap(name: str, colour: str, pixels: int, ratio: float) -> QPixmap:
    svg = bundled("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(round(pixels * ratio), round(pixels * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon_pixmap(name: str, colour: QColor, pixels: int = 20, ratio: float = 1.0) -> QPixmap:
    """A bundled icon in one colour, crisp at the device's pixel ratio."""
    return _pixmap(name, colour.name(), pixels, ratio)


def icon(name: str, colour: QColor, pixels: int = 20) -> QIcon:
    """A bundled icon in one colour, for buttons and menus, at single and double resolution."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(icon_pixmap(name, colour, pixels, ratio))
    return made
