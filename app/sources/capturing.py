"""Cameras, network cameras and videos, read by a child process that can be killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Set
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import numpy as np

if sys.platform == "linux":
    import fcntl

from app.sources.cameras import cameras, found_again
from app.sources.child import SLOWEST, capture
from app.sources.requests import (
    CameraRequest,
    CaptureRequest,
    Command,
    Loop,
    Rest,
    Speed,
    VideoRequest,
)
from app.sources.states import (
    Denied,
    Ended,
    LeftOut,
    Lost,
    Opening,
    Paused,
    Place,
    Running,
    Stalled,
    State,
)
from resnet_core.pictures.frame import Frame

FLAT_SPAN = 3
"""A frame whose values differ by less shows nothing: a covered lens or a broken decoder."""

RETRY_SECONDS = 2.0

_PIPE_BYTES = 2**20  # the most that Linux gives a user

_UNDECODED = ((128, 128, 128), (0, 135, 0))  # YUV in the middle of its range, and YUV all 0
_UNDECODED_SPAN = 4


class CaptureSource:
    """One request, one process. open_seconds, stall_seconds, lost_seconds: how long to be patient
    with a source that does not open, with one that sends nothing, and before that one is left.
    """

    def __init__(
        self,
        request: CaptureRequest,
        open_seconds: float = 60.0,
        stall_seconds: float = 2.0,
        lost_seconds: float = 10.0,
    ) -> None:
        self._request = request
        self._patience = (open_seconds, stall_seconds, lost_seconds)
        self._process: SpawnProcess | None = None
        self._frames: Connection | None = None
        self._commands: Connection | None = None
        self._state: State = Opening()
        self._heard = self._rest_until = self._gap = 0.0
        self._others: Set[str] = frozenset()
        self.place: Place | None = None

    def start(self) -> None:
        self._heard, self._state = time.monotonic(), Opening()
        request = self._found()
        denied = denial(request) if request is not None else _missing(self._request)
        if denied is not None:
            self._state = denied
            return
        context = multiprocessing.get_context("spawn")
        # Two one-way pipes: a frame read from a two-way one, a socket, costs three times as much.
        frames, theirs = context.Pipe(duplex=False)
        _widen(frames)
        obeyed, commands = context.Pipe(duplex=False)
        arguments = (request, theirs, obeyed)
        process = context.Process(target=capture, args=arguments, daemon=True)
        process.start()
        theirs.close()
        obeyed.close()
        self._frames, self._commands, self._process = frames, commands, process

    def next(self, timeout: float) -> Frame | State | LeftOut | None:
        if self._frames is None:
            return self._state
        try:
            if not self._frames.poll(timeout):
                return self._silence()
            message = self._frames.recv()
            self._heard = time.monotonic()
            if message[0] == "frame":
                return self._frame(*message[1:])
            if message[0] == "left out":
                return LeftOut(message[1])
        except (EOFError, OSError):
            return self._changed(self._gone())
        if message[0] == "opened":
            self._gap = message[1]
        return self._changed(self._told(message[0]))

    def command(self, command: Command) -> None:
        commands, request = self._commands, self._request
        if isinstance(request, VideoRequest):
            match command:  # what is opened again goes on as it was asked to
                case Speed(factor):
                    self._request = replace(request, speed=factor)
                case Loop(loop):
                    self._request = replace(request, loop=loop)
        elif not isinstance(command, Rest):
            return
        if isinstance(command, Rest):
            self._rest_until = command.until
        if commands is not None:
            try:
                commands.send(command)
            except (OSError, TypeError):
                # It has just ended, which next tells, or is being closed in the other thread.
                return

    def interrupt(self) -> None:
        process = self._process
        if process is not None:
            try:
                process.kill()
            except ValueError:
                return  # It was closed in between.

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            # One that the system itself holds in a broken driver cannot be reaped; leave it.
            process.join(0.5)
            if process.exitcode is not None:
                process.close()
        for pipe in (self._frames, self._commands):
            if pipe is not None:
                pipe.close()
        self._frames = self._commands = None

    def _found(self) -> CaptureRequest | None:
        """What to open now: a camera that was unplugged may have come back under another number,
        and its old one may be another camera's.
        """
        if not isinstance(self._request, CameraRequest) or sys.platform != "linux":
            return self._request
        found = cameras()
        now = found_again(self._request, found, self._others)
        if now is not None:
            self._others = {one.identity for one in found if one.device != now.device}
        return now

    def _frame(
        self, height: int, width: int, captured: float, at: float | None, length: float
    ) -> Frame:
        assert self._frames is not None
        contents = self._frames.recv_bytes()
        self.place = None if at is None else Place(at, length)
        pixels = np.frombuffer(contents, np.uint8).reshape(height, width, 3)
        if not isinstance(self._state, Paused | Ended):
            self._state = Running()
        path = self._request.path if isinstance(self._request, VideoRequest) else None
        return Frame(pixels, self._request.name, path, captured=captured)

    def _changed(self, state: State) -> State:
        self._state = state
        return state

    def _silence(self) -> State | None:
        if isinstance(self._state, Paused | Ended | Lost):
            return None
        if time.monotonic() < self._rest_until:
            self._heard = time.monotonic()  # it was told to be silent
        open_seconds, stall_seconds, lost_seconds = self._patience
        silent, name = time.monotonic() - self._heard, self._request.name
        if isinstance(self._request, VideoRequest):
            # A time lapse, played slowly, has minutes between two frames.
            gap = self._gap / max(self._request.speed, SLOWEST)
            stall_seconds, lost_seconds = stall_seconds + 2 * gap, lost_seconds + 10 * gap
        if isinstance(self._state, Opening):
            if silent < open_seconds:
                return None
            return self._changed(
                Lost(f"{name} does not open; check that it is on and connected.", RETRY_SECONDS)
            )
        if silent >= lost_seconds:
            return self._changed(
                Lost(f"{name} sends nothing any more; check its connection.", RETRY_SECONDS)
            )
        if silent >= stall_seconds and not isinstance(self._state, Stalled):
            return self._changed(Stalled(f"{name} has stopped sending; waiting for it."))
        return None

    def _told(self, word: str) -> State:
        if word == "opened":
            # Only a frame proves that a source runs.
            return Running() if isinstance(self._state, Paused) else Opening()
        if word == "paused":
            return Paused()
        if word == "ended" and isinstance(self._request, VideoRequest):
            return Ended()
        return self._gone() if word == "ended" else self._refused()

    def _refused(self) -> Lost:
        name = self._request.name
        if isinstance(self._request, VideoRequest):
            return Lost(f"{name} cannot be played; it may be damaged or no video.", None)
        if isinstance(self._request, CameraRequest):
            sentence = f"{name} cannot be opened; connect it, or close the program that uses it."
            return Lost(sentence, RETRY_SECONDS)
        return Lost(
            f"{name} sends no video; check the address, the password and that it is on.",
            RETRY_SECONDS,
        )

    def _gone(self) -> Lost:
        name = self._request.name
        if isinstance(self._request, VideoRequest):
            return Lost(f"{name} made the decoder fail; choose another video.", None)
        if isinstance(self._state, Opening):
            return self._refused()
        return Lost(f"{name} was disconnected; it is tried again.", RETRY_SECONDS)


def _widen(pipe: Connection) -> None:
    """Let a pipe hold a frame at once; through its usual 64 KiB one takes fifteen turns of both
    processes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # the user has many such pipes already
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def flat(frame: Frame) -> bool:
    """Whether a frame is all of one colour, judged by a few thousand pixels."""
    sample = frame.pixels[:: max(1, frame.height // 48), :: max(1, frame.width // 64)]
    return int((sample.max((0, 1)).astype(int) - sample.min((0, 1))).max()) < FLAT_SPAN


def cut(frame: Frame) -> bool:
    """Whether the lower part of a frame was never decoded: decoders leave it grey, or green."""
    rows = frame.pixels[-max(1, frame.height // 8) :: 2, :: max(1, frame.width // 64)].astype(int)
    return any(int(np.abs(rows - colour).max()) <= _UNDECODED_SPAN for colour in _UNDECODED)


def denial(request: CaptureRequest) -> Denied | Lost | None:
    """What forbids a source before any driver is asked, where the system can tell."""
    if isinstance(request, VideoRequest):
        if not request.path.is_file():
            return Lost(f"{request.name} is no file; choose another video.", None)
        if not os.access(request.path, os.R_OK):
            return Denied(f"{request.name} may not be read; change its permissions.")
    if isinstance(request, CameraRequest) and sys.platform == "linux":
        device = request.device or f"/dev/video{request.index}"
        if not os.path.exists(device):
            return _missing(request)
        if not os.access(device, os.R_OK | os.W_OK):
            return Denied(
                f"You may not use {request.name}; run 'sudo usermod -aG video $USER' and log in "
                "again."
            )
    return None


def _missing(request: CaptureRequest) -> Lost:
    return Lost(f"{request.name} is not connected; connect it.", RETRY_SECONDS)
