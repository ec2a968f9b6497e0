"""How a block is drawn: its convolutions, its shortcut, and the gradient as width of the lines."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF, QRegion

from app.theme import Palette, Size, Weight, theme
from app.widgets.block_layout import (
    BlockLayout,
    Step,
    StepKind,
    convolution_text,
    find_block,
    lay_out_block,
    stem_steps,
    steps_of,
)
from app.widgets.figures import TIMES
from app.widgets.text import draw_text, text_width
from app.widgets.tile import TilePicture, paint_empty_tile
from resnet_core.explained.values import ResidualNumbers
from resnet_core.networks.config import Block, Convolution, NetworkConfig, Shortcut, ShortcutKind

TIGHT_BELOW = 330
"""Under this height of the drawing, batch norm and ReLU share the box of their convolution."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockState:
    """What the drawing shows. Shapes are (channels, height, width); None: no picture yet."""

    config: NetworkConfig
    name: str
    lesioned: bool = False
    numbers: ResidualNumbers | None = None
    shape_in: tuple[int, int, int] | None = None
    shape_out: tuple[int, int, int] | None = None
    gradient_norm: float | None = None
    picture_in: TilePicture | None = None
    picture_out: TilePicture | None = None

    @property
    def block(self) -> Block | None:
        """The block on show; None for conv1."""
        return find_block(self.config, self.name)


def line_width(share: float | None) -> float:
    """Logical pixels of a way that carries this share of the gradient; None: not known yet."""
    return 2.0 if share is None else 2.0 + 16.0 * share


