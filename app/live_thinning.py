"""What is left out where a live picture would otherwise fall behind."""

from __future__ import annotations

import time
from collections.abc import Callable

FLOOR = 10.0
"""Explained frames per second under which drawing is thinned, unless the settings say more."""

EVERY = (1, 4, 12)
"""Of how many frames the tiles of the strip show one, by level."""

SLOW_SECONDS = 3.0
QUICK_SECONDS = 6.0
_ROOM = 1.25
"""How far above the floor it has to be to draw more again: else it would swing to and fro."""


class Thinning:
    """Told the rate with every frame; goes a level up or down when that lasts. clock: seconds."""

    def __init__(self, floor: float = FLOOR, clock: Callable[[], float] = time.monotonic) -> None:
        self.floor = floor
        self._clock = clock
        self._level = 0
        self._slow_since: float | None = None
        self._quick_since: float | None = None

    @property
    def every(self) -> int:
        """The tiles follow every so many frames."""
        return EVERY[self._level]

    def note(self, rate: float) -> None:
        """So many frames per second are explained now."""
        now = self._clock()
        self._slow_since = (self._slow_since or now) if rate < self.floor else None
        quick = rate > _ROOM * self.floor
        self._quick_since = (self._quick_since or now) if quick else None
        if self._slow_since is not None and now - self._slow_since >= SLOW_SECONDS:
            self._move(1)
        elif self._quick_since is not None and now - self._quick_since >= QUICK_SECONDS:
            self._move(-1)

    def reset(self) -> None:
        """Another source or network: draw everything and see."""
        self._level, self._slow_since, self._quick_since = 0, None, None

    def sentence(self, rate: float) -> str:
        """What is left out, and what would help; empty if nothing is."""
        if self._level == 0:
            return ""
        return (
            f"Slow: {rate:.0f} of {self.floor:.0f} frames a second. The strip follows every "
            f"{self.every}th frame; a smaller network or picture is faster."
        )

    def _move(self, by: int) -> None:
        self._level = min(max(self._level + by, 0), len(EVERY) - 1)
        self._slow_since = self._quick_since = None
