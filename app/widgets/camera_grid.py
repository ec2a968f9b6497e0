"""Cameras side by side, one of them selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.sources.requests import CameraRequest, NetworkRequest
from app.widgets.camera_tile import CameraTile, tile_size

SCROLL_BAR = 12  # pixels of its width, as in the style sheet
_GAP = 4  # pixels between tiles, beside what each has around it

Choice = CameraRequest | NetworkRequest


class CameraGrid(QWidget):
    """A tile for each camera; arrows go from one to the next, and the preview goes along."""

    selection_changed = Signal(object)  # Choice, None
    taken = Signal(object)  # Choice

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._columns = columns
        self._tiles: dict[Choice, CameraTile] = {}
        self._selected: Choice | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("Cameras")

    @property
    def selected(self) -> Choice | None:
        """The camera that would be used."""
        return self._selected

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What there is to choose."""
        return tuple(self._tiles)

    def width_of_columns(self) -> int:
        """Pixels of a full row."""
        return self._columns * (tile_size().width() + _GAP) - _GAP

    def height_of_rows(self, most: int) -> int:
        """Pixels of all rows, at most so many, and of one where there is none."""
        rows = min(max(1, -(-len(self._tiles) // self._columns)), most)
        return rows * (tile_size().height() + _GAP) - _GAP

    def tile(self, choice: Choice | None) -> CameraTile | None:
        """The tile of a camera."""
        return self._tiles.get(choice) if choice is not None else None

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show these; what stays keeps its tile. What is selected and gone is so no more."""
        for gone in [choice for choice in self._tiles if choice not in choices]:
            tile = self._tiles.pop(gone)
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {choice: self._tiles.get(choice) or self._made(choice) for choice in choices}
        for number, tile in enumerate(self._tiles.values()):
            self._grid.addWidget(tile, *divmod(number, self._columns))
            tile.show()
        if self._selected not in self._tiles and self._selected is not None:
            self._selected = None
            self.selection_changed.emit(None)

    def select(self, choice: Choice, *, focus: bool = False) -> None:
        """Make a camera the selected one."""
        if choice not in self._tiles:
            return
        changed, self._selected = choice != self._selected, choice
        for other, tile in self._tiles.items():
            tile.set_selected(selected=other == choice)
        if focus:
            self._tiles[choice].setFocus()
        if changed:
            self.selection_changed.emit(choice)

    def _made(self, choice: Choice) -> CameraTile:
        tile = CameraTile(choice.name)
        tile.selected.connect(self._tile_selected)
        tile.taken.connect(self._tile_taken)
        tile.stepped.connect(self._step)
        return tile

    def _choice_of(self, tile: QObject) -> Choice | None:
        return next((choice for choice, other in self._tiles.items() if other is tile), None)

    @Slot()
    def _tile_selected(self) -> None:
        choice = self._choice_of(self.sender())
        if choice is not None:
            self.select(choice)

    @Slot()
    def _tile_taken(self) -> None:
        choice = self._choice_of(self.sender())
        if choice is not None:
            self.taken.emit(choice)

    @Slot(object)
    def _step(self, key: Qt.Key) -> None:
        choices = list(self._tiles)
        here = self._choice_of(self.sender())
        if here is None:
            return
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
        }
        number = choices.index(here) + steps[key]
        if 0 <= number < len(choices):
            self.select(choices[number], focus=True)


class CameraShelf(QScrollArea):
    """Two rows of tiles, less where the screen has no room; more are scrolled to."""

    def __init__(self, sentence: QLabel, grid: CameraGrid) -> None:
        super().__init__()
        self._grid = grid
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("page")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(sentence, 1)
        inner.addWidget(grid)
        self.setWidget(page)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), self._grid.height_of_rows(2))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._grid.width_of_columns() + SCROLL_BAR, self._grid.height_of_rows(1))
