"""A folder as a slide show."""

from __future__ import annotations

import threading
import time

from app.sources.requests import Command, FolderRequest, Loop, Pause, Step
from app.sources.states import Ended, Lost, Paused, Place, Running, State
from resnet_core.errors import PictureError
from resnet_core.pictures.decoding import decode, find_pictures
from resnet_core.pictures.frame import Frame


class FolderSource:
    """The pictures in their natural order; one that cannot be read is passed over."""

    def __init__(self, request: FolderRequest) -> None:
        self._request = request
        self._woken = threading.Condition()
        self._steps, self._paused, self._loop = 0, False, request.loop
        self._told, self._interrupted = True, False
        self.place: Place | None = None

    def start(self) -> None:
        self._paths = find_pictures([self._request.path])
        self._index, self._bad, self._due = 0, 0, time.monotonic()
        self._paused = False

    def next(self, timeout: float) -> Frame | State | None:
        if not self._paths:
            return Lost(f"There is no picture in {self._request.name}; choose another.", None)
        with self._woken:
            if not self._told:
                self._told = True
                return Paused() if self._paused else Running()
            left = timeout if self._paused else min(timeout, self._due - time.monotonic())
            self._woken.wait_for(lambda: bool(self._steps) or self._interrupted, max(left, 0))
            steps, self._steps = self._steps, 0
            if self._interrupted or not (
                steps or (not self._paused and time.monotonic() >= self._due)
            ):
                return None
        if steps:
            # The index is already one past what is shown.
            self._index = (self._index - 1 + steps) % len(self._paths)
        if self._index >= len(self._paths):
            if not self._loop:
                self._paused = True  # the user may still step back
                return Ended()
            self._index = 0
        return self._decoded(steps)

    def _decoded(self, steps: int) -> Frame | State | None:
        path = self._paths[self._index]
        self._index += 1
        try:
            frame = decode(path)
        except PictureError as error:
            self._bad += 1
            if self._bad >= len(self._paths):
                return Lost(str(error), None)
            if steps:
                with self._woken:  # on to the next one in that direction
                    self._steps += 1 if steps > 0 else -1
            return None
        self.place = Place(self._index, len(self._paths), in_pictures=True)
        self._bad, self._due = 0, time.monotonic() + self._request.seconds
        return frame

    def command(self, command: Command) -> None:
        with self._woken:
            match command:
                case Pause(paused):
                    self._paused, self._told = paused, False
                case Step(frames):
                    self._steps, self._paused, self._told = self._steps + frames, True, False
                case Loop(loop):
                    self._loop = loop
            self._woken.notify_all()

    def interrupt(self) -> None:
        with self._woken:
            self._interrupted = True
            self._woken.notify_all()

    def close(self) -> None:
        self._paths = []
