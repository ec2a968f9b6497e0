"""The process that talks to OpenCV: it alone can hang in a driver, and it can be killed.

It sends, over a pipe, ("frame", height, width, captured, seconds in the video or None, the video's
length) followed by the pixels, or ("left out", when frames came that were not sent), ("opened",
seconds between a video's frames or 0), ("paused",), ("ended",), ("failed",). Frames travel as
bytes: a pipe leaves nothing behind when a process is killed, which shared memory does.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from app.sources.cameras import cameras, found_again
from app.sources.requests import (
    CameraRequest,
    CaptureRequest,
    Command,
    Loop,
    NetworkRequest,
    Pause,
    Rest,
    Seek,
    Speed,
    Step,
    VideoRequest,
)

SLOWEST = 0.05
"""The least that a video is slowed down to, times its own rate."""

_USUAL_RATE = 25.0
_OPEN_MILLISECONDS = 10_000
_READ_MILLISECONDS = 8_000

_BEHIND_SECONDS = 0.5
"""So much does a video catch up on where the computer was too slow for it."""

_MOST_SPOILT = 100
"""Frames in a row that cannot be decoded, until the source counts as ended."""

_USUAL_PIXELS = 640 * 480


def capture(request: CaptureRequest, pipe: Connection, obeyed: Connection) -> None:
    """Open and read until the pipe closes. obeyed: where commands come from."""
    # Read when cv2 is imported. FFmpeg's own messages would show addresses with passwords.
    os.environ["OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"] = "0"
    os.environ["OPENCV_AVFOUNDATION_SKIP_AUTH"] = "1"
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
    os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    outlet = _Outlet(pipe, request.mirror)
    threading.Thread(target=_listen, args=(obeyed, commands, outlet), daemon=True).start()
    try:
        opened = _open(request)
        if not opened.isOpened():
            pipe.send(("failed",))
            return
        if isinstance(request, VideoRequest):
            player = _Player(request, opened, outlet, commands)
            player.tell_opened()
            player.play()
        else:
            pipe.send(("opened", 0.0))
            _stream(opened, outlet)
    except (BrokenPipeError, ConnectionError):
        pass


class _Outlet:
    """Where frames go, but those that nobody has use for: the way there is most of their cost.

    rest_until: by the monotonic clock; set by the thread that takes commands, too. Frames are read
    into memory that is used again: taking it from the system for each would cost as much as
    decoding one.
    """

    def __init__(self, pipe: Connection, mirror: bool) -> None:
        self.pipe = pipe
        self.rest_until = 0.0
        self._mirror = mirror
        self._pixels: Any = None
        self._picture: Any = None
        self._left_out: list[float] = []
        self._spoilt = 0
        self._last: tuple[Any, float | None, float] | None = None

    def pass_on(self, opened: Any, place: Callable[[], tuple[float, float]] | None = None) -> bool:
        """Take the next frame of a cv2.VideoCapture; False at its end.

        place: of a video, where the frame is in it and how long it is, in seconds. What is left out
        is not even decoded where the driver leaves that to OpenCV.
        """
        if not opened.grab():
            return False
        now = time.monotonic()
        at, length = place() if place else (None, 0.0)
        if now < self.rest_until:
            self._left_out.append(now)
            self._last = (opened, at, length)
            return True
        return self._send(opened, now, at, length)

    def flush(self) -> None:
        """No other frame follows for now: the last one is sent, if it was not."""
        if self._last is not None:
            opened, at, length = self._last
            self._send(opened, self._left_out.pop(), at, length)

    @property
    def is_whole(self) -> bool:
        """Whether the last frame that was decoded could be."""
        return self._spoilt == 0

    @property
    def kept_back(self) -> float | None:
        """Where in its video the last frame is, in seconds, if it was not sent."""
        return None if self._last is None else self._last[1]

    def end(self) -> None:
        self.flush()
        self._tell_left_out()
        self.pipe.send(("ended",))

    def _send(self, opened: Any, captured: float, at: float | None, length: float) -> bool:
        """False once so many could not be decoded that no other one will be."""
        import cv2

        self._last = None
        pixels = self._decoded(opened)
        if pixels is None:
            self._left_out.append(captured)
            self._spoilt += 1
            return self._spoilt < _MOST_SPOILT
        self._spoilt = 0
        self._pixels = pixels
        if pixels.ndim == 2:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
        picture = self._picture = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, self._picture)
        if self._mirror:
            cv2.flip(picture, 1, picture)
        self._tell_left_out()
        self.pipe.send(("frame", picture.shape[0], picture.shape[1], captured, at, length))
        self.pipe.send_bytes(memoryview(picture).cast("B"))
        return True

    def _tell_left_out(self) -> None:
        if self._left_out:
            self.pipe.send(("left out", tuple(self._left_out)))
            self._left_out = []

    def _decoded(self, opened: Any) -> Any:
        """The frame that was taken last; None for one that came spoilt, as over a bad cable."""
        import cv2

        try:
            good, pixels = opened.retrieve(self._pixels)
        except cv2.error:
            return None
        return pixels if good else None


def _listen(pipe: Connection, commands: queue.SimpleQueue[Command], outlet: _Outlet) -> None:
    """Pass commands on; end the process, even one that hangs in a driver, with its parent."""
    while True:
        try:
            command = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        if isinstance(command, Rest):
            outlet.rest_until = command.until
        else:
            commands.put(command)


def _open(request: CaptureRequest) -> Any:
    import cv2

    # For one picture's colours it wakes others for longer than they help. FFmpeg has its own.
    cv2.setNumThreads(1)
    if isinstance(request, CameraRequest):
        # Elsewhere than on Linux drivers are asked where it is now, and this process may hang in
        # them; the source's thread may not.
        if sys.platform != "linux":
            request = found_again(request, cameras()) or request
        opened = cv2.VideoCapture(request.device or request.index, request.backend)
        if request.width and request.height:
            if request.backend == cv2.CAP_V4L2 and request.width * request.height > _USUAL_PIXELS:
                # Uncompressed, which is asked for first, a cable has room for few large frames.
                opened.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            opened.set(cv2.CAP_PROP_FRAME_WIDTH, request.width)
            opened.set(cv2.CAP_PROP_FRAME_HEIGHT, request.height)
        return opened
    if isinstance(request, NetworkRequest):
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MILLISECONDS,
                  cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_MILLISECONDS]  # fmt: skip
        return cv2.VideoCapture(request.address, cv2.CAP_FFMPEG, limits)
    return cv2.VideoCapture(str(request.path), cv2.CAP_FFMPEG)


def _stream(opened: Any, outlet: _Outlet) -> None:
    while outlet.pass_on(opened):
        pass
    outlet.end()


class _Player:
    """Plays a video by the clock."""

    def __init__(
        self,
        request: VideoRequest,
        opened: Any,
        outlet: _Outlet,
        commands: queue.SimpleQueue[Command],
    ) -> None:
        import cv2

        self._opened, self._outlet, self._commands = opened, outlet, commands
        rate = opened.get(cv2.CAP_PROP_FPS)
        self._rate = rate if 0 < rate < 1000 else _USUAL_RATE
        self._position_property = cv2.CAP_PROP_POS_FRAMES
        self._length = max(opened.get(cv2.CAP_PROP_FRAME_COUNT) - 1, 0) / self._rate
        self._speed, self._loop, self._paused = request.speed, request.loop, False
        self._shown, self._due = 0, time.monotonic()
        self._asked: deque[Command] = deque()  # taken from the other thread, and not yet done

    def tell_opened(self) -> None:
        self._outlet.pipe.send(("opened", 1 / self._rate))

    def play(self) -> None:
        while True:
            self._obey()
            if not self._show():
                if self._loop and self._shown:
                    self._opened.set(self._position_property, 0)
                    self._shown = 0
                    continue
                if self._shown:
                    self._take_back()
                    self._outlet.end()
                else:
                    self._outlet.pipe.send(("failed",))
                # The user may still seek or step back.
                self._paused = True
            self._due = max(
                self._due + 1 / (self._rate * self._speed), time.monotonic() - _BEHIND_SECONDS
            )

    def _show(self) -> bool:
        if not self._outlet.pass_on(self._opened, self._place):
            return False
        self._shown += self._outlet.is_whole
        return True

    def _take_back(self) -> None:
        """Read the last frame once more: after the end it could not be had, if it was left out."""
        at = self._outlet.kept_back
        if at is not None:
            self._opened.set(self._position_property, round(at * self._rate))
            self._opened.grab()

    def _place(self) -> tuple[float, float]:
        # The property counts frames that were read; the first one stands at 0.
        at = max(self._opened.get(self._position_property) - 1, 0) / self._rate
        return at, max(self._length, at)

    def _obey(self) -> None:
        """Do what is asked until the next frame is due; held, wait for as long as it takes."""
        while True:
            left = self._due - time.monotonic()
            self._ask_for_more(None if self._paused else max(left, 0))
            if not self._asked:
                return
            shown_at_once = self._do(self._asked.popleft())
            # What the user asks for is not kept back. Done last: a seek takes its time, and the
            # window may tell to rest meanwhile.
            self._outlet.rest_until = 0.0
            if shown_at_once:
                return

    def _ask_for_more(self, patience: float | None) -> None:
        """Take what was asked; with nothing to do yet, wait for it that many seconds.

        Of seeks that follow one another only the last one counts: a slider sends many of them.
        """
        with contextlib.suppress(queue.Empty):
            if not self._asked:
                self._asked.append(self._commands.get(timeout=patience))
            while True:
                self._asked.append(self._commands.get_nowait())
        while len(self._asked) > 1 and all(isinstance(self._asked[n], Seek) for n in (0, 1)):
            self._asked.popleft()

    def _do(self, command: Command) -> bool:
        """Whether a frame is to be shown at once."""
        match command:
            case Pause(paused):
                self._paused = paused
                if paused:
                    self._outlet.flush()
                    self._outlet.pipe.send(("paused",))
                else:
                    self._due = time.monotonic()  # it does not hurry after what was held
                    self.tell_opened()
            case Seek(seconds):
                self._opened.set(self._position_property, max(0, round(seconds * self._rate)))
                return True
            case Step(frames):
                self._paused = True
                if frames != 1:
                    here = self._opened.get(self._position_property)
                    self._opened.set(self._position_property, max(0, here - 1 + frames))
                self._outlet.pipe.send(("paused",))
                return True
            case Speed(factor):
                self._speed = min(max(factor, SLOWEST), 16.0)
            case Loop(loop):
                self._loop = loop
        return False
