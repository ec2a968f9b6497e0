import math

import pytest
from PySide6.QtCore import QPointF

from app.widgets.curve import log_heights, smooth_path
from app.widgets.figures import percent, short_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (450.0, "450"),
        (1.5, "1.5"),
        (0.44, "0.44"),
        (0.999, "1.0"),
        (9.96, "10"),
        (0.0031, "0.0031"),
        (12345.0, "12000"),
        (0.0, "0"),
        (math.nan, "–"),  # noqa: RUF001
        (3.1e-7, "3.1 × 10⁻⁷"),  # noqa: RUF001
    ],
)
def test_numbers_have_two_significant_digits(value, text):
    assert short_number(value) == text


def test_shares_are_whole_percents():
    assert [percent(share) for share in (0.0, 0.005, 0.584, 1.0)] == ["0 %", "1 %", "58 %", "100 %"]


def test_equal_factors_are_equal_steps_of_height():
    assert log_heights([1.0, 10.0, 100.0]) == pytest.approx([0.0, 0.5, 1.0])


def test_close_numbers_do_not_fill_the_height():
    low, high = log_heights([1.0, 1.01])
    assert high - low < 0.02
    assert (low + high) / 2 == pytest.approx(0.5)


def test_dead_blocks_lie_at_the_bottom():
    assert log_heights([0.0, 1.0, 10.0, math.nan])[::3] == [0.0, 0.0]
    assert log_heights([0.0, 0.0]) == [0.0, 0.0]


def test_the_curve_meets_its_points_and_never_swings_beyond_them():
    points = [QPointF(x, y) for x, y in ((0, 5), (10, 5), (25, 40), (30, 40), (44, 1))]
    path = smooth_path(points)
    ys = [path.pointAtPercent(step / 500).y() for step in range(501)]
    assert min(ys) >= 1 - 1e-6
    assert max(ys) <= 40 + 1e-6
    ends = [path.elementAt(index) for index in range(0, path.elementCount(), 3)]
    assert [(end.x, end.y) for end in ends] == [(p.x(), p.y()) for p in points]
    assert smooth_path([]).isEmpty()
