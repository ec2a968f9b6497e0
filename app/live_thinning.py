"""What is left out where a live picture would otherwise fall behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from app.widgets.figures import TIMES, percent
from resnet_core.networks.census import census
from resnet_core.networks.config import NetworkConfig

FLOOR = 10.0
"""Explained frames per second under which drawing is thinned, unless the user says otherwise."""

EVERY = (1, 4, 12)
"""Of how many frames the tiles of the strip show one, by level."""

SLOW_SECONDS = 3.0
QUICK_SECONDS = 6.0
_ROOM = 1.25
"""How far above the floor it has to be to draw more again: else it would swing to and fro."""

_KEEPS_UP = 0.9
"""The share of a source's frames from which on it is the source that is slow."""

_SMALL = 64
"""Height of the smallest pictures that weights here were made for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one frame takes. height, width: pixels that the network gets. seconds: of the engine."""

    network: NetworkConfig
    height: int
    width: int
    seconds: float


class Thinning:
    """Told the rates with every frame; goes a level up or down when that lasts.

    floor: frames per second, 0 for never. clock: seconds.
    """

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

    def note(self, rate: float, source: float) -> None:
        """So many frames per second are explained now, of so many that come.

        Who keeps up with slides, or with a camera in the dark, is not slow.
        """
        now = self._clock()
        keeps_up = rate >= _KEEPS_UP * source
        slow = rate < self.floor and not keeps_up
        self._slow_since = (self._slow_since or now) if slow else None
        quick = rate > _ROOM * self.floor or (keeps_up and source < self.floor)
        self._quick_since = (self._quick_since or now) if quick else None
        if self._slow_since is not None and now - self._slow_since >= SLOW_SECONDS:
            self._move(1)
        elif self._quick_since is not None and now - self._quick_since >= QUICK_SECONDS:
            self._move(-1)

    def reset(self) -> None:
        """Another source or network: draw everything and see."""
        self._level, self._slow_since, self._quick_since = 0, None, None

    def sentence(self, rate: float, cost: Cost) -> str:
        """What is left out, what a frame takes, and what would help; empty if nothing is."""
        if self._level == 0:
            return ""
        rest = 1 / rate - cost.seconds if rate > 0 else 0.0
        drawing = f" and its drawing {_milliseconds(rest)}" if rest > cost.seconds else ""
        help_ = "A smaller window draws faster." if drawing else _faster(cost)
        return (
            f"{_name(cost.network)} at {cost.height} {TIMES} {cost.width} takes "
            f"{_milliseconds(cost.seconds)} a frame{drawing}, so the strip follows every "
            f"{self.every}th frame. {help_}"
        )

    def _move(self, by: int) -> None:
        self._level = min(max(self._level + by, 0), len(EVERY) - 1)
        self._slow_since = self._quick_since = None


def _name(network: NetworkConfig) -> str:
    """``ResNet-50``."""
    return network.title.split(" ")[0]


def _milliseconds(seconds: float) -> str:
    """Two digits: more would change with every frame."""
    return f"{float(f'{1000 * seconds:.2g}'):.0f} ms"


def _faster(cost: Cost) -> str:
    """What has less to compute than this."""
    least = replace(cost.network, depth=18)
    if least != cost.network:
        share = percent(_multiply_adds(least) / _multiply_adds(cost.network))
        return f"{_name(least)} is faster, with {share} of the arithmetic."
    if cost.height > _SMALL:
        return "Weights for smaller pictures are faster."
    return "Another engine may be faster."


@lru_cache(maxsize=16)
def _multiply_adds(network: NetworkConfig) -> int:
    return census(network).total.multiply_adds
