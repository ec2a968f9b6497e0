"""The panel that shows what each camera sees before one is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.sources.cameras import CameraOptions, remembered
from app.sources.requests import RESOLUTIONS, CameraRequest, NetworkRequest
from app.theme import GAP
from app.widgets.camera_grid import SCROLL_BAR, CameraGrid, CameraShelf, Choice
from app.widgets.camera_tile import AROUND, CameraTile, tile_size
from app.widgets.controls import ActionButton, Look, Segment, SegmentedControl, Switch
from app.widgets.figures import TIMES
from resnet_core.errors import CameraError

COLUMNS = 2
_TITLE_BAR = 48
LOOKING = "Looking for cameras ..."
NONE = "No camera is connected; it appears here as soon as you connect one."


class CameraPanel(QDialog):
    """Shows and asks; somebody else opens cameras. selected: the one whose picture is wanted."""

    selected = Signal(object)  # Choice, None
    used = Signal(object)  # Choice
    options_changed = Signal(CameraOptions)

    def __init__(self, parent: QWidget, options: CameraOptions, live: Choice | None) -> None:
        super().__init__(parent)
        self._options, self._live = options, live
        self._found: Sequence[CameraRequest] | None = None
        self._entered: list[NetworkRequest] = []
        self.setWindowTitle("Choose a camera")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.grid = CameraGrid(_columns(parent))
        self.sentence = QLabel(LOOKING)
        self.sentence.setObjectName("lead")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.address, self.refusal = QLineEdit(), QLabel()
        self.look = ActionButton("Look")
        self.mirror = Switch("Mirror the picture")
        self.resolution = SegmentedControl("Resolution", _resolutions(), stretch=True)
        self.cancel, self.use = ActionButton("Cancel"), ActionButton("Use", "check", Look.PRIMARY)
        self.use.setEnabled(False)
        self._lay_out()
        self._connect()
        self.mirror.setChecked(options.mirror)
        self.resolution.set_current(options.resolution)
        self.set_cameras(None)

    def _lay_out(self) -> None:
        self.area = CameraShelf(self.sentence, self.grid)
        self.address.setPlaceholderText("http://192.168.1.20:8080/video")
        self.address.setAccessibleName("Address of a network camera")
        self.refusal.setObjectName("error")
        self.refusal.setWordWrap(True)
        self.refusal.setContentsMargins(AROUND, 0, AROUND, 0)
        self.refusal.hide()
        for button in (self.look, self.cancel, self.use):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        promise = QLabel("Pictures stay on this computer.")
        promise.setObjectName("hint")
        column = QVBoxLayout(self)
        # The tiles have room for the ring of the focus around them, the rows have not.
        edge = GAP - AROUND
        column.setContentsMargins(edge, edge, edge, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.area, 1)
        column.addLayout(_row("Network camera", (self.address, 1), (self.look, 0)))
        column.addWidget(self.refusal)
        column.addLayout(_row("Mirror", (self.mirror, 0), GAP, "Resolution", (self.resolution, 1)))
        line = QFrame()
        line.setObjectName("line")
        line.setFixedHeight(1)
        column.addWidget(line)
        column.addLayout(_row((promise, 1), (self.cancel, 0), (self.use, 0)))

    def _connect(self) -> None:
        self.grid.selection_changed.connect(self._selected)
        self.grid.taken.connect(self.used)
        self.address.returnPressed.connect(self._look)
        self.look.clicked.connect(self._look)
        self.mirror.toggled.connect(self._mirrored)
        self.resolution.chosen.connect(self._resized)
        self.cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self._use)

    def open_at(self, place: QPoint) -> None:
        """Open with the upper left corner there, moved as far as the screen asks for it."""
        screen = QGuiApplication.screenAt(place) or self.screen()
        size = self.sizeHint().boundedTo(_room(screen).size())
        self._place(QRect(place, size), screen)
        self.open()

    @property
    def choice(self) -> Choice | None:
        """The camera that would be used."""
        return self.grid.selected

    @property
    def tile(self) -> CameraTile | None:
        """The tile of that camera."""
        return self.grid.tile(self.choice)

    def is_live(self, choice: Choice | None) -> bool:
        """Whether a camera is on show in the window already."""
        live = self._live
        if isinstance(choice, CameraRequest) and isinstance(live, CameraRequest):
            return choice.identity == live.identity
        return choice is not None and choice == live

    def set_cameras(self, found: Sequence[CameraRequest] | None) -> None:
        """What is connected now; None while that is not known."""
        self._found = found
        before = self.choice
        entered = [*self._entered]
        if isinstance(self._live, NetworkRequest) and self._live not in entered:
            entered.append(self._live)
        choices: list[Choice] = [*(found or ()), *entered]
        had_focus = self._tile_has_focus()
        self.grid.set_choices(choices)
        self.sentence.setText(LOOKING if found is None else NONE)
        self.area.updateGeometry()
        self.sentence.setVisible(not choices)
        self.grid.setVisible(bool(choices))
        if self.choice is None and choices:
            focus = had_focus or not (self.address.hasFocus() and self.address.text())
            self.grid.select(self._first(before), focus=focus)
        elif not choices and found is not None:
            self.address.setFocus()
        self._name_tiles()
        self._grow()

    def set_live(self, live: Choice | None) -> None:
        """The camera that is on show in the window; it is not opened a second time."""
        self._live = live
        self._name_tiles()

    @Slot(object)
    def _selected(self, choice: Choice | None) -> None:
        self.use.setEnabled(choice is not None)
        of_camera = not isinstance(choice, NetworkRequest)
        self.mirror.setEnabled(of_camera)
        self.resolution.setEnabled(of_camera)
        if self.tile is not None:
            self.area.ensureWidgetVisible(self.tile)
        self.selected.emit(choice)

    def _first(self, before: Choice | None) -> Choice:
        """What was selected, is live or was used the last time; else the first."""
        found, choices = tuple(self._found or ()), self.grid.choices
        again = [choice for choice in found if before and choice == before]
        if isinstance(before, CameraRequest):
            again += [choice for choice in found if choice.identity == before.identity]
        live = [choice for choice in choices if self.is_live(choice)]
        known = remembered(self._options.identity, found) if self._options.identity else None
        return next(iter((*again, *live, *([known] if known else []), *choices)))

    def _name_tiles(self) -> None:
        for choice in self.grid.choices:
            tile = self.grid.tile(choice)
            assert tile is not None
            is_known = isinstance(choice, CameraRequest) and choice == remembered(
                self._options.identity, tuple(self._found or ())
            )
            if self.is_live(choice):
                tile.set_second("in use now")
            elif isinstance(choice, NetworkRequest):
                tile.set_second("network camera")
            else:
                tile.set_second("used the last time" if is_known else "")

    def _tile_has_focus(self) -> bool:
        return self.tile is not None and self.tile.hasFocus()

    def _grow(self) -> None:
        """Make room for one more row of tiles, as far as the screen has it."""
        wish = self.sizeHint().boundedTo(_room(self.screen()).size())
        if self.isVisible() and wish.height() > self.height():
            self._place(QRect(self.pos(), QSize(self.width(), wish.height())), self.screen())

    def _place(self, wish: QRect, screen: QScreen) -> None:
        room = _room(screen)
        wish.moveRight(min(wish.right(), room.right()))
        wish.moveBottom(min(wish.bottom(), room.bottom()))
        wish.moveLeft(max(wish.left(), room.left()))
        wish.moveTop(max(wish.top(), room.top()))
        self.resize(wish.size())
        self.move(wish.topLeft())

    @Slot()
    def _look(self) -> None:
        """Show what an address sends; a wrong one is refused in its place."""
        text = self.address.text().strip()
        if not text:
            return
        try:
            request = NetworkRequest(text)
        except CameraError as error:
            self.refusal.setText(str(error))
            self.refusal.setAccessibleName(str(error))
            self.refusal.show()
            self._grow()
            return
        self.refusal.hide()
        self.address.clear()  # it may hold a password
        if request not in self._entered:
            self._entered.append(request)
        self.set_cameras(self._found)
        self.grid.select(request, focus=True)

    @Slot(bool)
    def _mirrored(self, mirror: bool) -> None:
        self._change(replace(self._options, mirror=mirror))

    @Slot(object)
    def _resized(self, resolution: str) -> None:
        self._change(replace(self._options, resolution=resolution))

    def _change(self, options: CameraOptions) -> None:
        self._options = options
        self.options_changed.emit(options)

    @Slot()
    def _use(self) -> None:
        if self.choice is not None:
            self.used.emit(self.choice)


def _columns(window: QWidget) -> int:
    """Two side by side, if the screen has room for it."""
    needed = COLUMNS * tile_size().width() + SCROLL_BAR + 2 * GAP
    return COLUMNS if needed <= _room(window.screen()).width() else 1


def _room(screen: QScreen) -> QRect:
    """Where the panel may lie: what is free of the screen, less the bar that bears its title."""
    return screen.availableGeometry().adjusted(GAP, GAP, -GAP, -_TITLE_BAR)


def _row(*parts: str | int | tuple[QWidget, int]) -> QBoxLayout:
    """Words, gaps in pixels, and widgets with their stretch, side by side."""
    row = QHBoxLayout()
    row.setSpacing(12)
    row.setContentsMargins(AROUND, 0, AROUND, 0)
    for part in parts:
        if isinstance(part, int):
            row.addSpacing(part)
        elif isinstance(part, str):
            row.addWidget(QLabel(part))
        else:
            row.addWidget(*part)
    return row


def _resolutions() -> list[Segment]:
    return [
        Segment(key, key.replace("x", f" {TIMES} ") or "Default", tooltip="" if key else _OWN)
        for key in RESOLUTIONS
    ]


_OWN = "What cameras are usually asked for, mostly 640 \N{MULTIPLICATION SIGN} 480"
