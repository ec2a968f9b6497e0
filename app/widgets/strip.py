"""The strip under the picture: every block at once, and the one that is selected."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.theme import theme
from app.widgets.controls_drawing import draw_card
from app.widgets.figures import TIMES, percent, short_number
from app.widgets.glyphs import glyphs_of_network
from app.widgets.kept_layer import KeptLayer
from app.widgets.strip_layout import (
    CLOSE_UP,
    COMPACT_HEIGHT,
    FULL_HEIGHT,
    StripLayout,
    clamp_first,
    first_shown,
    index_at,
    lay_out,
)
from app.widgets.strip_painting import KIND_WORDS, StripPainter, StripState
from app.widgets.tile import TilePicture
from resnet_core.explained.values import Explained, MapKind
from resnet_core.networks.config import STEM_NAME, NetworkConfig, ShortcutKind
from resnet_core.pictures.painting import Painted

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Strip(QWidget):
    """All blocks of a network with map, shortcut, gradient share and gradient norm.

    Emits block_selected(name) when the user picks conv1 or a block; what is selected changes only
    by set_selected.
    """

    block_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        config = NetworkConfig()
        self._state = StripState(config, glyphs_of_network(config), config.output_names[-1])
        self._first = 0
        self._layout: StripLayout | None = None
        self._network = KeptLayer(self)  # lies under the figures, within their layer
        self._figures = KeptLayer(self)
        self._grip: float | None = None  # where the grey window was taken, from its first tile
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription("Left and Right choose a block.")
        theme().changed.connect(self._theme_changed)
        self._changed()

    # --- what is shown ---

    @property
    def compact(self) -> bool:
        """The low layout of narrow windows: no numbers and no labels; tooltips keep them."""
        return self._state.compact

    @compact.setter
    def compact(self, compact: bool) -> None:
        self._state = replace(self._state, compact=compact)
        self.updateGeometry()
        self._changed()

    def set_network(self, config: NetworkConfig) -> None:
        """Show another network, still without a picture; the selection stays where it exists."""
        names = config.output_names
        selected = self._state.selected if self._state.selected in names else names[-1]
        self._state = StripState(
            config,
            glyphs_of_network(config),
            selected,
            kind=self._state.kind,
            compact=self._state.compact,
            target_name=self._state.target_name,
            focused=self._state.focused,
        )
        self._first = self._centred(selected)
        self._changed()

    def set_explained(self, explained: Explained, painted: Painted | None) -> None:
        """Show one explained picture; painted: its maps, or None while there are none.

        Blocks that are not of the network on show are ignored with their whole picture.
        """
        blocks = {block.name: block for block in explained.blocks}
        if set(self._state.config.output_names) - set(blocks):
            return
        begins = self._state.explained is None
        self._state = replace(self._state, explained=explained, blocks=blocks, pictures={})
        if begins:
            self._changed()
        self.set_painted(painted)

    def set_painted(self, painted: Painted | None) -> None:
        """Show other maps of the same picture; maps of another picture are not drawn."""
        explained = self._state.explained
        if painted is not None and explained is not None:
            if painted.identity != explained.identity:
                return
            pictures = {name: TilePicture(one) for name, one in painted.maps.items()}
            if painted.kind is not self._state.kind:
                self._changed()
            self._state = replace(self._state, pictures=pictures, kind=painted.kind)
        self._describe()
        self._figures.spoil_in_time()
        self.update(self._laid_out().maps)

    def set_live(self, live: bool) -> None:
        """Whether the picture moves on: then the numbers follow at the pace of reading."""
        self._figures.set_moves(live)

    def set_selected(self, name: str) -> None:
        """Ring the block of that name; names of other networks are ignored."""
        names = self._state.config.output_names
        if name in names:
            self._state = replace(self._state, selected=name)
            self._first = first_shown(self._first, names.index(name), len(names))
            self._changed()

    def set_lesioned(self, names: frozenset[str]) -> None:
        """Mark the blocks whose residual branch is off."""
        if names != self._state.lesioned:
            self._state = replace(self._state, lesioned=names)
            self._changed()

    def set_target_name(self, name: str) -> None:
        """The class that the gradients aim at."""
        if name != self._state.target_name:
            self._state = replace(self._state, target_name=name)
            self._figures.spoil_in_time()

    def set_kind(self, kind: MapKind | None) -> None:
        """The kind of map that is wished for; None is the picture alone, tiles keep their maps."""
        if kind is not None and not self._state.pictures:
            self._state = replace(self._state, kind=kind)
            self._changed()

    def clear(self) -> None:
        """Dashed tiles: the network is ready and has seen no picture."""
        self.set_network(self._state.config)

    def describe(self, name: str) -> str:
        """conv1 or a block in one sentence, for screen readers and tooltips."""
        state = self._state
        if name == STEM_NAME:
            parts = [STEM_NAME, "after max pooling"]
        else:
            stage, index = name.removeprefix("conv").split("_")
            count = state.config.blocks_per_stage[int(stage) - 2]
            parts = [f"conv{stage}", f"block {index} of {count}", state.glyphs[name].words]
        block = state.blocks.get(name)
        if block is not None:
            parts.append(f"gradient norm {short_number(block.gradient_norm)}")
            if block.numbers is not None:
                through = percent(block.numbers.gradient_share_shortcut).replace(" %", " percent")
                parts.append(f"{through} through the shortcut")
        if name in state.lesioned:
            parts.append("residual branch off")
        return ", ".join(parts)

    # --- sizes ---

    def sizeHint(self) -> QSize:
        height = COMPACT_HEIGHT if self._state.compact else FULL_HEIGHT
        return QSize(1488, round(height * (1 + (theme().zoom - 1) * 0.7)))

    def minimumSizeHint(self) -> QSize:
        return QSize(640, self.sizeHint().height())

    # --- drawing ---

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            strip = StripPainter(painter, self._laid_out(), self._state)
            strip.paint_maps()
            self._figures.paint(painter, self._paint_figures, *self._of_network)
            strip.paint_marks()
        finally:
            painter.end()

    @property
    def _of_network(self) -> tuple[object, ...]:
        """What the layers depend on, beside what ``_changed`` tells of."""
        state = self._state
        size = None if state.explained is None else state.explained.blocks[0].size
        return state.focused, bool(state.pictures), size

    def _paint_figures(self, painter: QPainter) -> None:
        self._network.paint(painter, self._paint_network, *self._of_network)
        StripPainter(painter, self._laid_out(), self._state).paint_figures()

    def _paint_network(self, painter: QPainter) -> None:
        draw_card(painter, QRectF(self.rect()))
        StripPainter(painter, self._laid_out(), self._state).paint_network()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._layout = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._state = replace(self._state, focused=event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._state = replace(self._state, focused=False)

    # --- hands ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        names = self._state.config.output_names
        here = names.index(self._state.selected)
        there = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(names) - 1,
        }.get(Qt.Key(event.key()))
        if there is None:
            super().keyPressEvent(event)
            return
        there = min(max(there, 0), len(names) - 1)
        if there != here:
            self.block_selected.emit(names[there])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        layout, at = self._laid_out(), event.position()
        in_window = layout.window is not None and layout.window.contains(at)
        name = layout.hit(at)
        # On the small tiles a press selects; below them it takes the grey window.
        if in_window and not self._on_small_tiles(at):
            self._grip = index_at(layout, at.x()) - self._first
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif name is not None:
            self.block_selected.emit(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layout, at = self._laid_out(), event.position()
        if self._grip is not None:
            self._show_from(round(index_at(layout, at.x()) - self._grip))
            return
        in_window = layout.window is not None and layout.window.contains(at)
        if in_window and not self._on_small_tiles(at):
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif layout.hit(at) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.unsetCursor()
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._laid_out().close_up:
            super().wheelEvent(event)
            return
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._show_from(self._first - (turned > 0) + (turned < 0))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            text = self.tooltip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def tooltip_at(self, point: QPointF) -> str:
        """What the tooltip says at a point of the strip; empty where there is nothing."""
        name = self._laid_out().hit(point)
        if name is None:
            return ""
        text = self.describe(name).replace(" percent", " %")
        block = self._state.blocks.get(name)
        if block is not None:
            height, width = block.size
            text += f"\n{block.channels} channels of {height} {TIMES} {width}"
            if self._state.kind is not None and self._state.pictures:
                text += f", {KIND_WORDS[self._state.kind]}"
            if self._lattice(name):
                text += (
                    "\nA lattice in this map is real: the shortcut after it has stride 2 and"
                    "\nreads every second position."
                )
        return text

    # --- inside ---

    def _lattice(self, name: str) -> bool:
        """Whether the block's gradient map may show which positions the next block reads."""
        following = self._state.config.output_names
        index = following.index(name) + 1
        if self._state.kind is not MapKind.GRADIENT or index >= len(following):
            return False
        block = self._state.config.blocks[index - 1]
        return block.stride > 1 and block.shortcut is not ShortcutKind.NONE

    def _on_small_tiles(self, at: QPointF) -> bool:
        layout = self._laid_out()
        last = layout.tiles[-1]
        return bool(layout.close_up) and last.picture.top() - 4 <= at.y() <= last.share.bottom()

    def _laid_out(self) -> StripLayout:
        if self._layout is None:
            self._layout = lay_out(
                self._state.config,
                self.width(),
                self.height(),
                theme().zoom,
                self._state.compact,
                self._first,
                empty=self._state.explained is None,
            )
        return self._layout

    def _show_from(self, first: int) -> None:
        first = clamp_first(first, len(self._state.config.output_names))
        if first != self._first:
            self._first = first
            self._changed()

    def _centred(self, name: str) -> int:
        names = self._state.config.output_names
        return clamp_first(names.index(name) - CLOSE_UP // 2, len(names))

    def _changed(self) -> None:
        self._layout = None
        self._describe()
        self._network.spoil()
        self._figures.spoil()

    def _describe(self) -> None:
        text = self.describe(self._state.selected)
        if text != self.accessibleName():
            self.setAccessibleName(text)

    @Slot()
    def _theme_changed(self) -> None:
        self.updateGeometry()
        self._changed()
