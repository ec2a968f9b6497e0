"""A steady answer: probabilities smoothed over time, whatever the frame rate."""

from __future__ import annotations

import math

import numpy as np

from resnet_core.arrays import Floats

Probabilities = Floats


class Steady:
    """An exponential mean. seconds: after which an old answer weighs 1/e; 0 smooths nothing."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._mean: Probabilities | None = None
        self._at = 0.0

    def add(self, probabilities: Probabilities, captured: float) -> Probabilities:
        """The smoothed probabilities, (K,), which add up to 1 as the raw ones do.

        captured: Frame.captured, seconds. The first answer, and one of another length, begins anew.
        """
        if self._mean is None or self._mean.shape != probabilities.shape or self.seconds <= 0:
            mean = probabilities.astype(np.float32)
        else:
            kept = math.exp(-max(captured - self._at, 0.0) / self.seconds)
            mean = (kept * self._mean + (1 - kept) * probabilities).astype(np.float32)
        self._mean, self._at = mean, captured
        return mean

    def reset(self) -> None:
        """Forget: another source, another model."""
        self._mean = None
