"""How the strip is drawn, from its layout and what it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPen
from PySide6.QtGui import QPainterPath as Path

from app.theme import Palette, Size, Weight, theme
from app.widgets.curve import log_heights, smooth_path
from app.widgets.figures import TIMES, percent, short_number
from app.widgets.glyphs import Glyph, paint_glyph
from app.widgets.strip_layout import StageHead, StripLayout, TilePlace
from app.widgets.text import draw_text, text_width
from app.widgets.tile import (
    CORNER,
    TilePicture,
    paint_classifier,
    paint_empty_tile,
    paint_ring,
    paint_share,
)
from resnet_core.explained.values import BlockExplained, Explained, MapKind, Score
from resnet_core.networks.config import STEM_NAME, NetworkConfig

KIND_WORDS = {
    MapKind.ACTIVATION: "Activation",
    MapKind.GRADIENT: "Gradient",
    MapKind.GRAD_CAM: "Grad-CAM",
    MapKind.LAYER_CAM: "LayerCAM",
}

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, slots=True, eq=False)
class StripState:
    """What the strip shows. explained None: no picture has been explained yet."""

    config: NetworkConfig
    glyphs: Mapping[str, Glyph]
    selected: str
    explained: Explained | None = None
    blocks: Mapping[str, BlockExplained] = field(default_factory=dict)
    pictures: Mapping[str, TilePicture] = field(default_factory=dict)
    kind: MapKind | None = None
    lesioned: frozenset[str] = frozenset()
    target_name: str = ""
    compact: bool = False
    focused: bool = False


class StripPainter:
    """Draws one strip with one painter, or a layer of it; lives for one paint event."""

    def __init__(self, painter: QPainter, layout: StripLayout, state: StripState) -> None:
        self._painter = painter
        self._layout = layout
        self._state = state
        self._zoom = theme().zoom
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    @property
    def _palette(self) -> Palette:
        return theme().palette

    def paint_network(self) -> None:
        """What the network is, the same for every picture."""
        overview = bool(self._layout.close_up)
        if overview:
            self._paint_panel()
        else:
            self._paint_selected_column()
        if self._state.explained is None and not overview:
            self._paint_links()
        for head in self._layout.heads:
            self._paint_head(head, overview)
        for place in self._places:
            self._paint_name(place)
        if self._layout.labels:
            self._paint_labels(overview)
        for place in self._places:
            self._paint_window(place)

    def paint_figures(self) -> None:
        """What is measured of the picture, over the network."""
        overview = bool(self._layout.close_up)
        if self._state.explained is not None:
            self._paint_curve(numbers=not self._state.compact, every=not overview)
        for place in self._places:
            self._paint_share(place)
        self._paint_classifier(words=not overview and not self._state.compact)

    def paint_maps(self) -> None:
        """The maps, which lie under the still layer and are seen through its windows."""
        for place in self._places:
            picture = self._state.pictures.get(place.name)
            if picture is not None:
                picture.paint_square(self._painter, place.picture)

    def paint_marks(self) -> None:
        """What lies above both: which branches are off, and the ring."""
        for place in self._places:
            if place.name in self._state.lesioned:
                width = 2.0 if self._is_small(place) else 4.0
                self._outline(place.picture, self._palette.residual, width, CORNER)
        self._paint_ring()

    # --- background ---

    def _paint_selected_column(self) -> None:
        for place in self._layout.tiles:
            if place.name == self._state.selected and self._state.explained is not None:
                column = place.column.adjusted(0, place.picture.top() - 5, 0, -14)
                self._fill(column, self._palette.control, 8)
                if self._state.focused:
                    self._outline(column, self._palette.text, 3, 8)

    def _paint_panel(self) -> None:
        panel, window = self._layout.panel, self._layout.window
        if panel is None or window is None:
            return
        row = self._layout.tiles[0].picture.top() - 6
        funnel = Path(QPointF(panel.left() + 8, panel.bottom() - 1))
        for x, y in (
            (panel.right() - 8, panel.bottom() - 1),
            (window.right(), row),
            (window.left(), row),
        ):
            funnel.lineTo(x, y)
        fade = QLinearGradient(0, panel.bottom(), 0, row)
        fade.setColorAt(0, self._palette.control)
        fade.setColorAt(1, _faded(self._palette.control, 90))
        self._painter.fillPath(funnel, QBrush(fade))
        self._fill(panel, self._palette.control, 8)
        self._fill(
            QRectF(window.left(), row, window.width(), window.bottom() - row),
            self._palette.control,
            6,
        )
        if self._state.focused:
            self._outline(panel, self._palette.text, 3, 8)

    def _paint_links(self) -> None:
        """Lines between the dashed tiles: the network is there, only the picture is missing."""
        self._painter.setPen(QPen(self._palette.hint, 1.2))
        boxes = [place.picture for place in self._layout.tiles] + [self._layout.classifier]
        for before, after in pairwise(boxes):
            y = before.center().y()
            self._painter.drawLine(QPointF(before.right() + 3, y), QPointF(after.left() - 3, y))

    # --- one tile ---

    @property
    def _places(self) -> tuple[TilePlace, ...]:
        return (*self._layout.tiles, *self._layout.close_up)

    def _is_small(self, place: TilePlace) -> bool:
        """Whether it is of the overview, which has a close-up above."""
        return bool(self._layout.close_up) and place not in self._layout.close_up

    def _paint_window(self, place: TilePlace) -> None:
        """A rounded hole in the layer where a map will lie, or a tile that has none."""
        state, palette = self._state, self._palette
        if place.name in state.pictures:
            self._painter.setCompositionMode(
                QPainter.CompositionMode.CompositionMode_DestinationOut
            )
            corner = 2 if self._is_small(place) else CORNER
            self._fill(place.picture, palette.text, corner)
            self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        elif state.explained is None:
            paint_empty_tile(self._painter, place.picture, palette)
        else:
            self._fill(place.picture, palette.control, CORNER)

    def _paint_name(self, place: TilePlace) -> None:
        """The tile's name, and what kind of block it is."""
        if place.name != STEM_NAME:
            if not self._is_small(place):
                self._paint_glyph(place)
        elif place in self._layout.close_up:
            self._text(_wider(place.number, 8), STEM_NAME, _CENTRE, Size.CONTROL)

    def _paint_glyph(self, place: TilePlace) -> None:
        state, palette = self._state, self._palette
        rect = place.glyph
        if state.explained is None and not place.upright:
            rect = QRectF(
                place.picture.left(), rect.top() + 4, place.picture.width(), rect.height()
            )
        paint_glyph(
            self._painter,
            rect,
            state.glyphs[place.name],
            palette.shortcut,
            palette.second,
            branch_off=place.name in state.lesioned,
        )
        chosen = place.name == state.selected
        weight = Weight.BOLD if chosen and place.upright else Weight.MEDIUM
        text = caption(place.name).removeprefix("conv")
        if place.upright:
            self._text(_wider(place.number, 8), text, _CENTRE, Size.CONTROL, weight)
        elif state.explained is not None and not state.compact:
            size = Size.CONTROL if place.number.width() > 30 * self._zoom else Size.CAPTION
            self._text(place.number, text, _RIGHT, size, Weight.SEMIBOLD)

    def _paint_share(self, place: TilePlace) -> None:
        block = self._state.blocks.get(place.name)
        if block is None or block.numbers is None:
            return
        numbers = block.numbers
        shortcut, residual = numbers.gradient_share_shortcut, numbers.gradient_share_residual
        paint_share(
            self._painter, place.share, shortcut, residual, self._palette, upright=place.upright
        )
        percents = place.upright and not self._is_small(place) and not self._state.compact
        if percents and shortcut + residual > 0:
            plain = self._state.glyphs[place.name] is Glyph.PLAIN
            colour = self._palette.residual if plain else self._palette.shortcut
            right = place.column.right() - 4
            number = QRectF(
                place.glyph.left() - 8,
                place.number.top(),
                right - place.glyph.left() + 8,
                place.number.height(),
            )
            text = percent(residual if plain else shortcut)
            self._text(number, text, _RIGHT, Size.CAPTION, Weight.SEMIBOLD, colour)

    def _paint_ring(self) -> None:
        if self._state.explained is None:
            return
        for place in self._places:
            if place.name == self._state.selected:
                if self._is_small(place):
                    self._outline(place.picture.adjusted(-3, -3, 3, 3), self._palette.text, 3, 5)
                else:
                    paint_ring(self._painter, place.picture, self._palette)

    # --- stages, classifier, labels ---

    def _paint_head(self, head: StageHead, below: bool) -> None:
        palette, text = self._palette, head.text
        self._painter.setPen(QPen(palette.hint, 1.5))
        self._painter.drawLine(QPointF(text.left(), head.rule), QPointF(text.right(), head.rule))
        name = {1: STEM_NAME, 6: "fc"}.get(head.stage, f"conv{head.stage}_x")
        details = self._details(head)
        size = Size.CAPTION if below else Size.CONTROL
        if below:
            self._paint_name_below(head, name)
        elif details and self._fits(name, details, text.width()):
            self._text(text, name, _LEFT, size, Weight.SEMIBOLD)
            self._text(text, details, _RIGHT, Size.CAPTION, colour=palette.hint)
        else:
            self._text(_wider(text, 12), name, _CENTRE, size, Weight.SEMIBOLD)

    def _paint_name_below(self, head: StageHead, name: str) -> None:
        long = f"{name}, {head.blocks} blocks"
        room = head.text.width()
        bold = Weight.SEMIBOLD
        name = long if 1 < head.stage < 6 and text_width(long, Size.CAPTION, bold) < room else name
        if text_width(name, Size.CAPTION, bold) > room + 36:
            name = name.removeprefix("conv")
        self._text(_wider(head.text, 30), name, _CENTRE, Size.CAPTION, Weight.SEMIBOLD)

    def _details(self, head: StageHead) -> str:
        if self._state.compact or self._state.explained is None or not 1 < head.stage < 6:
            return ""
        block = self._state.blocks.get(f"conv{head.stage}_1")
        if block is None:
            return ""
        height, width = block.size
        return f"{height} {TIMES} {width}, {block.channels} channels"

    def _fits(self, name: str, details: str, room: float) -> bool:
        length = text_width(name, Size.CONTROL, Weight.SEMIBOLD)
        return length + text_width(details, Size.CAPTION) + 12 < room

    def _paint_classifier(self, *, words: bool) -> None:
        explained, rect = self._state.explained, self._layout.classifier
        if explained is None:
            paint_empty_tile(self._painter, rect, self._palette)
            return
        probabilities, target = explained.probabilities, explained.target_class
        paint_classifier(self._painter, rect, probabilities, target, self._palette)
        if not words:
            return
        line = 20 * self._zoom
        box = QRectF(rect.left() - 14, rect.bottom() + 8, rect.width() + 28, line)
        classes = f"{explained.probabilities.size} classes"
        self._text(box, classes, _CENTRE, Size.CAPTION, colour=self._palette.second)
        bottom = self._layout.curve.bottom()
        score = explained.identity.target.score
        words_of = "loss of" if score is Score.LOSS else "score of"
        box.moveTop(bottom - 2 * line - 8)
        self._text(box, words_of, _CENTRE, Size.CAPTION, colour=self._palette.hint)
        box.moveTop(bottom - line - 8)
        self._text(box, self._state.target_name, _CENTRE, Size.CAPTION, Weight.SEMIBOLD)

    def _paint_labels(self, overview: bool) -> None:
        state, tile = self._state, self._layout.tiles[-1]
        line = 18 * self._zoom
        if state.explained is None:
            self._label(14 if overview else tile.picture.top() + 12, "The network", "is ready")
            if not overview:
                return
        if overview:
            if state.explained is not None:
                self._label(14, "Close-up", self._kind_words())
            middle = tile.picture.center().y() - line / 2
            self._label(middle, f"All {len(state.config.blocks)} blocks")
        else:
            self._label(tile.picture.top() + 2, "Live map", self._kind_words())
            self._label(tile.glyph.center().y() - line / 2, "Shortcut")
        if state.explained is None:
            return
        share = tile.share.center().y() - line * (0.5 if overview else 0.55)
        self._label(share, "Gradient share")
        self._paint_ways(share + line)
        self._label(self._layout.curve.center().y() - line, "Gradient norm", "log scale")

    def _kind_words(self) -> str:
        return "" if self._state.kind is None else KIND_WORDS[self._state.kind]

    def _paint_ways(self, y: float) -> None:
        room = QRectF(16, y, self._layout.labels - 16, 18 * self._zoom)
        palette, bold = self._palette, Weight.SEMIBOLD
        self._text(room, "shortcut", _LEFT, Size.CAPTION, bold, palette.shortcut)
        room.setLeft(room.left() + text_width("shortcut", Size.CAPTION, bold) + 8)
        self._text(room, "F(x)", _LEFT, Size.CAPTION, bold, palette.residual)

    def _label(self, y: float, text: str, second: str = "") -> None:
        line = 18 * self._zoom
        box = QRectF(16, y, self._layout.labels - 12, line)
        colour = self._palette.second
        self._text(box, text, _LEFT, Size.CAPTION, Weight.SEMIBOLD, colour)
        box.translate(0, line)
        self._text(box, second, _LEFT, Size.CAPTION, colour=self._palette.hint)

    # --- the curve ---

    def _paint_curve(self, *, numbers: bool, every: bool) -> None:
        places, palette = self._layout.tiles, self._palette
        norms = [self._state.blocks[place.name].gradient_norm for place in places]
        curve = self._layout.curve
        above = 20 * self._zoom if numbers else 6.0
        room = curve.height() - above - (12 if every else 4)
        points = [
            QPointF(place.picture.center().x(), curve.top() + above + room * (1 - height))
            for place, height in zip(places, log_heights(norms), strict=True)
        ]
        line = smooth_path(points)
        area = Path(line)
        area.lineTo(points[-1].x(), curve.bottom())
        area.lineTo(points[0].x(), curve.bottom())
        self._painter.fillPath(area, QBrush(_faded(palette.text, 24)))
        self._painter.setPen(QPen(palette.line, 1))
        start, end = self._layout.baseline
        self._painter.drawLine(QPointF(start, curve.bottom()), QPointF(end, curve.bottom()))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(palette.text, 2.5))
        self._painter.drawPath(line)
        last = len(places) - 1
        for index, (place, point) in enumerate(zip(places, points, strict=True)):
            chosen = place.name == self._state.selected
            if every or chosen:
                self._paint_dot(point)
            if numbers and (every or chosen or index in (0, last)):
                aside = not every and chosen and index not in (0, last)
                self._paint_number(point, norms[index], chosen, aside)

    def _paint_dot(self, point: QPointF) -> None:
        self._painter.setPen(QPen(self._palette.card, 2))
        self._painter.setBrush(QBrush(self._palette.text))
        self._painter.drawEllipse(point, 4.5, 4.5)

    def _paint_number(self, point: QPointF, norm: float, chosen: bool, aside: bool) -> None:
        height = 18 * self._zoom
        x = point.x() + (30 if aside else 0)
        box = QRectF(x - 50, point.y() - height - 5, 100, height)
        start, end = self._layout.baseline
        box.moveRight(min(box.right(), end + 30))
        box.moveLeft(max(box.left(), start - 34))
        weight = Weight.BOLD if chosen else Weight.REGULAR
        colour = self._palette.text if chosen else self._palette.second
        self._text(box, short_number(norm), _CENTRE, Size.CAPTION, weight, colour)

    # --- strokes ---

    def _text(
        self,
        rect: QRectF,
        text: str,
        align: Qt.AlignmentFlag,
        size: Size = Size.CAPTION,
        weight: Weight = Weight.REGULAR,
        colour: QColor | None = None,
    ) -> None:
        draw_text(
            self._painter, rect, text, size, weight, colour or self._palette.text, align,
            elided=True,
        )  # fmt: skip

    def _fill(self, rect: QRectF, colour: QColor, corner: float) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QBrush(colour))
        self._painter.drawRoundedRect(rect, corner, corner)

    def _outline(self, rect: QRectF, colour: QColor, width: float, corner: float) -> None:
        half = width / 2
        self._painter.setPen(QPen(colour, width))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), corner, corner)


def caption(name: str) -> str:
    """``conv4_2`` as the window writes it: ``conv4.2``."""
    return name.replace("_", ".")


def _wider(rect: QRectF, by: float) -> QRectF:
    return rect.adjusted(-by, 0, by, 0)


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded
