"""Smoothing over time."""

import math

import numpy as np
import pytest

from app.live_smoothing import Steady

FIRST, SECOND = np.float32([1, 0]), np.float32([0, 1])


@pytest.mark.parametrize("steps", [1, 10, 100])
def test_old_answer_weighs_one_over_e_after_the_time_constant_at_any_rate(steps):
    steady = Steady(2.0)
    steady.add(FIRST, 10.0)
    for step in range(1, steps + 1):
        mean = steady.add(SECOND, 10.0 + 2.0 * step / steps)

    assert mean == pytest.approx([math.exp(-1), 1 - math.exp(-1)], abs=1e-5)


def test_reset_and_another_number_of_classes_begin_anew():
    steady = Steady(2.0)
    steady.add(FIRST, 0.0)
    assert steady.add(np.float32([0, 0, 1]), 0.1).tolist() == [0, 0, 1]
    steady.reset()
    assert steady.add(SECOND, 0.2).tolist() == [0, 1]
