"""The last answers of a live picture, raw and steadied."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from app.live_smoothing import Probabilities, Steady

SECONDS = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """How likely one class was. ages: seconds before the last answer, (n,), falling to 0.

    raw, steadied: (n,).
    """

    ages: Probabilities
    raw: Probabilities
    steadied: Probabilities


class LiveHistory:
    """Keeps what 8 seconds brought. steady: seconds of the mean, 0 for none."""

    def __init__(self, steady: float = 1.0) -> None:
        self._steady = Steady(steady)
        self._answers: deque[tuple[float, Probabilities, Probabilities]] = deque()

    @property
    def steady(self) -> float:
        return self._steady.seconds

    @steady.setter
    def steady(self, seconds: float) -> None:
        self._steady.seconds = seconds

    def add(self, probabilities: Probabilities, captured: float) -> Probabilities:
        """The steadied probabilities, (K,), of a frame that was captured then."""
        if self._answers and len(self._answers[-1][1]) != len(probabilities):
            self.reset()
        steadied = self._steady.add(probabilities, captured)
        self._answers.append((captured, probabilities, steadied))
        while captured - self._answers[0][0] > SECONDS:
            self._answers.popleft()
        return steadied

    def reset(self) -> None:
        """Forget: another source, another network."""
        self._answers.clear()
        self._steady.reset()

    def trace(self, class_index: int) -> Trace:
        """How likely a class was, over the kept answers."""
        if not self._answers:
            nothing = np.empty(0, np.float32)
            return Trace(nothing, nothing, nothing)
        last = self._answers[-1][0]
        rows = [(last - at, raw[class_index], mean[class_index]) for at, raw, mean in self._answers]
        ages, raw, steadied = np.array(rows, np.float32).T
        return Trace(ages, raw, steadied)
