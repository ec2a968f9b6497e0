"""Asking the system to keep the screen on; where it cannot be asked, the screen may go dark."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtDBus import QDBusConnection, QDBusInterface

logger = logging.getLogger(__name__)

_SERVICE = "org.freedesktop.ScreenSaver"
_CONTINUOUS, _DISPLAY_REQUIRED = 0x80000000, 0x00000002  # of Windows' SetThreadExecutionState


def keep_awake() -> Callable[[], None]:
    """Keep the screen on until the function that comes back is called. Never raises."""
    try:
        if sys.platform == "win32":
            return _on_windows()
        return _on_mac() if sys.platform == "darwin" else _on_desktops()
    except (OSError, AttributeError) as error:
        logger.info("The screen cannot be kept on: %s", error)
        return lambda: None


def _on_windows() -> Callable[[], None]:
    state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined, unused-ignore]
    state(_CONTINUOUS | _DISPLAY_REQUIRED)
    return lambda: state(_CONTINUOUS)


def _on_mac() -> Callable[[], None]:
    # It ends by itself with this process.
    keeper = subprocess.Popen(["/usr/bin/caffeinate", "-d", "-w", str(os.getpid())])
    return keeper.terminate


def _on_desktops() -> Callable[[], None]:
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return lambda: None
    saver = QDBusInterface(_SERVICE, "/org/freedesktop/ScreenSaver", _SERVICE, bus)
    answer = saver.call("Inhibit", "SkipLens", "Show is on").arguments()
    if not answer:
        return lambda: None

    def release() -> None:
        saver.call("UnInhibit", answer[0])

    return release
