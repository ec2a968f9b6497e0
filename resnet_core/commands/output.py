"""What every command prints the same way: errors, JSON, progress."""

from __future__ import annotations

import json
import sys
import time
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What a command ends with."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    UNAVAILABLE = 3  # no engine or no weights


def say(text: str) -> None:
    """Print a result."""
    sys.stdout.write(f"{text}\n")


def complain(sentence: str) -> None:
    """Print a failure, on the error stream."""
    sys.stderr.write(f"{sentence}\n")


def say_json(document: Any) -> None:
    """Print one JSON document and nothing else."""
    say(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


class StatusLine:
    """A line on a terminal that is written over, ten times a second at most; silent in a pipe."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._last = float("-inf")

    def show(self, text: str) -> None:
        """Write over what stands there, unless that is younger than a tenth of a second."""
        now = time.monotonic()
        if self._on_terminal and now - self._last >= 0.1:
            self._last = now
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def end(self, text: str = "") -> None:
        """Leave the line, with a last text if there is one."""
        if self._on_terminal and (text or self._last > 0):
            sys.stderr.write(f"\r\x1b[K{text}\n" if text else "\n")
            sys.stderr.flush()


class Progress:
    """A line that counts on a terminal; silent in a pipe, and for a single thing."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what = total, what
        self._line = StatusLine() if total > 1 else None
        self._started = time.monotonic()

    def at(self, done: int) -> None:
        """Tell how many are done."""
        if self._line is None:
            return
        rate = done / max(time.monotonic() - self._started, 1e-9)
        left = (self._total - done) / rate if rate else 0
        text = f"{done} of {self._total} {self._what}, {rate:.1f}/s, {left:.0f} s left"
        if done >= self._total:
            self._line.end(text)
        else:
            self._line.show(text)
