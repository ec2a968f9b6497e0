"""Driving the real window without anyone in front of it, for screenshots and the smoke test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication

POLL_MS = 10


def draw_without_display() -> None:
    """Take Qt's offscreen platform where there is no display; call it before the application."""
    if display_is_missing():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def display_is_missing() -> bool:
    """Whether Qt would find nothing to open a window on, and abort."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(map(os.environ.get, names))


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Let the window live until something is so; False if it was not in time."""
    loop = QEventLoop()
    poll = QTimer()
    poll.timeout.connect(lambda: loop.quit() if condition() else None)
    poll.start(POLL_MS)
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    if not condition():
        loop.exec()
    poll.stop()
    QGuiApplication.processEvents()
    return condition()


def let_live(seconds: float) -> None:
    """Let the window live for so long, with nothing beside it."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
