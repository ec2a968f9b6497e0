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


class Progress:
    """A line that counts on a terminal; silent in a pipe."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what = total, what
        self._shown = sys.stderr.isatty() and total > 1
        self._started = self._last = time.monotonic()

    def at(self, done: int) -> None:
        """Tell how many are done; drawn ten times a second at most."""
        now = time.monotonic()
        if not self._shown or (now - self._last < 0.1 and done < self._total):
            return
        self._last = now
        rate = done / max(now - self._started, 1e-9)
        left = (self._total - done) / rate if rate else 0
        sys.stderr.write(
            f"\r{done} of {self._total} {self._what}, {rate:.1f}/s, {left:.0f} s left "
        )
        if done >= self._total:
            sys.stderr.write("\n")
        sys.stderr.flush()
