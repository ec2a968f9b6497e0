"""The blocks of a network, large; of a deep one a few of every stage."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import DARK, Weight
from app.widgets.glyphs import glyphs_of_network, paint_glyph
from app.widgets.show_answer import sheet_font
from app.widgets.tile import CORNER, TilePicture, paint_classifier, paint_empty_tile, paint_ring
from resnet_core.explained.values import Explained
from resnet_core.networks.config import STEM_NAME, NetworkConfig, Shortcut
from resnet_core.pictures.painting import Painted

_CENTRE = Qt.AlignmentFlag.AlignCenter
_TILE, _GAP, _GROUP_GAP, _MARGIN = 124.0, 17.0, 34.0, 28.0


def shown_blocks(config: NetworkConfig, selected: str) -> dict[int, list[str]]:
    """By stage, its first and its last block; the selected one in place of the first."""
    stages: dict[int, list[str]] = {}
    for block in config.blocks:
        stages.setdefault(block.stage, []).append(block.name)
    shown = {}
    for stage, names in stages.items():
        first = selected if selected in names[:-1] else names[0]
        shown[stage] = [first, names[-1]]
    return shown


class ShowStrip(QWidget):
    """Draws; it is told everything. scale: screen pixels for one of the sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = 1.0
        self._config = NetworkConfig()
        self._selected = ""
        self._explained: Explained | None = None
        self._painted: Painted | None = None
        self._tiles: dict[str, TilePicture] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def names(self) -> list[str]:
        """The blocks on show, conv1 first."""
        shown = shown_blocks(self._config, self._selected)
        return [STEM_NAME, *(name for names in shown.values() for name in names)]

    @property
    def tile_names(self) -> set[str]:
        """The blocks that have a map on show."""
        return set(self._tiles)

    @property
    def caption(self) -> str:
        """What stands under conv1."""
        count, shown = len(self._config.blocks), len(self.names) - 1
        if self._shows_some:
            return f"{shown} of {count}\nblocks"
        plain = self._config.shortcut is Shortcut.NONE
        return "no skips" if plain else "skips\nin blue"

    @property
    def _shows_some(self) -> bool:
        return len(self.names) - 1 < len(self._config.blocks)

    def set_network(self, config: NetworkConfig) -> None:
        """Another network; what was explained with the one before goes."""
        self._config, self._explained, self._painted = config, None, None
        self._tiles.clear()
        self.update()

    def set_selected(self, name: str) -> None:
        """The block whose map lies over the picture."""
        self._selected = name
        self._take_tiles()

    def set_explained(self, explained: Explained) -> None:
        """The answer to a picture; its maps come with set_painted."""
        self._explained = explained
        self.update()

    def set_painted(self, painted: Painted | None) -> None:
        """Show maps; None, for the picture alone, keeps those on show where they still hold."""
        explained = self._explained
        if painted is not None:
            self._painted = painted
        elif self._painted and explained and self._painted.identity != explained.identity:
            self._painted = None
        self._tiles.clear()
        self._take_tiles()

    def _take_tiles(self) -> None:
        """The tiles of the blocks on show, made once a map."""
        known = {} if self._painted is None else self._painted.maps
        wanted = [name for name in self.names if name in known]
        self._tiles = {name: self._tiles.get(name) or TilePicture(known[name]) for name in wanted}
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DARK.card)
        painter.drawRoundedRect(QRectF(self.rect()), 16 * self.scale, 16 * self.scale)
        x = self._stage(painter, _MARGIN, "conv1", [STEM_NAME])
        for stage, names in shown_blocks(self._config, self._selected).items():
            x = self._stage(painter, x, f"conv{stage}_x", names)
        self._answer(painter, x)

    def _stage(self, painter: QPainter, x: float, title: str, names: list[str]) -> float:
        width = len(names) * _TILE + (len(names) - 1) * _GAP
        self._head(painter, x, width, title)
        for number, name in enumerate(names):
            self._tile(painter, x + number * (_TILE + _GAP), name)
        return x + width + _GROUP_GAP

    def _head(self, painter: QPainter, x: float, width: float, title: str) -> None:
        painter.setFont(sheet_font(22, self.scale, Weight.SEMIBOLD))
        painter.setPen(DARK.text)
        painter.drawText(self._area(x, 16, width, 36), _CENTRE, title)
        painter.fillRect(self._area(x, 60, width, 1.5), DARK.hint)

    def _tile(self, painter: QPainter, x: float, name: str) -> None:
        area = self._area(x, 78, _TILE, _TILE)
        if name in self._tiles:
            self._tiles[name].paint(painter, area, 2 * CORNER)
        else:
            paint_empty_tile(painter, area, DARK)
        if name == self._selected:
            paint_ring(painter, area, DARK)
        if name == STEM_NAME:
            blue = self.caption.endswith("blue")
            self._words(painter, x, self.caption, DARK.shortcut if blue else DARK.second)
            return
        glyph = glyphs_of_network(self._config)[name]
        place = self._area(x + 30, 208 if self._shows_some else 212, _TILE - 60, 36)
        paint_glyph(painter, place, glyph, DARK.shortcut, DARK.second)
        if self._shows_some:
            painter.setFont(sheet_font(18, self.scale, Weight.MEDIUM))
            painter.setPen(DARK.second)
            text = name.removeprefix("conv").replace("_", ".")
            painter.drawText(self._area(x, 249, _TILE, 24), _CENTRE, text)

    def _answer(self, painter: QPainter, x: float) -> None:
        self._head(painter, x, _TILE, "Answer")
        area = self._area(x, 78, _TILE, _TILE)
        if self._explained is None:
            paint_empty_tile(painter, area, DARK)
        else:
            explained = self._explained
            paint_classifier(painter, area, explained.probabilities, explained.target_class, DARK)
        self._words(painter, x, f"{self._config.classes} names", DARK.second)

    def _words(self, painter: QPainter, x: float, words: str, colour: QColor) -> None:
        painter.setFont(sheet_font(18, self.scale, Weight.MEDIUM))
        painter.setPen(colour)
        painter.drawText(self._area(x - 12, 206, _TILE + 24, 52), _CENTRE, words)

    def _area(self, x: float, y: float, width: float, height: float) -> QRectF:
        s = self.scale
        # A wide screen has room beside the sheet.
        left = (self.width() - 1536 * s) / 2
        return QRectF(left + x * s, y * s, width * s, height * s)
