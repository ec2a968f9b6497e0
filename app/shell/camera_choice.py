"""Which camera is used: the one of the last time, the first, or one that was seen and chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QThread, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.shell.camera_preview import CameraPreview, PreviewRequest
from app.sources.cameras import CameraOptions, cameras, remembered
from app.sources.requests import CameraRequest, NetworkRequest, Request
from app.sources.states import Denied, Lost, Opening, Running, Stalled, State
from app.widgets.figures import TIMES
from app.workers.job_worker import Job, JobWorker, Report
from resnet_core.pictures.frame import Frame

if TYPE_CHECKING:
    from app.shell.camera_panel import CameraPanel

LOOK_EVERY_MS = 2000


class CameraChoice(QObject):
    """Looks for cameras in a thread, and for what is plugged in while the panel is open.

    A camera that is previewed is given back before it is chosen, so that it can be opened again.
    """

    chosen = Signal(object)  # Request
    options_changed = Signal(CameraOptions)
    missing = Signal(str)  # a camera was wanted, and there is none

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.options = CameraOptions()
        self.panel: CameraPanel | None = None
        self._found: tuple[CameraRequest, ...] | None = None
        self._live: PreviewRequest | None = None
        self._previewed: PreviewRequest | None = None
        self._wanted_at: QPoint | None = None
        self._any_wanted = False
        self._then: Callable[[], None] = lambda: None
        self._looker = JobWorker()
        self._looker.done.connect(self._looked)
        self._looker.failed.connect(self._found_none)
        self._preview = CameraPreview()
        self._preview.frame_came.connect(self._show_frame)
        self._preview.told.connect(self._tell)
        self._preview.left.connect(self._left)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        # One turn of the loop later: a live source is left and begun again within one.
        self._follow_soon = QTimer(self)
        self._follow_soon.setSingleShot(True)
        self._follow_soon.timeout.connect(self._follow)

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still run."""
        return (self._looker, *self._preview.workers)

    def finish(self) -> None:
        """Let the threads go; never waits."""
        if self.panel is not None:
            self.panel.close()
        self._preview.leave()
        self._looker.finish()

    @Slot(QPoint)
    def show(self, place: QPoint) -> None:
        """The cameras that are connected now, with what they see, followed while it is open."""
        if self.panel is not None:
            return
        self._left()  # who opens it again at once has chosen all the same
        # Loaded here: most starts of the program never choose a camera.
        from app.shell.camera_panel import CameraPanel

        panel = self.panel = CameraPanel(self._window, self.options, self._live)
        panel.selected.connect(self._selected)
        panel.used.connect(self._use)
        panel.options_changed.connect(self._change)
        panel.finished.connect(self._closed)
        panel.set_cameras(self._found)
        panel.open_at(place)
        self._look()
        self._timer.start()

    @Slot(QPoint)
    def go_to_remembered(self, place: QPoint) -> None:
        """The camera that was used last, if it is connected; otherwise the panel."""
        self._wanted_at = place
        self._look()

    @Slot()
    def start_any(self) -> None:
        """The camera that was used last, or the first one; ``missing`` if there is none."""
        self._any_wanted = True
        self._look()

    def set_live(self, request: Request | None) -> None:
        """What is on show in the window."""
        self._live = request if isinstance(request, CameraRequest | NetworkRequest) else None
        if self.panel is not None:
            self.panel.set_live(self._live)
            self._follow_soon.start(0)

    @Slot(Frame)
    def take_live(self, frame: Frame) -> None:
        """What the camera on show sends; it is not opened a second time."""
        if self.panel is not None and self.panel.is_live(self.panel.choice):
            self._draw(frame, mirror=False)

    def _look(self) -> None:
        def work(report: Report, cancelled: threading.Event) -> object:
            del report, cancelled
            return cameras()

        self._looker.put(Job("cameras", work))

    @Slot(str, object)
    def _looked(self, key: str, found: object) -> None:
        del key
        assert isinstance(found, tuple)
        changed, self._found = found != self._found, found
        place, self._wanted_at = self._wanted_at, None
        if self._any_wanted:
            self._any_wanted = False
            camera = remembered(self.options.identity, found) or next(iter(found), None)
            if camera is None:
                self.missing.emit("No camera is connected; it starts when one is.")
            else:
                self._choose(camera)
        elif place is not None:
            known = remembered(self.options.identity, found) if self.options.identity else None
            if known is None:
                self.show(place)
            else:
                self._choose(known)
        elif changed and self.panel is not None:
            self.panel.set_cameras(found)

    @Slot(str, str)
    def _found_none(self, key: str, sentence: str) -> None:
        """The system cannot list its cameras: an address can still be entered."""
        del sentence
        self._looked(key, ())

    def _choose(self, choice: PreviewRequest) -> None:
        if isinstance(choice, CameraRequest):
            self.options = replace(self.options, identity=choice.identity)
            choice = self.options.applied(choice)
        self.chosen.emit(choice)

    # The panel

    @Slot(object)
    def _selected(self, choice: PreviewRequest | None) -> None:
        del choice
        self._follow_soon.start(0)

    @Slot()
    def _follow(self) -> None:
        """Open what is selected, unless the window shows it already."""
        choice = self.panel.choice if self.panel is not None else None
        is_live = self.panel is not None and self.panel.is_live(choice)
        self._previewed = None if is_live else choice
        if is_live and self.panel is not None and self.panel.tile is not None:
            self.panel.tile.set_words("")
        if self._previewed is None:
            self._preview.leave()
        elif isinstance(self._previewed, CameraRequest):
            # Mirrored when it is drawn: turning that on does not open the camera again.
            self._preview.show(replace(self.options.applied(self._previewed), mirror=False))
        else:
            self._preview.show(self._previewed)

    @property
    def _is_previewed(self) -> bool:
        """Whether what comes is still of the camera that is selected."""
        choice = self.panel.choice if self.panel is not None else None
        return choice is not None and choice == self._previewed

    @Slot(Frame)
    def _show_frame(self, frame: Frame) -> None:
        if self._is_previewed:
            is_camera = isinstance(self._previewed, CameraRequest)
            self._draw(frame, mirror=is_camera and self.options.mirror)

    def _draw(self, frame: Frame, *, mirror: bool) -> None:
        assert self.panel is not None
        tile = self.panel.tile
        if tile is not None:
            tile.set_frame(frame, mirror=mirror)
            is_live = self.panel.is_live(self.panel.choice)
            size = f"{frame.width} {TIMES} {frame.height}"
            tile.set_second(f"in use now, {size}" if is_live else size)

    @Slot(object)
    def _tell(self, state: State) -> None:
        if self.panel is None or not self._is_previewed:
            return
        tile = self.panel.tile
        # That it is tried again says less than why it shows nothing.
        if tile is not None and not (isinstance(state, Opening) and tile.words):
            tile.set_words(_words(state))

    @Slot(CameraOptions)
    def _change(self, options: CameraOptions) -> None:
        self.options = replace(options, identity=self.options.identity)
        self.options_changed.emit(self.options)
        self._follow_soon.start(0)

    @Slot(object)
    def _use(self, choice: PreviewRequest) -> None:
        assert self.panel is not None
        if not self.panel.is_live(choice):
            self._then = lambda: self._choose(choice)
        self.panel.accept()

    @Slot()
    def _closed(self) -> None:
        self.panel = self._previewed = None
        self._timer.stop()
        self._follow_soon.stop()
        self._preview.leave()

    @Slot()
    def _left(self) -> None:
        then, self._then = self._then, lambda: None
        then()


def _words(state: State) -> str:
    """What is said of a camera in its picture's place; nothing where the picture speaks."""
    match state:
        case Opening():
            return "Opening ..."
        case Stalled(sentence) | Lost(sentence) | Denied(sentence):
            return sentence
        case Running(str(remark)):
            return remark
        case _:
            return ""