class BlockPainter:
    """Draws one block with one painter; lives for one paint event."""

    def __init__(self, painter: QPainter, rect: QRectF, state: BlockState) -> None:
        self._painter = painter
        self._state = state
        self._block = state.block
        zoom = theme().zoom
        tight = rect.height() < TIGHT_BELOW * zoom
        block = self._block
        self._steps: tuple[Step, ...] = (
            stem_steps(tight) if block is None else steps_of(block, tight)
        )
        self._rect = rect
        self._layout: BlockLayout = lay_out_block(
            rect, self._steps, zoom, merges=block is not None, tight=tight
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    @property
    def _palette(self) -> Palette:
        return theme().palette

    def paint_still(self) -> None:
        """All but the small maps."""
        if self._block is not None and self._block.shortcut is not ShortcutKind.NONE:
            self._paint_shortcut(self._block)
        self._paint_branch()
        for box, step in zip(self._layout.boxes, self._steps, strict=True):
            self._paint_box(box, step, off=self._state.lesioned)
        if self._block is not None:
            self._paint_merge(self._block)
            self._paint_branch_label()
            if self._block.shortcut is ShortcutKind.NONE:
                self._paint_no_shortcut()
        self._paint_ends()

    def paint_tiles(self) -> None:
        """The small maps of what goes in and what comes out."""
        for rect, picture in self._tiles():
            if picture is None:
                paint_empty_tile(self._painter, rect, self._palette)
            else:
                picture.paint(self._painter, rect, 3)

    def tiles_region(self) -> QRegion:
        """Where the small maps are, with their soft edges."""
        region = QRegion()
        for rect, _ in self._tiles():
            region |= QRegion(rect.toAlignedRect())
        return region

    def _tiles(self) -> list[tuple[QRectF, TilePicture | None]]:
        ends = [(self._layout.y_tile, self._state.picture_out)]
        if self._block is not None:
            ends.append((self._layout.x_tile, self._state.picture_in))
        return ends

    # --- the shortcut ---

    def _paint_shortcut(self, block: Block) -> None:
        layout, numbers = self._layout, self._state.numbers
        share = numbers.gradient_share_shortcut if numbers is not None else None
        width = line_width(share)
        colour = self._palette.shortcut
        corner = min(18.0, (layout.plus.y() - layout.fork) / 4)
        head = max(9.0, width * 0.95)
        start = QPointF(layout.trunk, layout.fork)
        tip = layout.plus.x() + layout.plus_radius + 2
        path = QPainterPath(start)
        path.lineTo(layout.side - corner, layout.fork)
        path.quadTo(layout.side, layout.fork, layout.side, layout.fork + corner)
        path.lineTo(layout.side, layout.plus.y() - corner)
        path.quadTo(layout.side, layout.plus.y(), layout.side - corner, layout.plus.y())
        path.lineTo(tip + head - 1, layout.plus.y())
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if block.shortcut is ShortcutKind.ZERO_PADDING:
            pen.setDashPattern([max(0.5, 6 / width), max(0.4, 4 / width)])
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPath(path)
        half = max(6.0, width * 0.95)
        self._arrow(QPointF(tip, layout.plus.y()), QPointF(head, 0), half, colour)
        self._paint_shortcut_label(block)

    def _paint_shortcut_label(self, block: Block) -> None:
        """The shortcut's name on its line; a projection has its convolution in boxes as well."""
        layout = self._layout
        middle = (layout.fork + layout.plus.y()) / 2
        if block.projection is not None:
            self._paint_projection(block.projection, middle)
        elif block.shortcut is ShortcutKind.ZERO_PADDING:
            more = block.out_channels - block.in_channels
            second = f"{more} more channels" + (", /2" if block.stride > 1 else "")
            self._paint_words(middle, "zero padding", second)
        else:
            self._paint_words(middle, "identity", "")

    def _paint_projection(self, projection: Convolution, middle: float) -> None:
        layout, zoom = self._layout, theme().zoom
        tight = layout.tight
        everywhere = self._state.config.shortcut is Shortcut.C
        second = "everywhere" if everywhere and not tight else ""
        convolution = convolution_text(projection)
        width = min(146.0 * zoom, 2 * (self._rect.right() - layout.side) + 2)
        if tight:
            self._paint_words(middle - 16 * zoom, "projection", "")
            box = QRectF(layout.side - width / 2, middle, width, 24 * zoom)
            self._paint_box(box, Step(convolution, StepKind.CONVOLUTION), off=False)
            return
        self._paint_words(middle - 56 * zoom, "projection W", second)
        box = QRectF(layout.side - width / 2, middle - 22 * zoom, width, 38 * zoom)
        self._paint_box(box, Step(convolution, StepKind.CONVOLUTION), off=False)
        narrow = QRectF(layout.side - width * 0.35, box.bottom() + 7, width * 0.7, 26 * zoom)
        self._paint_box(narrow, Step("BN", StepKind.POINTWISE), off=False)

    def _paint_words(self, y: float, first: str, second: str) -> None:
        """Blue words across the shortcut's line, on the card's own colour."""
        line = 22 * theme().zoom
        width = text_width(first, Size.CONTROL, Weight.SEMIBOLD)
        height = line + 8
        if second:
            width = max(width, text_width(second, Size.CAPTION))
            height += 18 * theme().zoom
        left = min(self._layout.side - width / 2, self._rect.right() + 8 - width)
        box = QRectF(left, y - height / 2, width, height)
        self._painter.fillRect(box.adjusted(-3, 0, 3, 0), self._palette.card)
        top = QRectF(box.left(), box.top() + 4, width, line)
        self._text(top, first, Size.CONTROL, Weight.SEMIBOLD, self._palette.shortcut)
        if second:
            under = QRectF(box.left(), top.bottom() - 3, width, 18 * theme().zoom)
            self._text(under, second, Size.CAPTION, Weight.REGULAR, self._palette.second)

    def _paint_no_shortcut(self) -> None:
        layout = self._layout
        line = 20 * theme().zoom
        y = (layout.fork + layout.plus.y()) / 2 - line
        left = layout.boxes[0].right() + 8
        box = QRectF(left, y, self._rect.right() - left, line)
        self._text(box, "no shortcut", Size.CONTROL, Weight.SEMIBOLD, self._palette.second)
        box.translate(0, line)
        self._text(box, "plain network", Size.CAPTION, Weight.REGULAR, self._palette.hint)

    # --- the residual branch ---

    def _paint_branch(self) -> None:
        layout, palette = self._layout, self._palette
        first, last = layout.boxes[0], layout.boxes[-1]
        x = layout.trunk
        self._line(x, layout.top, first.top() - 9, palette.second, 2)
        self._arrow(QPointF(x, first.top() - 1), QPointF(0, -10), 6, palette.second)
        if self._block is None:
            self._line(x, first.top(), layout.bottom - 8, palette.second, 2)
            return
        numbers = self._state.numbers
        off = self._state.lesioned
        width = line_width(numbers.gradient_share_residual if numbers and not off else None)
        end = layout.plus.y() - layout.plus_radius - 2
        if self._block.shortcut is ShortcutKind.NONE:
            end = layout.relu.top() - 1
        head = min(10.0, end - last.bottom() - 2)
        self._line(x, first.top() + 2, end - head, palette.residual, width, dashed=off)
        half = max(6.0, width * 0.9)
        self._arrow(QPointF(x, end), QPointF(0, -head), half, palette.residual)

    def _paint_box(self, box: QRectF, step: Step, *, off: bool) -> None:
        palette = self._palette
        convolution = step.kind is StepKind.CONVOLUTION
        pen = QPen(palette.text if convolution else palette.hint, 1.6 if convolution else 1.1)
        if off:
            pen.setColor(palette.hint)
            pen.setDashPattern([4, 3])
        self._painter.setPen(pen)
        self._painter.setBrush(QBrush(palette.card if convolution else palette.control))
        self._painter.drawRoundedRect(box, 6, 6)
        colour = palette.hint if off else palette.text
        weight = Weight.SEMIBOLD if convolution else Weight.MEDIUM
        self._text(box.adjusted(2, 0, -2, 0), step.text, Size.CONTROL, weight, colour)

    def _paint_branch_label(self) -> None:
        layout, palette = self._layout, self._palette
        line = 20 * theme().zoom
        middle = (layout.boxes[0].top() + layout.boxes[-1].bottom()) / 2
        width = max(24.0, layout.boxes[0].left() - self._rect.left() - 2)
        rows = ("F(x)", "off") if self._state.lesioned else ("F(x)",)
        for index, row in enumerate(rows):
            y = middle + (index - len(rows) / 2) * line
            box = QRectF(self._rect.left(), y, width, line)
            left = Qt.AlignmentFlag.AlignLeft
            self._text(box, row, Size.CONTROL, Weight.BOLD, palette.residual, left)

    # --- where both meet, and the ends ---

    def _paint_merge(self, block: Block) -> None:
        layout, palette = self._layout, self._palette
        if block.shortcut is not ShortcutKind.NONE:
            radius = layout.plus_radius
            self._painter.setPen(QPen(palette.text, 2))
            self._painter.setBrush(QBrush(palette.card))
            self._painter.drawEllipse(layout.plus, radius, radius)
            arm, plus = radius * 0.5, layout.plus
            self._painter.drawLine(plus - QPointF(arm, 0), plus + QPointF(arm, 0))
            self._painter.drawLine(plus - QPointF(0, arm), plus + QPointF(0, arm))
            self._line(layout.trunk, plus.y() + radius, layout.relu.top() - 8, palette.second, 2)
            tip = QPointF(layout.trunk, layout.relu.top() - 1)
            self._arrow(tip, QPointF(0, -10), 6, palette.second)
        self._paint_box(layout.relu, Step("ReLU", StepKind.POINTWISE), off=False)
        self._line(layout.trunk, layout.relu.bottom(), layout.bottom - 8, palette.second, 2)

    def _paint_ends(self) -> None:
        layout, palette = self._layout, self._palette
        self._arrow(QPointF(layout.trunk, layout.bottom), QPointF(0, -10), 6, palette.second)
        if self._block is not None and self._block.shortcut is not ShortcutKind.NONE:
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(QBrush(palette.second))
            self._painter.drawEllipse(QPointF(layout.trunk, layout.fork), 4, 4)
        line = 18 * theme().zoom
        stem = self._block is None
        self._paint_end_word(layout.x_tile, "picture" if stem else "x", stem)
        self._paint_end_word(layout.y_tile, "y", False)
        left = Qt.AlignmentFlag.AlignLeft
        width = self._rect.right() - layout.trunk
        # Clear of the widest line that can leave the fork.
        above = QRectF(layout.trunk + 14, layout.fork - 11 - line, width - 14, line)
        self._text(above, self._size_in(), Size.CAPTION, Weight.MEDIUM, palette.second, left)
        if stem:
            under = QRectF(layout.trunk + 14, layout.bottom - line, width - 14, line)
        else:
            relu = layout.relu
            under = QRectF(relu.right() + 12, relu.center().y() - line / 2, width - 60, line)
        self._text(under, self._size_out(), Size.CAPTION, Weight.MEDIUM, palette.second, left)

    def _paint_end_word(self, tile: QRectF, word: str, word_only: bool) -> None:
        x = tile.left() if word_only else tile.right() + 9
        box = QRectF(x, tile.center().y() - 12, 60 * theme().zoom, 24)
        left = Qt.AlignmentFlag.AlignLeft
        self._text(box, word, Size.CONTROL, Weight.SEMIBOLD, self._palette.text, left)

    def _size_in(self) -> str:
        channels = 3 if self._block is None else self._block.in_channels
        return _size(self._state.shape_in, channels)

    def _size_out(self) -> str:
        channels = 64 if self._block is None else self._block.out_channels
        return _size(self._state.shape_out, channels)

    # --- strokes ---

    def _line(
        self,
        x: float,
        top: float,
        bottom: float,
        colour: QColor,
        width: float,
        dashed: bool = False,
    ) -> None:
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashed:
            pen.setDashPattern([2, 1.5])
        self._painter.setPen(pen)
        self._painter.drawLine(QPointF(x, top), QPointF(x, bottom))

    def _arrow(self, tip: QPointF, back: QPointF, half: float, colour: QColor) -> None:
        """A filled head that ends at tip; back: from the tip to its base; half: half its width."""
        length = max(1e-6, (back.x() ** 2 + back.y() ** 2) ** 0.5)
        across = QPointF(-back.y(), back.x()) * (half / length)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QBrush(colour))
        self._painter.drawPolygon(QPolygonF([tip, tip + back + across, tip + back - across]))

    def _text(
        self,
        rect: QRectF,
        text: str,
        size: Size,
        weight: Weight,
        colour: QColor,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
    ) -> None:
        if size is Size.CONTROL and text_width(text, size, weight) > rect.width() > 0:
            size = Size.CAPTION
        draw_text(self._painter, rect, text, size, weight, colour, align)


def _size(shape: tuple[int, int, int] | None, channels: int) -> str:
    if shape is None:
        return f"{channels} channels"
    return f" {TIMES} ".join(map(str, shape))
