"""A screen or a window that the user picks in the desktop's own dialog, for Wayland."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

from app.sources.portal import NotSharedError, Portal
from app.sources.requests import Command, Pause, ScreenRequest
from app.sources.screen_choice import remember_choice, remembered_choice
from app.sources.screencast import Pixels, Screencast, ScreencastError
from app.sources.states import Lost, Paused, Place, Running, Stalled, State
from resnet_core.pictures.frame import Frame

PATIENCE_SECONDS = 4.0
"""For the first picture, which takes a tenth of a second, and for each next one: GStreamer repeats
the last one every second as long as the stream is there."""

_REASON_SECONDS = 0.3


class PortalScreenSource:
    """Waits for the desktop, for GStreamer and for ``interrupt`` at once, and for nothing else.

    A screen that stands still sends next to nothing; its newest picture is then repeated, as if it
    were grabbed, so that rates and averages mean what they mean elsewhere.
    """

    def __init__(self, request: ScreenRequest, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._request, self._patience = request, patience_seconds
        self._token = remembered_choice() if request.again else None
        self._portal: Portal | None = None
        self._cast: Screencast | None = None
        self._lock = threading.Lock()
        self._woken: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._told: State | None = None
        self._refused: State | None = None
        self._interrupted = self._paused = False
        self._newest: Pixels | None = None
        self._due = 0.0
        self._impatient_at: float | None = None
        self.place: Place | None = None

    def start(self) -> None:
        self._newest = self._impatient_at = None
        with self._lock:
            self._told = None
            self._woken, self._waker = socket.socketpair()
            for end in (self._woken, self._waker):
                end.setblocking(False)
        try:
            self._portal = Portal(self._token)
        except NotSharedError as error:
            self._refused = Lost(str(error), None)

    def next(self, timeout: float) -> Frame | State | None:
        if self._portal is None:
            return self._refused
        deadline = time.monotonic() + timeout
        try:
            while True:
                came = self._came()
                left = deadline - time.monotonic()
                if came is not None or self._interrupted or left <= 0:
                    return came
                self._wait(left)
                self._read()
        except (NotSharedError, ScreencastError) as error:
            return Lost(str(error), None)

    def command(self, command: Command) -> None:
        if isinstance(command, Pause):
            with self._lock:
                self._paused = command.paused
                self._told = Paused() if command.paused else Running()
            self._wake()

    def interrupt(self) -> None:
        self._interrupted = True
        self._wake()

    def close(self) -> None:
        cast, self._cast = self._cast, None
        if cast is not None:
            cast.close()
        portal, self._portal = self._portal, None
        if portal is not None:
            portal.close()
        with self._lock:
            for end in (self._woken, self._waker):
                if end is not None:
                    end.close()
            self._woken = self._waker = None

    def _wake(self) -> None:
        # Full means that it is about to wake anyway.
        with self._lock, contextlib.suppress(BlockingIOError):
            if self._waker is not None:
                self._waker.send(b".")

    def _came(self) -> Frame | State | None:
        """What is worth telling now."""
        with self._lock:
            told, self._told = self._told, None
        now = time.monotonic()
        if told is not None:
            return told
        if self._impatient_at is not None and now >= self._impatient_at:
            self._newest = self._impatient_at = None
            return Stalled(
                "The desktop sends no picture; move something in what you chose, or try again."
            )
        if self._newest is None or self._paused or now < self._due:
            return None
        # As often as it was asked for, and not faster after a delay.
        self._due = max(self._due + 1 / self._request.per_second, now)
        return Frame(self._newest, self._request.name, captured=now)

    def _wait(self, seconds: float) -> None:
        now = time.monotonic()
        if self._newest is not None and not self._paused:
            seconds = min(seconds, self._due - now)
        assert self._portal is not None
        assert self._woken is not None
        watched = [self._portal.fileno(), self._woken.fileno()]
        if self._cast is not None:
            watched += self._cast.filenos
            seconds = min(seconds, self._cast.rest or seconds)
        _wait_for(watched, seconds)
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(64)

    def _read(self) -> None:
        assert self._portal is not None
        shared = self._portal.read()
        if shared is not None:
            # A picture grows old while it waits in the pipe: twice as many are half as old.
            pace = 2 * self._request.per_second
            self._cast = Screencast(shared.remote, shared.node, pace)
            self._impatient_at = time.monotonic() + self._patience
            if shared.token is not None:
                # Another try goes back to this choice; each token is good for one time.
                self._token = shared.token
                remember_choice(shared.token)
        if self._cast is None:
            return
        try:
            pixels = self._cast.read()
        except ScreencastError:
            # Where the user has ended it the desktop says so, and that is the better sentence.
            _wait_for([self._portal.fileno()], _REASON_SECONDS)
            self._portal.read()
            raise
        if pixels is not None:
            now = time.monotonic()
            if self._newest is None:
                self._due = now
            self._newest, self._impatient_at = pixels, now + self._patience


def _wait_for(descriptors: list[int], seconds: float) -> None:
    """Until one of them can be read; poll, since select takes no descriptor above 1023."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    poll.poll(max(seconds, 0) * 1000)
