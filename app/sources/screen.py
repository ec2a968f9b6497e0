"""The screen, or a region of it."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
from PySide6.QtCore import QObject, QRect, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QScreen

from app.sources.requests import Command, Pause, ScreenRequest
from app.sources.states import Denied, Lost, Paused, Place, Running, State
from resnet_core.pictures.frame import Frame


class ScreenSource(QObject):
    """Construct it on the window's thread: only there may Qt grab a screen.

    The source's thread asks for one grab at a time, so that a busy window is never asked twice.
    """

    _wanted = Signal()

    def __init__(self, request: ScreenRequest) -> None:
        super().__init__()
        self._request = request
        self._condition = threading.Condition()
        self._came: Frame | State | None = None
        self._asked = self._interrupted = self._paused = False
        self._due = 0.0
        self.place: Place | None = None
        self._wanted.connect(self._grab, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        with self._condition:
            self._came, self._due = None, time.monotonic()

    def next(self, timeout: float) -> Frame | State | None:
        with self._condition:
            rest = timeout if self._paused else min(timeout, self._due - time.monotonic())
            self._condition.wait_for(self._something, max(rest, 0))
            if self._came is None and not self._paused and not self._interrupted:
                if time.monotonic() < self._due:
                    return None
                if not self._asked:
                    self._asked = True
                    self._wanted.emit()
                self._condition.wait_for(self._something, timeout)
            came, self._came = self._came, None
            if isinstance(came, Frame):
                self._due = max(self._due + 1 / self._request.per_second, time.monotonic())
            return came

    def command(self, command: Command) -> None:
        if isinstance(command, Pause):
            with self._condition:
                self._paused = command.paused
                self._came = Paused() if command.paused else Running()
                self._condition.notify_all()

    def interrupt(self) -> None:
        with self._condition:
            self._interrupted = True
            self._condition.notify_all()

    def close(self) -> None:
        with self._condition:
            self._came = None

    def _something(self) -> bool:
        return self._came is not None or self._interrupted

    @Slot()
    def _grab(self) -> None:
        came = grab(self._request)
        with self._condition:
            self._asked = False
            if not self._paused:
                self._came = came
            self._condition.notify_all()


def grab(request: ScreenRequest) -> Frame | State:
    """One picture of the screen, on the window's thread."""
    screens: list[QScreen] = QGuiApplication.screens()
    screen = next((s for s in screens if request.screen in {"", s.name()}), None)
    if screen is None:
        return Lost(f"{request.name} is not connected; choose another screen.", 2.0)
    whole = QRect(0, 0, screen.geometry().width(), screen.geometry().height())
    area = whole if request.region is None else QRect(*request.region).intersected(whole)
    if area.isEmpty():
        return Lost(f"The region is outside {request.name}; choose another one.", None)
    captured = time.monotonic()
    picture = screen.grabWindow(0, area.x(), area.y(), area.width(), area.height())
    if picture.isNull():
        if sys.platform == "darwin":
            return Denied(
                "macOS hides the screen; allow SkipLens in System Settings, Privacy & Security, "
                "Screen Recording, and start it again."
            )
        return Lost(f"{request.name} cannot be read; choose another source.", None)
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
    return Frame(pixels, request.name, captured=captured)
