"""The pictures of a PipeWire stream, which GStreamer writes to a pipe in a process of its own.

Rows of RGB travel as parts of multipart/x-mixed-replace, whose heads tell how many bytes follow.
How wide and high they are GStreamer prints when it changes: a shared window may be resized. A part
is shown when both fit, so that no picture is ever cut to a wrong width.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import subprocess
import time
from typing import IO

import numpy as np

from resnet_core.arrays import Bytes

logger = logging.getLogger(__name__)

PROGRAM = "gst-launch-1.0"
MOST_WIDTH, MOST_HEIGHT = 1920, 1200
"""Pixels; a larger screen is scaled down, since the pipe carries every byte of every picture."""

KEEP_ALIVE_MILLISECONDS = 1000

_PIPE_BYTES = 2**20
_READ_BYTES = 4096
_HEAD_END = b"\r\n\r\n"
_LEAVE_SECONDS = 0.5
_LENGTH = re.compile(rb"Content-Length: (\d+)")
_SIZE = re.compile(r"GstCapsFilter:size\.GstPad:src: caps = video/x-raw")
_SIDE = re.compile(r"\b(width|height)=\(int\)(\d+)")
_NO_ELEMENT = re.compile(r'no element "([^"]+)"')
_FAILED = re.compile(r"^(?:ERROR: from element \S+|WARNING: erroneous pipeline): (.*?)\.?$")

_INSTALL = (
    "install gstreamer1.0-tools, gstreamer1.0-pipewire and gstreamer1.0-plugins-good (Debian, "
    "Ubuntu), or gstreamer1, pipewire-gstreamer and gstreamer1-plugins-good (Fedora)"
)
ENDED = "The desktop sends no picture any more; try again, and choose one in its dialog."

Pixels = Bytes


class ScreencastError(Exception):
    """Why there are no pictures, or no more, as one sentence."""


class Screencast:
    """Never waits. remote: a descriptor of PipeWire, closed here. per_second: how many pictures are
    read at most; those that nobody reads are neither converted nor sent.

    Raises ScreencastError if GStreamer is not installed.
    """

    def __init__(self, remote: int, node: int, per_second: float) -> None:
        frames, theirs = os.pipe()
        _widen(theirs)
        try:
            self._process = subprocess.Popen(
                _command(remote, node, theirs),
                # Nothing is ever written: its end tells GStreamer that this program is gone.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(remote, theirs),
                # What it prints is read here.
                env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C"},
            )
        except OSError as error:
            os.close(frames)
            raise ScreencastError(_missing(PROGRAM)) from error
        finally:
            os.close(theirs)
            os.close(remote)
        assert self._process.stdout is not None
        self._words: IO[bytes] = self._process.stdout
        self._frames = os.fdopen(frames, "rb", buffering=0)
        self._parts = _Parts(frames)
        self._period, self._next_at = 1 / per_second, 0.0
        self._said, self._complaint, self._silent = b"", "", False
        self._size: tuple[int, int] | None = None
        self._waiting: bytearray | None = None
        for stream in (self._words, self._frames):
            os.set_blocking(stream.fileno(), False)

    @property
    def rest(self) -> float:
        """Seconds until another picture is read."""
        return 0.0 if self._parts.begun else max(0.0, self._next_at - time.monotonic())

    @property
    def filenos(self) -> list[int]:
        """What to wait for now; read when one of them has something, or after the rest."""
        words = [] if self._silent else [self._words.fileno()]
        return words if self.rest else [*words, self._frames.fileno()]

    def read(self) -> Pixels | None:
        """The next picture that is whole, uint8 (H, W, 3) RGB; None if there is no new one.

        Raises ScreencastError once nothing more can come.
        """
        if not self._silent:
            self._listen()
        ended = False
        if not self.rest:
            try:
                part = self._parts.next()
            except EOFError:
                ended = True
            else:
                if part is not None:
                    self._waiting, self._next_at = part, time.monotonic() + self._period
        if self._waiting is not None and self._size is not None:
            pixels = _shaped(self._waiting, *self._size)
            if pixels is not None:
                self._waiting = None
                return pixels
        # Its last words tell why, and may come a little later.
        if ended and self._silent:
            raise ScreencastError(self._complaint or ENDED)
        return None

    def close(self) -> None:
        """Kill the process and let its pipes go."""
        self._process.kill()
        # One that the system holds cannot be reaped now; Popen tries again later.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE_SECONDS)
        for stream in (self._process.stdin, self._words, self._frames):
            if stream is not None:
                stream.close()

    def _listen(self) -> None:
        """Take in what GStreamer prints."""
        while True:
            try:
                said = os.read(self._words.fileno(), _READ_BYTES)
            except BlockingIOError:
                return
            if not said:
                self._silent = True
                return
            *lines, self._said = (self._said + said).split(b"\n")
            for line in lines:
                self._hear(line.decode("utf-8", "replace"))

    def _hear(self, line: str) -> None:
        logger.debug("GStreamer: %s", line)
        absent, failed = _NO_ELEMENT.search(line), _FAILED.search(line)
        if absent:
            self._complaint = _missing(f"{absent[1]} of GStreamer")
        elif failed and not self._complaint:
            self._complaint = f"The desktop's picture does not come ({failed[1]}); try again."
        elif _SIZE.search(line):
            sides = dict(_SIDE.findall(line))
            self._size = (int(sides["width"]), int(sides["height"]))


class _Parts:
    """The bodies of multipart/x-mixed-replace, from a descriptor that does not block."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._head = bytearray()
        self._body: bytearray | None = None
        self._filled = 0

    @property
    def begun(self) -> bool:
        """Whether a body is here in part."""
        return self._body is not None

    def next(self) -> bytearray | None:
        """The next body, or None until there is more of it. Raises EOFError at the end."""
        try:
            while self._body is None:
                self._begin()
            while self._filled < len(self._body):
                room = memoryview(self._body)[self._filled :]
                self._filled += _some(os.readv(self._descriptor, [room]))
        except BlockingIOError:
            return None
        body, self._body = self._body, None
        return body

    def _begin(self) -> None:
        end = self._head.find(_HEAD_END)
        if end < 0:
            more = os.read(self._descriptor, _READ_BYTES)
            _some(len(more))
            self._head += more
            return
        length = _LENGTH.search(self._head[:end])
        rest = self._head[end + len(_HEAD_END) :]
        if length is not None:
            self._body = bytearray(int(length[1]))
            self._filled = min(len(rest), len(self._body))
            self._body[: self._filled] = rest[: self._filled]
            rest = rest[self._filled :]
        self._head = rest


