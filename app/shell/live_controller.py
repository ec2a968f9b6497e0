"""What is live: one source at most, its newest frame when the engine is free, and its figures."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal, Slot

from app.live_pace import Pace, Pacing
from app.rates import per_second
from app.sources.requests import (
    Command,
    FolderRequest,
    Pause,
    Request,
    Rest,
    Seek,
    Step,
    VideoRequest,
)
from app.sources.states import Denied, Ended, Lost, Opening, Place, Running, Stalled, State
from resnet_core.pictures.frame import Frame

if TYPE_CHECKING:
    from app.workers.source_worker import SourceWorker

WINDOW_SECONDS = 2.0
"""Over which rates are told: long enough to be read, short enough to follow."""


FRESH_FRAMES = 1.5
"""So many frames before the engine is expected to be done the source sends again."""

BUSY_FRAMES = 3
"""Of so many the quickest tells how long the engine will be busy; the first one is slow."""

MOST_REST_SECONDS = 1.0
"""A source that is silent for longer is taken for stalled."""


@dataclass(frozen=True, slots=True)
class Figures:
    """source, network: frames per second that came and that were explained. latency: seconds from
    capture to the answer on show. dropped of seen: frames that a newer one replaced. place: where
    a video or a slide show is.
    """

    source: float
    network: float
    latency: float
    dropped: int
    seen: int
    place: Place | None = None


class LiveController(QObject):
    """Takes a frame only when the engine has room for one; what comes meanwhile is replaced.

    So the picture on show and its maps are always of the same frame, and nothing queues: while one
    is painted the next is computed.
    """

    started = Signal(str)  # the source's name
    stopped = Signal()
    frame_taken = Signal(Frame)
    frozen_changed = Signal(bool)
    settled = Signal()  # the picture stands still, and is the last one that came
    figures_changed = Signal(Figures)
    troubled = Signal(str)
    ended = Signal(str)
    recovered = Signal()
    pace_changed = Signal(Pace)

    def __init__(self) -> None:
        super().__init__()
        self._worker: SourceWorker | None = None
        self._request: Request | None = None
        self._leaving: list[SourceWorker] = []
        self._in_flight: dict[Frame, float] = {}  # the engine has it, since then; oldest first
        self._room = 1  # how many the engine takes at once
        self._pacing, self._pace = Pacing(), Pace.ONE
        self._answered: Frame | None = None  # on its way to the window
        self._frozen = self._trouble = self._at_end = self._ended = self._opening = False
        self._resting_since: float | None = None
        self._frozen_since = 0.0
        self._taken = 0
        self._replaced_before = self._let_go = 0  # when it was frozen; while it was frozen
        self._explained_at: deque[float] = deque()
        self._busy: deque[float] = deque(maxlen=BUSY_FRAMES)  # seconds that the engine took

    @property
    def request(self) -> Request | None:
        """The source that is live."""
        return self._request if self._worker is not None else None

    @property
    def is_troubled(self) -> bool:
        """Whether the source waits for the user to try again."""
        return self._trouble

    @property
    def is_frozen(self) -> bool:
        """Whether the picture is held."""
        return self._frozen

    @property
    def is_opening(self) -> bool:
        """Whether the source is being opened just now."""
        return self._opening

    @property
    def is_busy(self) -> bool:
        """Whether a frame is on its way through the engine or to the window."""
        return bool(self._in_flight) or self._answered is not None

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still run, the leaving ones too."""
        now = [self._worker] if self._worker is not None else []
        return (*self._leaving, *now)

    @Slot(object)
    def start(self, request: Request) -> None:
        """Go live with another source."""
        # Loaded here: most starts of the program never go live.
        from app.workers.source_worker import SourceWorker

        self.stop()
        worker = self._worker = SourceWorker(request)
        self._request, self._taken, self._let_go = request, 0, 0
        worker.frame_arrived.connect(self._pull)
        worker.state_changed.connect(self._told)
        worker.finished.connect(self._left)
        worker.start()
        self.started.emit(request.name)

    @Slot()
    def stop(self) -> None:
        """Leave the source; what is on show stays. Never waits: a driver may hold its thread."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.frame_arrived.disconnect(self._pull)
        worker.state_changed.disconnect(self._told)
        self._leaving.append(worker)
        worker.finish()
        self._in_flight.clear()
        self._answered, self._resting_since = None, None
        self._frozen = self._opening = False
        self._explained_at.clear()
        self._busy.clear()
        self.reset_pace()
        self._recover()
        self.stopped.emit()

    def rest(self) -> None:
        """Take no frame, and let the source send none, until ``go_on``.

        Not like freezing, after which the picture is looked at: nothing is asked about it, and
        the pace and what was loaded for it stay.
        """
        if self._worker is not None and self._resting_since is None:
            self._resting_since = time.monotonic()
            self._worker.command(Pause(True))
            self._worker.command(Rest(math.inf))  # what cannot pause sends nothing, at least

    def go_on(self) -> None:
        """As if no time had passed since ``rest``."""
        if self._worker is not None and self._resting_since is not None:
            now = time.monotonic()
            self._pacing.skip(now - self._resting_since)
            self._resting_since = None
            self._explained_at.clear()
            self._worker.command(Pause(self._frozen))
            self._worker.command(Rest(now))
            self._pull()

    @Slot()
    def toggle_freeze(self) -> None:
        """Hold the frame on show, or go on with the newest one; a video waits meanwhile.

        What is at its end begins again.
        """
        if self._worker is None:
            return
        if self._ended:
            self.retry()
        else:
            self._set_frozen(not self._frozen)

    def _set_frozen(self, frozen: bool) -> None:
        assert self._worker is not None
        if frozen and not self._frozen:
            self._frozen_since = time.monotonic()
            self._replaced_before = self._worker.replaced
        self._frozen = frozen
        if not frozen:
            self._pacing.skip(time.monotonic() - self._frozen_since)
            self._let_go += self._worker.replaced - self._replaced_before
        if self._holds_itself:
            self._worker.command(Pause(frozen))
        self.frozen_changed.emit(frozen)
        self._tell_pace()
        if frozen:
            self._settle()
        else:
            self._explained_at.clear()
            self._pull()

    def command(self, command: Command) -> None:
        """Seek, step and so on; of a video that is held the one frame that comes is shown.

        One that is at its end is held where it is sent to.
        """
        if self._worker is None:
            return
        if isinstance(command, Seek | Step) and (self._at_end or self._ended):
            self._recover()
            self._set_frozen(True)
        elif isinstance(command, Step) and not self._frozen:
            self._set_frozen(True)
        self._worker.command(command)

    @Slot()
    def retry(self) -> None:
        """Open the source again; a video that was held plays."""
        self._recover()
        if self._frozen and self._holds_itself:
            self._frozen = False
            self._pacing.skip(time.monotonic() - self._frozen_since)
            self.frozen_changed.emit(False)
            self._tell_pace()
        if self._worker is not None:
            self._forget_frames()
            self._worker.retry()

    @Slot()
    def reset_pace(self) -> None:
        """Another network: what was found out about the one before says nothing."""
        self._pacing.reset()
        self._tell_pace()

    def _tell_pace(self) -> None:
        # Single frames of a picture that is held need nothing that would have to be loaded first.
        pace = Pace.ONE if self._frozen else self._pacing.pace
        if pace is not self._pace:
            self._pace = pace
            self.pace_changed.emit(pace)

    @Slot(int)
    def set_room(self, room: int) -> None:
        """So many frames are explained at once."""
        self._room = room
        self._busy.clear()
        self._pull()

    @Slot(Frame)
    def answered(self, frame: Frame) -> None:
        """The engine is done with a frame: give it the next one before this one is painted."""
        if self._worker is None or frame not in self._in_flight:
            return
        self._busy.append(time.monotonic() - self._in_flight[frame])
        # Answers keep their order: what was given to the engine before has none.
        while next(iter(self._in_flight)) is not frame:
            del self._in_flight[next(iter(self._in_flight))]
        del self._in_flight[frame]
        self._answered = frame
        self._pull()

    def explained(self, frame: Frame) -> bool:
        """The answer to a frame is on show: tell the figures. False if it was not asked for."""
        if self._worker is None or frame is not self._answered:
            return False
        self._answered = None
        now = time.monotonic()
        self._explained_at.append(now)
        while now - self._explained_at[0] > WINDOW_SECONDS:
            self._explained_at.popleft()
        # Nobody misses what came while the picture was held.
        replaced = self._replaced_before if self._frozen else self._worker.replaced
        dropped = replaced - self._let_go
        rate, source = per_second(self._explained_at), self._worker.rate
        if self._busy and not self._frozen:
            self._pacing.note(self._busy[-1], self._room, rate, source)
            self._tell_pace()
        self.figures_changed.emit(
            Figures(
                source=source,
                network=rate,
                latency=now - frame.captured,
                dropped=dropped,
                seen=dropped + self._taken,
                place=self._worker.place,
            )
        )
        self._settle()
        return True

    def _forget_frames(self) -> None:
        """Before a source opens again: what still waits would keep new frames from being told."""
        self._in_flight.clear()
        if self._worker is not None:
            self._worker.take()

    @Slot()
    def _pull(self) -> None:
        """Give the engine the newest frame, if it has room and there is one."""
        if self._worker is None or self._resting_since is not None:
            return
        if self._frozen and not self._holds_itself:
            return
        if len(self._in_flight) >= self._room:
            return
        frame = self._worker.take()
        if frame is not None:
            self._taken += 1
            self._in_flight[frame] = time.monotonic()
            self.frame_taken.emit(frame)
            self._let_rest(self._worker)

    def _let_rest(self, worker: SourceWorker) -> None:
        """What comes while the engine is busy for long is replaced before anyone sees it: it need
        not be sent. What is shown next has to be fresh, though.
        """
        source = worker.rate
        # With two at once there is room for the next one long before this one is answered.
        if self._frozen or self._room > 1 or not source or len(self._busy) < BUSY_FRAMES:
            return
        rest = min(min(self._busy) - FRESH_FRAMES / source, MOST_REST_SECONDS)
        if rest > 1 / source:
            worker.command(Rest(time.monotonic() + rest))

    @Slot(object)
    def _told(self, state: State) -> None:
        if self.sender() is not self._worker or self._request is None:
            return  # it was on its way when its source was left
        self._opening = isinstance(state, Opening)
        match state:
            case Running(remark=None):
                self._recover()
            case Running(remark=str(sentence)) | Stalled(sentence):
                self._complain(sentence)
            case Lost(sentence) | Denied(sentence):
                self._forget_frames()
                self._complain(sentence)
            case Ended():
                self._trouble = self._at_end = True
                self._settle()
            case _:
                pass

    @property
    def _holds_itself(self) -> bool:
        """Whether the source sends nothing while it is held but what it is asked for."""
        return isinstance(self._request, VideoRequest | FolderRequest)

    def _settle(self) -> None:
        """Tell, once the last frame is on show, that nothing moves any more."""
        if self.is_busy or not (self._frozen or self._at_end):
            return
        self.settled.emit()
        if self._at_end:
            self._at_end, self._ended = False, True
            assert self._request is not None
            self.ended.emit(f"{self._request.name} is at its end.")

    def _complain(self, sentence: str) -> None:
        self._trouble = True
        self.troubled.emit(sentence)

    def _recover(self) -> None:
        self._at_end = self._ended = False
        if self._trouble:
            self._trouble = False
            self.recovered.emit()

    @Slot()
    def _left(self) -> None:
        for worker in [leaving for leaving in self._leaving if leaving.isFinished()]:
            self._leaving.remove(worker)
            worker.deleteLater()
