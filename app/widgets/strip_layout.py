"""Where everything lies in the strip. Pure geometry: sizes in, rectangles out.

Up to 18 blocks every block has a large tile with its glyph, number and share. Deeper networks get
an overview of small tiles and a close-up of eleven of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from PySide6.QtCore import QPointF, QRect, QRectF

from resnet_core.networks.config import NetworkConfig

LARGEST_LARGE = 18
"""The most blocks that the large layout takes; 34 and 50 have 16, 101 has 33."""

CLOSE_UP = 11
FULL_HEIGHT = 288
COMPACT_HEIGHT = 184


@dataclass(frozen=True, slots=True)
class TilePlace:
    """Where one tile and what belongs to it lies.

    column: what a click hits and what is grey behind the selected tile. conv1 uses neither glyph,
    number nor share. upright: whether the share bar stands.
    """

    name: str
    picture: QRectF
    glyph: QRectF
    number: QRectF
    share: QRectF
    column: QRectF
    upright: bool = False


@dataclass(frozen=True, slots=True)
class StageHead:
    """The name of a stage over (or under) a line as long as its tiles."""

    stage: int  # 1 is conv1, 6 is the classifier
    blocks: int
    text: QRectF
    rule: float  # y of the line


@dataclass(frozen=True, slots=True)
class StripLayout:
    """All rectangles of one strip. window, panel, close_up: only with an overview."""

    tiles: tuple[TilePlace, ...]
    classifier: QRectF
    heads: tuple[StageHead, ...]
    curve: QRectF
    baseline: tuple[float, float]  # left and right end of the line under the curve
    labels: float  # width of the column of labels on the left, 0 when compact
    close_up: tuple[TilePlace, ...] = ()
    panel: QRectF | None = None
    window: QRectF | None = None

    @property
    def maps(self) -> QRect:
        """All tiles, with what is between them."""
        first, last = self.tiles[0], self.tiles[-1]
        around = first.picture.united(last.picture)
        if self.close_up:
            around |= self.close_up[0].picture | self.close_up[-1].picture
        return around.toAlignedRect()

    def hit(self, point: QPointF) -> str | None:
        """The name of the tile under the point."""
        for place in (*self.close_up, *self.tiles):
            if place.column.contains(point):
                return place.name
        return None


def needs_overview(config: NetworkConfig) -> bool:
    """Whether the network is too deep for the large layout."""
    return len(config.blocks) > LARGEST_LARGE


def first_shown(first: int, selected: int, count: int) -> int:
    """The first of the eleven tiles in the close-up so that the selected one is among them.

    It moves no further than needed to keep one neighbour in sight; from afar the selected tile
    comes to the middle.
    """
    if not first - 1 <= selected <= first + CLOSE_UP:
        first = selected - CLOSE_UP // 2
    first = min(max(first, selected - CLOSE_UP + 2), selected - 1)
    return clamp_first(first, count)


def clamp_first(first: int, count: int) -> int:
    """The nearest first tile at which the close-up stays within the network."""
    return min(max(first, 0), max(0, count - CLOSE_UP))


def lay_out(
    config: NetworkConfig,
    width: float,
    height: float,
    zoom: float = 1.0,
    compact: bool = False,
    first: int = 0,
    empty: bool = False,
) -> StripLayout:
    """Rectangles for a strip of width x height logical pixels.

    first: of the close-up. empty: without a curve, so that the tiles may have its room.
    """
    if needs_overview(config):
        return _overview(config, width, height, zoom, compact, first)
    return _large(config, width, height, zoom, compact, empty)


def _spread(
    stages: Sequence[int], left: float, right: float, largest: float, least: tuple[float, float]
) -> tuple[float, list[list[float]]]:
    """The side of a tile and the left edges of all tiles, stage by stage.

    least: the smallest gaps within and between stages. What the largest side leaves over goes to
    the gaps, those between the stages a third wider.
    """
    inner_count = sum(count - 1 for count in stages)
    outer_count = len(stages) - 1
    room = right - left
    side = (room - inner_count * least[0] - outer_count * least[1]) / sum(stages)
    side = max(4.0, min(side, largest))
    spare = room - sum(stages) * side - inner_count * least[0] - outer_count * least[1]
    unit = max(0.0, spare) / (3 * inner_count + 4 * outer_count)
    inner, outer = least[0] + 3 * unit, least[1] + 4 * unit
    x = left
    edges: list[list[float]] = []
    for count in stages:
        edges.append([x + index * (side + inner) for index in range(count)])
        x = edges[-1][-1] + side + outer
    return side, edges


def _large(
    config: NetworkConfig, width: float, height: float, zoom: float, compact: bool, empty: bool
) -> StripLayout:
    labels = 0.0 if compact else 120 * zoom
    top = (40 if compact else 42) * zoom
    left = 16.0 if compact else labels + 12
    right = width - (16 if compact else 28)
    stages = (1, *config.blocks_per_stage, 1)
    below_tiles = (112 if compact else 192) * zoom
    largest = max(24.0, height - below_tiles)
    if empty:
        largest = max(24.0, min(96 * zoom, height - top - 44 * zoom))
    side, edges = _spread(stages, left, right, largest, (10, 22))
    tiles = _large_tiles(
        config.output_names, [x for s in edges[:-1] for x in s], side, top, zoom, compact
    )
    below = tiles[-1].share.bottom() + (10 if compact else 18) * zoom
    tiles = _with_columns(tiles, 0, height, left, right)
    return StripLayout(
        tiles=tiles,
        classifier=QRectF(edges[-1][0], top, side, side),
        heads=_heads(stages, edges, side, top - (30 if compact else 32) * zoom, 20 * zoom, True),
        curve=QRectF(left, below, right - left, max(8.0, height - 14 - below)),
        baseline=(labels or left, width - 16),
        labels=labels,
    )


def _large_tiles(
    names: Sequence[str],
    lefts: Sequence[float],
    side: float,
    top: float,
    zoom: float,
    compact: bool,
) -> tuple[TilePlace, ...]:
    """compact: the share stands beside the glyph where it has room, and there is no number."""
    beside = compact and side >= 60 * zoom
    glyph_height = 18 * zoom
    # A number of three figures needs 24 px beside the glyph.
    glyph_width = 28 * zoom if compact else min(28 * zoom, max(16.0, side - 24 * zoom))
    row = top + side + 8 * zoom
    places = []
    for name, x in zip(names, lefts, strict=True):
        number = QRectF(x + glyph_width, row, max(0.0, side - glyph_width), glyph_height)
        share = QRectF(x, row + glyph_height + 5 * zoom, side, (9 if compact else 12) * zoom)
        if beside:
            start = glyph_width + 4
            share = QRectF(x + start, row + 5 * zoom, side - start, 9 * zoom)
        places.append(
            TilePlace(
                name=name,
                picture=QRectF(x, top, side, side),
                glyph=QRectF(x, row, glyph_width, glyph_height),
                number=number,
                share=share,
                column=QRectF(),
            )
        )
    return tuple(places)


def _with_columns(
    tiles: Sequence[TilePlace], top: float, height: float, left: float, right: float
) -> tuple[TilePlace, ...]:
    """The tiles with what a click hits: each reaches half-way to its neighbours, at most 13 px."""
    reach = 13.0
    done = []
    for index, place in enumerate(tiles):
        box = place.picture
        before = tiles[index - 1].picture.right() if index else left - 2 * reach
        after = tiles[index + 1].picture.left() if index + 1 < len(tiles) else right
        start = box.left() - min(reach, (box.left() - before) / 2)
        end = box.right() + min(reach, (after - box.right()) / 2)
        column = QRectF(start, top, end - start, height)
        done.append(replace(place, column=column))
    return tuple(done)


def _heads(
    stages: Sequence[int],
    edges: Sequence[Sequence[float]],
    side: float,
    top: float,
    height: float,
    above: bool,
) -> tuple[StageHead, ...]:
    rule = top + height + 3 if above else top - 1
    heads = []
    for stage, (count, lefts) in enumerate(zip(stages, edges, strict=True), start=1):
        text = QRectF(lefts[0], top, lefts[-1] + side - lefts[0], height)
        heads.append(StageHead(stage, count, text, rule))
    return tuple(heads)


def _overview(
    config: NetworkConfig, width: float, height: float, zoom: float, compact: bool, first: int
) -> StripLayout:
    labels = 0.0 if compact else 120 * zoom
    left, right = (16.0 if compact else labels), width - 16
    names = config.output_names
    stages = (1, *config.blocks_per_stage, 1)
    panel_height = height - (108 if compact else 180) * zoom
    panel = QRectF(left, 6, right - left, max(48.0, panel_height))
    side, edges = _spread(stages, left, right, 24 * zoom, (2, 8 if compact else 14))
    top = panel.bottom() + (12 if compact else 18) * zoom
    share_height = (10 if compact else 20) * zoom
    lefts = [x for stage in edges[:-1] for x in stage]
    names_top = height - 28 * zoom
    tiles = _small_tiles(names, lefts, side, top, share_height)
    tiles = _with_columns(tiles, top - 4, names_top - top + 4, left, right)
    curve_top = top + side + 6 + share_height + (4 if compact else 6) * zoom
    curve = QRectF(left, curve_top, right - left, max(8.0, names_top - 6 - curve_top))
    shown = tiles[first : first + CLOSE_UP]
    return StripLayout(
        tiles=tiles,
        classifier=QRectF(edges[-1][0], top, side, side),
        heads=_heads(stages, edges, side, names_top, 24 * zoom, False),
        curve=curve,
        baseline=(left, right),
        labels=labels,
        close_up=_close_up([tile.name for tile in shown], panel, zoom, compact),
        panel=panel,
        window=_window(shown, panel.bottom(), height - 6),
    )


def _small_tiles(
    names: Sequence[str], lefts: Sequence[float], side: float, top: float, share_height: float
) -> tuple[TilePlace, ...]:
    return tuple(
        TilePlace(
            name=name,
            picture=QRectF(x, top, side, side),
            glyph=QRectF(),
            number=QRectF(),
            share=QRectF(x, top + side + 3, side, share_height),
            column=QRectF(),
            upright=True,
        )
        for name, x in zip(names, lefts, strict=True)
    )


def _close_up(
    names: Sequence[str], panel: QRectF, zoom: float, compact: bool
) -> tuple[TilePlace, ...]:
    cell = panel.width() / CLOSE_UP
    text = 24 * zoom
    aside = (20 if compact else 28) * zoom
    side = max(16.0, min(cell - 18 - aside, panel.height() - 10 - text))
    places = []
    for index, name in enumerate(names):
        x, top = panel.left() + index * cell + 8, panel.top() + 6
        glyph = QRectF(x + side + 6, top, aside, 18 * zoom)
        bar_top = glyph.bottom() + 6
        share = QRectF(glyph.left() + 1, bar_top, 12 * zoom, max(4.0, top + side - bar_top))
        places.append(
            TilePlace(
                name=name,
                picture=QRectF(x, top, side, side),
                glyph=glyph,
                number=QRectF(x, top + side + 4, side, text - 4),
                share=share,
                column=QRectF(panel.left() + index * cell, panel.top(), cell, panel.height()),
                upright=True,
            )
        )
    return tuple(places)


def _window(shown: Sequence[TilePlace], top: float, bottom: float) -> QRectF:
    left, right = shown[0].column.left(), shown[-1].column.right()
    return QRectF(left, top, right - left, bottom - top)


def index_at(layout: StripLayout, x: float) -> int:
    """The index of the overview's tile nearest to x."""
    centres = [place.picture.center().x() for place in layout.tiles]
    borders = [(before + after) / 2 for before, after in pairwise(centres)]
    return sum(x > border for border in borders)
