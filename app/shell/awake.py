"""Asking the system to keep the screen on; where it cannot be asked, the screen may go dark."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

logger = logging.getLogger(__name__)

_SERVICE = "org.freedesktop.ScreenSaver"
_BUS, _PATIENCE_MS = "skiplens-show", 300
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
    import ctypes

    state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined, unused-ignore]
    state(_CONTINUOUS | _DISPLAY_REQUIRED)
    return lambda: state(_CONTINUOUS)


def _on_mac() -> Callable[[], None]:
    import subprocess

    # It ends by itself with this process.
    keeper = subprocess.Popen(["/usr/bin/caffeinate", "-d", "-w", str(os.getpid())])
    return keeper.terminate


def _on_desktops() -> Callable[[], None]:
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

    # A connection of its own: a desktop forgets the wish with the connection that it came from.
    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _BUS)
    if bus.isConnected():
        path = "/org/freedesktop/ScreenSaver"
        wish = QDBusMessage.createMethodCall(_SERVICE, path, _SERVICE, "Inhibit")
        wish.setArguments(["SkipLens", "Show is on"])
        bus.call(wish, QDBus.CallMode.Block, _PATIENCE_MS)  # a desktop that hangs holds nothing
    return lambda: QDBusConnection.disconnectFromBus(_BUS)