def _some(count: int) -> int:
    if count == 0:
        raise EOFError
    return count


def _shaped(rows: bytearray, width: int, height: int) -> Pixels | None:
    """The picture, or None if the rows are those of another size."""
    # GStreamer begins each row at a multiple of four bytes.
    stride = (3 * width + 3) // 4 * 4
    if len(rows) != stride * height:
        return None
    padded = np.frombuffer(rows, np.uint8).reshape(height, stride)
    return np.ascontiguousarray(padded[:, : 3 * width]).reshape(height, width, 3)


def _command(remote: int, node: int, frames: int) -> list[str]:
    return [
        PROGRAM, "--verbose",
        "pipewiresrc", f"fd={remote}", f"path={node}", "do-timestamp=true",
        # Desktops send nothing while nothing moves; this tells a still screen from a dead stream.
        f"keepalive-time={KEEP_ALIVE_MILLISECONDS}",
        # What comes while the pipe is full is dropped here; videorate, which is made to do so,
        # ends in an assertion where the rate varies, as that of every desktop does (1.22).
        "!", "queue", "leaky=downstream", "max-size-buffers=1", "max-size-bytes=0",
        "max-size-time=0",
        "!", "videoscale",
        "!", "videoconvert",
        "!", "capsfilter", "name=size",
        f"caps=video/x-raw,format=RGB,width=[1,{MOST_WIDTH}],height=[1,{MOST_HEIGHT}],"
        "pixel-aspect-ratio=1/1",
        "!", "multipartmux", "boundary=picture",
        "!", "fdsink", f"fd={frames}", "sync=false",
        # Fails at the end of an input without any contents, and the program with it; a stream whose
        # desktop is gone sends nothing, so that no broken pipe would end it.
        "fdsrc", "fd=0", "!", "typefind",
    ]  # fmt: skip


def _missing(what: str) -> str:
    return f"{what} is missing, which shows the screen under Wayland; {_INSTALL}."


def _widen(pipe: int) -> None:
    """Let a pipe hold more, so that a picture takes fewer turns; not every system allows it."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
