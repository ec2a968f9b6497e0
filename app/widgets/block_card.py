"""The card of the selected block: its drawing and the two ways of the gradient in numbers."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.block_drawing import BlockPainter, BlockState
from app.widgets.block_layout import find_block
from app.widgets.controls_drawing import draw_card
from app.widgets.figures import percent, short_number
from app.widgets.kept_layer import KeptLayer
from app.widgets.text import draw_text, text_width
from app.widgets.tile import TilePicture, paint_share
from resnet_core.explained.values import Explained
from resnet_core.networks.config import STEM_NAME, NetworkConfig, ShortcutKind
from resnet_core.pictures.painting import Painted

_MARGIN = 16
_LOW = 440
"""Under this height the numbers stand in two lines in place of three."""

_NORM = "\N{DOUBLE VERTICAL LINE}"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BlockCard(QWidget):
    """The selected block as in the paper, with what this picture did in it.

    previous_requested and next_requested are wishes: what is on show changes only by set_block.
    """

    previous_requested = Signal()
    next_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        config = NetworkConfig()
        self._state = BlockState(config, config.output_names[-1])
        self._explained: Explained | None = None
        self._painted: Painted | None = None
        self._layer = KeptLayer(self)
        self._tiles = QRegion()  # where they were painted last
        self._previous = _StepButton("chevron-left", "Previous block, Left", self)
        self._next = _StepButton("chevron-right", "Next block, Right", self)
        self._previous.clicked.connect(self.previous_requested)
        self._next.clicked.connect(self.next_requested)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._theme_changed)
        self._refresh()

    # --- what is shown ---

    def set_network(self, config: NetworkConfig) -> None:
        """Show a block of another network; the same name where it exists, else the last one."""
        names = config.output_names
        name = self._state.name if self._state.name in names else names[-1]
        self._explained = self._painted = None
        self._state = BlockState(config, name)
        self._refresh()

    def set_block(self, name: str) -> None:
        """Show conv1 or a block; names of other networks are ignored."""
        if name in self._state.config.output_names:
            self._state = replace(self._state, name=name)
            self._refresh()

    def set_explained(self, explained: Explained, painted: Painted | None) -> None:
        """Show the numbers of one picture; of another network than the one on show: ignored."""
        if set(self._state.config.output_names) - {block.name for block in explained.blocks}:
            return
        if self._explained is None:
            self._layer.spoil()
        self._explained, self._painted = explained, None
        self.set_painted(painted)

    def set_painted(self, painted: Painted | None) -> None:
        """Show other maps of the same picture in the small tiles; of another one: ignored."""
        explained = self._explained
        if painted is not None and explained is not None:
            if painted.identity != explained.identity:
                return
            self._painted = painted
        self._find()
        self._layer.spoil_in_time()
        # Not the whole card: the two buttons on it would be painted with every frame.
        self.update(self._tiles)

    def set_live(self, live: bool) -> None:
        """Whether the picture moves on: then the numbers follow at the pace of reading."""
        self._layer.set_moves(live)

    def set_lesioned(self, on: bool) -> None:
        """Draw the residual branch as switched off."""
        if on != self._state.lesioned:
            self._state = replace(self._state, lesioned=on)
            self._refresh()

    def clear(self) -> None:
        """The bare block, before any picture."""
        self.set_network(self._state.config)

    @property
    def title(self) -> str:
        """``conv4_x, block 2 of 2``."""
        block = find_block(self._state.config, self._state.name)
        if block is None:
            return STEM_NAME
        count = self._state.config.blocks_per_stage[block.stage - 2]
        return f"conv{block.stage}_x, block {block.index} of {count}"

    @property
    def ratio_label(self) -> str:
        """What the key number is: the size of F(x) against what the shortcut carries."""
        block = find_block(self._state.config, self._state.name)
        if block is None:
            return f"{_NORM}gradient{_NORM}"
        if block.shortcut is ShortcutKind.NONE:
            return f"{_NORM}F(x){_NORM}"
        carried = {
            ShortcutKind.IDENTITY: "x",
            ShortcutKind.PROJECTION: "Wx",
            ShortcutKind.ZERO_PADDING: "padded x",
        }[block.shortcut]
        return f"{_NORM}F(x){_NORM} / {_NORM}{carried}{_NORM}"

    @property
    def key_number(self) -> float | None:
        """The number under ratio_label, or None where there is nothing to tell."""
        numbers = self._state.numbers
        if self._state.name == STEM_NAME:
            return self._state.gradient_norm
        if numbers is None:
            return None
        block = find_block(self._state.config, self._state.name)
        if block is not None and block.shortcut is ShortcutKind.NONE:
            return numbers.residual_norm
        return numbers.residual_ratio

    # --- sizes and drawing ---

    def sizeHint(self) -> QSize:
        return QSize(round(400 * theme().zoom), round(584 * theme().zoom))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 320)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_buttons()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._layer.paint(painter, self._paint_still)
            block = BlockPainter(painter, self._area(), self._state)
            block.paint_tiles()
            self._tiles = block.tiles_region()
        finally:
            painter.end()

    def _paint_still(self, painter: QPainter) -> None:
        draw_card(painter, QRectF(self.rect()))
        ink = theme().palette.text
        draw_text(painter, self._title_line(), self.title, Size.TITLE, Weight.BOLD, ink)
        BlockPainter(painter, self._area(), self._state).paint_still()
        self._paint_footer(painter, self._footer())

    def _title_line(self) -> QRectF:
        return QRectF(_MARGIN, 10, self._previous.x() - _MARGIN - 8, self._previous.height())

    def _area(self) -> QRectF:
        """Where the block is drawn."""
        top = 56.0 if self._low else 56.0 + 8 * (theme().zoom - 1)
        top = max(top, self._title_line().bottom() + 6)
        end = self._footer().top() - (8 if self._low else 28)
        return QRectF(_MARGIN, top, self.width() - 2 * _MARGIN, end - top)

    @property
    def _low(self) -> bool:
        return self.height() < _LOW * theme().zoom

    def _footer(self) -> QRectF:
        height = (64 if self._low else 94) * theme().zoom
        return QRectF(_MARGIN, self.height() - height, self.width() - 2 * _MARGIN, height)

    def _paint_footer(self, painter: QPainter, footer: QRectF) -> None:
        palette, zoom = theme().palette, theme().zoom
        width = max(102 * zoom, text_width(self.ratio_label, Size.CAPTION, Weight.MEDIUM) + 4)
        key = QRectF(footer.right() - width, footer.top(), width, footer.height())
        ways = QRectF(footer.left(), footer.top(), key.left() - 32 - footer.left(), footer.height())
        painter.setPen(QPen(palette.line, 1.5))
        painter.drawLine(footer.topLeft(), footer.topRight())
        x = key.left() - 16
        painter.drawLine(QPointF(x, footer.top() + 12), QPointF(x, footer.bottom() - 14))
        self._paint_key(painter, key)
        self._paint_ways(painter, ways)

    def _paint_key(self, painter: QPainter, key: QRectF) -> None:
        palette, zoom = theme().palette, theme().zoom
        label = QRectF(key.left(), key.top() + 8 * zoom, key.width(), 22 * zoom)
        draw_text(painter, label, self.ratio_label, Size.CAPTION, Weight.MEDIUM, palette.second)
        value = self.key_number
        text = "\N{EN DASH}" if value is None else short_number(value)
        size = Size.TITLE if self._low else Size.KEY_NUMBER
        weight = Weight.SEMIBOLD if self._low else Weight.BOLD
        number = QRectF(key.left(), label.bottom(), key.width(), (26 if self._low else 44) * zoom)
        if text_width(text, size, weight) > key.width():
            size = Size.TITLE  # powers of ten are long
        draw_text(painter, number, text, size, weight, palette.text)

    def _paint_ways(self, painter: QPainter, box: QRectF) -> None:
        palette, zoom = theme().palette, theme().zoom
        block = find_block(self._state.config, self._state.name)
        line = QRectF(box.left(), box.top() + 8 * zoom, box.width(), 22 * zoom)
        if block is None:
            text = "No shortcut before the first block"
            draw_text(painter, line, text, Size.CAPTION, Weight.MEDIUM, palette.second)
            line.translate(0, 20 * zoom)
            text = "Right: at the output, after pooling"
            draw_text(painter, line, text, Size.CAPTION, Weight.REGULAR, palette.hint)
            return
        numbers = self._state.numbers
        shortcut = numbers.gradient_share_shortcut if numbers is not None else 0.0
        residual = numbers.gradient_share_residual if numbers is not None else 0.0
        top = line.bottom() + 4
        if not self._low:
            label = "Gradient into x goes through"
            draw_text(painter, line, label, Size.CAPTION, Weight.MEDIUM, palette.second)
        else:
            top = line.top() + 4 * zoom
        bar = QRectF(box.left(), top, box.width(), (10 if self._low else 14) * zoom)
        paint_share(painter, bar, shortcut, residual, palette)
        if shortcut + residual <= 0:
            return
        words = QRectF(box.left(), bar.bottom() + 4 * zoom, box.width(), 24 * zoom)
        right = f"{percent(1 - float(percent(shortcut)[:-2]) / 100)} F(x)"
        left = f"{percent(shortcut)} shortcut"
        if block.shortcut is ShortcutKind.NONE:
            left = ""
        size = Size.CAPTION if self._low or self.width() < 380 else Size.CONTROL
        draw_text(painter, words, left, size, Weight.SEMIBOLD, palette.shortcut)
        draw_text(painter, words, right, size, Weight.SEMIBOLD, palette.residual, _RIGHT)

    # --- inside ---

    def _refresh(self) -> None:
        self._find()
        self._layer.spoil()

    def _find(self) -> None:
        """Find again what the state says of the block on show."""
        names = self._state.config.output_names
        index = names.index(self._state.name)
        self._previous.setEnabled(index > 0)
        self._next.setEnabled(index + 1 < len(names))
        self._state = replace(
            self._state,
            numbers=None,
            shape_in=None,
            shape_out=None,
            gradient_norm=None,
            picture_in=self._picture(names[index - 1]) if index else None,
            picture_out=self._picture(names[index]),
        )
        if self._explained is not None:
            self._state = self._measured(self._explained, names, index)
        self.setAccessibleName(f"Block: {self.title}")
        self.setAccessibleDescription(self._sentence())

    def _measured(self, explained: Explained, names: tuple[str, ...], index: int) -> BlockState:
        out = explained.block(names[index])
        height, width = out.size
        if index:
            before = explained.block(names[index - 1])
            shape_in = (before.channels, *before.size)
        else:
            shape_in = (3, 4 * height, 4 * width)  # conv1 and its pooling each halve the picture
        return replace(
            self._state,
            numbers=out.numbers,
            shape_in=shape_in,
            shape_out=(out.channels, height, width),
            gradient_norm=out.gradient_norm,
        )

    def _picture(self, name: str) -> TilePicture | None:
        if self._painted is None or name not in self._painted.maps:
            return None
        return TilePicture(self._painted.maps[name])

    def _sentence(self) -> str:
        numbers = self._state.numbers
        if numbers is None:
            return ""
        through = percent(numbers.gradient_share_shortcut).replace(" %", " percent")
        text = f"{through} of the gradient into x goes through the shortcut"
        ratio = numbers.residual_ratio
        if ratio is not None:
            text += f"; the residual branch is {short_number(ratio)} of the shortcut in size"
        return text + ("; residual branch off" if self._state.lesioned else "")

    def _place_buttons(self) -> None:
        side = round(40 * min(theme().zoom, 1.4))
        right = self.width() - _MARGIN + 2
        self._next.setGeometry(right - side, 8, side, side)
        self._previous.setGeometry(right - 2 * side - 2, 8, side, side)

    @Slot()
    def _theme_changed(self) -> None:
        self.updateGeometry()
        self._place_buttons()
        self._layer.spoil()


class _StepButton(QAbstractButton):
    """One of the two arrows: 36 px drawn within a target of 40."""

    def __init__(self, icon_name: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = self.hasFocus()
            inset = 6 if focused else 2
            box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(
                palette.track if self.isDown() or self.underMouse() else palette.control
            )
            painter.drawRoundedRect(box, CONTROL_RADIUS, CONTROL_RADIUS)
            colour = palette.text if self.isEnabled() else palette.hint
            pixmap = icon_pixmap(self._icon_name, colour, 20, self.devicePixelRatioF())
            painter.setOpacity(1.0 if self.isEnabled() else 0.5)
            painter.drawPixmap(box.center() - QRectF(0, 0, 20, 20).center(), pixmap)
            if focused:
                painter.setPen(QPen(palette.text, 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                ring = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
                painter.drawRoundedRect(ring, CONTROL_RADIUS + 3, CONTROL_RADIUS + 3)
        finally:
            painter.end()
