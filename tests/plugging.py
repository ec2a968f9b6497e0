"""Cameras to plug in and out: a folder laid out like sysfs, and a pipe in each device's place."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from app.sources import cameras as listing
from app.sources.requests import CameraRequest

_BURST = 200
"""Pictures without a pause, from which FFmpeg sees what it is that comes."""


@dataclass
class Desk:
    """Where cameras are plugged in; ``cameras`` lists them as the program does."""

    root: Path
    _writers: dict[int, _Writer] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)  # names of cameras, as they were opened
    most_at_once: int = 0  # of cameras that were read at the same time

    def plug(
        self,
        number: int,
        place: str,
        name: str = "Desk Camera",
        picture: Callable[[int], np.ndarray] | None = None,
        product: str = "0825",
    ) -> None:
        """A camera under a number, at a place like ``1-4``; picture: BGR, by number."""
        device = self.root / "devices" / place
        interface = device / f"{place}:1.0"
        interface.mkdir(parents=True, exist_ok=True)
        for file, text in (("idVendor", "046d"), ("idProduct", product), ("serial", "A1")):
            (device / file).write_text(text + "\n")
        node = self.root / "class" / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(name + "\n")
        (node / "index").write_text("0\n")
        (node / "device").symlink_to(interface)
        file = self.root / "dev" / f"video{number}"
        file.parent.mkdir(exist_ok=True)
        os.mkfifo(file)
        self._writers[number] = _Writer(file, picture or self.picture_of, lambda: self._note(name))

    def unplug(self, number: int) -> None:
        """Pull it out, also while it is in use."""
        node = self.root / "class" / f"video{number}"
        for file in node.iterdir():
            file.unlink()
        node.rmdir()
        self._writers.pop(number).end()

    def cameras(self) -> tuple[CameraRequest, ...]:
        found = listing.cameras(self.root / "class", self.root / "dev")
        return tuple(replace(camera, backend=cv2.CAP_FFMPEG) for camera in found)

    def readers(self) -> list[str]:
        """Cameras that a process reads now."""
        return [
            (self.root / "class" / f"video{number}" / "name").read_text().strip()
            for number, writer in self._writers.items()
            if writer.is_read
        ]

    def break_cable(self, number: int) -> None:
        """Take a camera's device away while the system still lists it."""
        (self.root / "dev" / f"video{number}").unlink()

    @staticmethod
    def picture_of(number: int) -> np.ndarray:
        """BGR, 160 x 120: red on the left."""
        pixels = np.random.default_rng(number).integers(0, 255, (120, 160, 3), np.uint8)
        pixels[:, :80] = (10, 40, 200)
        return pixels

    def _note(self, name: str) -> None:
        self.opened.append(name)
        self.most_at_once = max(self.most_at_once, 1 + len(self.readers()))

    def close(self) -> None:
        for number in list(self._writers):
            self.unplug(number)


class _Writer:
    """Writes pictures to whoever reads the pipe, again for each who comes."""

    def __init__(
        self, file: Path, picture: Callable[[int], np.ndarray], opened: Callable[[], None]
    ) -> None:
        self._file, self._picture, self._opened = file, picture, opened
        self.is_read = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._file.unlink(missing_ok=True)
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.01):
            try:
                pipe = os.open(self._file, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                continue  # nobody reads it yet
            self._opened()
            self.is_read = True
            os.set_blocking(pipe, True)
            try:
                self._write(pipe)
            except OSError:
                pass  # who read has left
            finally:
                os.close(pipe)
                self.is_read = False

    def _write(self, pipe: int) -> None:
        number = 0
        while not self._ended.wait(0 if number < _BURST else 1 / 30):
            contents = cv2.imencode(".jpg", self._picture(number))[1].tobytes()
            while contents:
                contents = contents[os.write(pipe, contents) :]
            number += 1
