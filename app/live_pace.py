"""Whether live frames are explained one at a time, or two side by side."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

BEHIND_SECONDS = 1.0
SLOW_SECONDS = 2.0
QUICK_SECONDS = 5.0
RETRY_SECONDS = 60.0
_MOST_DOUBLINGS = 5

_FRAMES = 15
"""Over which the time of an answer is taken: a single one may have waited for something else."""

_KEEPS_UP = 0.9
"""The share of a source's frames from which on more would not be worth their coming later."""

_ALONE = (0.5, 1.5)
"""Frame times that an answer takes where two side by side would be more frames: with less one at a
time keeps up, with more each would come too late to be called live.
"""

_BESIDE = (0.9, 3.2)
"""The same once there are two side by side, each of which takes up to twice as long."""


class Pace(Enum):
    """How live frames are explained."""

    ONE = "one at a time"
    READY = "one at a time, ready for two"
    TWO = "two side by side"


class Pacing:
    """Told of every answer; changes the pace when what it finds lasts.

    One at a time an answer is there soonest, but what else a processor has to do holds up the
    whole engine. Two side by side are more frames where the computer is hardly quick enough. Now
    and then one at a time is tried again, less and less often.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.pace = Pace.ONE
        self._clock = clock
        self._seconds: deque[float] = deque(maxlen=_FRAMES)
        self._room = 1
        self._doublings = 0
        self._since: dict[str, float] = {}

    def reset(self) -> None:
        """Another source or network: one at a time, and see."""
        self.pace, self._doublings = Pace.ONE, 0
        self._forget()

    def skip(self, seconds: float) -> None:
        """For so long nothing was explained, on purpose: that is no time in which a thing lasts."""
        self._since = {what: since + seconds for what, since in self._since.items()}

    def note(self, seconds: float, room: int, rate: float, source: float) -> None:
        """An answer took so many seconds while the engine had room for so many at once.

        rate, source: frames per second that are explained, and that come.
        """
        if room != self._room:
            self._room = room
            self._forget()
        self._seconds.append(seconds)
        if source <= 0 or len(self._seconds) < _FRAMES:
            return
        frames = statistics.median(self._seconds) * source
        if room > 1:
            least, most = _BESIDE
            longer = 2.0**self._doublings
            quick = self._lasts("quick", frames < least, QUICK_SECONDS * longer)
            if quick or self._lasts("beside", True, RETRY_SECONDS * longer):
                self._doublings = min(self._doublings + 1, _MOST_DOUBLINGS)
                self._take(Pace.READY)
            elif self._lasts("slow", frames > most, SLOW_SECONDS):
                self._take(Pace.ONE)
            return
        least, most = _ALONE
        if frames > most:
            self.pace = Pace.ONE
        elif frames > least and self.pace is Pace.ONE:
            # Early: what it needs is compiled once and loaded, and may be wanted in an hour.
            self.pace = Pace.READY
        behind = least < frames < most and rate < _KEEPS_UP * source
        if self._lasts("behind", behind, BEHIND_SECONDS):
            self._take(Pace.TWO)

    def _lasts(self, what: str, now: bool, seconds: float) -> bool:
        """Whether it has been so for so long."""
        if not now:
            self._since.pop(what, None)
            return False
        return self._clock() - self._since.setdefault(what, self._clock()) >= seconds

    def _take(self, pace: Pace) -> None:
        self.pace = pace
        self._forget()

    def _forget(self) -> None:
        self._seconds.clear()
        self._since.clear()
