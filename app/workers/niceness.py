"""Letting the window go first where processors are few."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 5


def step_back() -> None:
    """Make the calling thread, and the threads that it will start, give way to the window's.

    An engine keeps every processor busy. Without this the window's painting gets a share of one,
    and takes twice as long. Only Linux has niceness by thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
