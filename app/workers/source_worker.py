"""The thread that carries frames from one live source to the window."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QThread, Signal

from app.rates import per_second
from app.sources.capturing import CaptureSource, cut, flat
from app.sources.permission import desktop_asks_for_screen
from app.sources.requests import (
    CameraRequest,
    Command,
    FolderRequest,
    NetworkRequest,
    Request,
    ScreenRequest,
)
from app.sources.screen import ScreenSource
from app.sources.slides import FolderSource
from app.sources.source import Source
from app.sources.states import (
    Denied,
    Ended,
    LeftOut,
    Lost,
    Opening,
    Paused,
    Place,
    Running,
    State,
)
from app.workers.mailbox import Mailbox
from resnet_core.pictures.frame import Frame

logger = logging.getLogger(__name__)

TURN_SECONDS = 0.1
RATE_FRAMES = 31
ODD_FRAMES = 15
"""Frames of one colour, or cut short, in a row that are worth a remark; a cut has fewer."""


def make_source(request: Request) -> Source:
    """The source that a request names; call it on the window's thread."""
    if isinstance(request, FolderRequest):
        return FolderSource(request)
    if isinstance(request, ScreenRequest):
        if desktop_asks_for_screen():
            # Loaded here: elsewhere there is neither D-Bus nor a need for it.
            from app.sources.portal_screen import PortalScreenSource

            return PortalScreenSource(request)
        return ScreenSource(request)
    return CaptureSource(request)


class SourceWorker(QThread):
    """One source until ``finish``. On ``frame_arrived`` call ``take`` for the newest frame.

    One signal stands for all frames that come before ``take``: a slow window gets no queue.
    """

    frame_arrived = Signal()
    state_changed = Signal(object)  # State

    def __init__(self, request: Request, make: Callable[[Request], Source] = make_source) -> None:
        super().__init__()
        self._source = make(request)
        self._is_camera = isinstance(request, CameraRequest | NetworkRequest)
        self._lock = threading.Lock()
        self._mailbox: Mailbox[Frame] = Mailbox()
        self._finished, self._retry = threading.Event(), threading.Event()
        self._state: State | None = None
        self._flat = self._cut = self._left_out = 0
        self._arrivals: deque[float] = deque(maxlen=RATE_FRAMES)

    @property
    def rate(self) -> float:
        """Frames per second that the source sends, over the last ones since it began or went on."""
        return per_second(tuple(self._arrivals))

    @property
    def place(self) -> Place | None:
        """Where the newest frame stands in a video or a slide show."""
        return self._source.place

    @property
    def replaced(self) -> int:
        """Frames that came before the one ahead of them was taken, or while nobody wanted one."""
        return self._mailbox.replaced + self._left_out

    def take(self) -> Frame | None:
        """The newest frame that nobody took yet; never waits."""
        with self._lock:
            return self._mailbox.take() if self._mailbox.waiting else None

    def command(self, command: Command) -> None:
        """Pause, seek and so on; never waits."""
        self._source.command(command)

    def retry(self) -> None:
        """Open again now a source that is lost, denied or at its end; never waits."""
        self._retry.set()

    def finish(self) -> None:
        """End the thread, whatever the device does; never waits."""
        self._finished.set()
        self._retry.set()
        self._source.interrupt()

    def run(self) -> None:
        while not self._finished.is_set():
            self._retry.clear()
            self._tell(Opening())
            try:
                wait = self._attempt()
            except Exception as error:
                logger.exception("Unexpected failure of a live source")
                self._tell(Lost(f"Something unexpected went wrong ({error}).", None))
                wait = None
            finally:
                self._source.close()
            if not self._finished.is_set():
                self._retry.wait(wait)

    def _attempt(self) -> float | None:
        """Carry frames until the source ends; gives seconds until it is worth another try."""
        if self._finished.is_set():
            return None
        self._source.start()
        while not (self._finished.is_set() or self._retry.is_set()):
            came = self._source.next(TURN_SECONDS)
            if isinstance(came, Frame):
                self._deliver(came)
            elif isinstance(came, LeftOut):
                self._arrivals.extend(came.times)
                self._left_out += len(came.times)
                # What came before them and comes after them is the same, so they were too.
                self._flat += len(came.times) if self._flat else 0
                self._cut += len(came.times) if self._cut else 0
            elif came is not None and not self._finished.is_set():
                self._tell(came)
                if isinstance(came, Lost | Denied):
                    return came.retry if isinstance(came, Lost) else None
        return None

    def _deliver(self, frame: Frame) -> None:
        is_flat = flat(frame)
        self._flat = self._flat + 1 if is_flat else 0
        self._cut = self._cut + 1 if not is_flat and cut(frame) else 0
        if not isinstance(self._state, Paused | Ended):
            self._tell(Running(self._remark(frame.name)))
        self._arrivals.append(frame.captured)
        with self._lock:
            fresh = not self._mailbox.waiting
            self._mailbox.put(frame)
        if fresh:
            self.frame_arrived.emit()

    def _remark(self, name: str) -> str | None:
        """What is odd about a camera's last frames; videos and screens may look as they like."""
        if not self._is_camera:
            return None
        if self._flat >= ODD_FRAMES:
            return f"{name} sends pictures of one colour; is the lens covered?"
        if self._cut >= ODD_FRAMES:
            return f"{name} sends pictures that are cut short; check its cable or connection."
        return None

    def _tell(self, state: State) -> None:
        if state != self._state:
            if isinstance(state, Running) and not isinstance(self._state, Running):
                self._arrivals.clear()  # the gap before says nothing of how many come
            self._state = state
            self.state_changed.emit(state)
