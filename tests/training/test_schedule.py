"""Progress, sizes and learning rates over a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resnet_core.training.recipe import Recipe, Schedule
from resnet_core.training.schedule import phase_at, progress, rate_factor, seconds_left


def test_progress_counts_pictures_alone_without_a_budget_of_time() -> None:
    assert progress(Schedule(epochs=4), 100, 100, seconds=1e9) == 0.25
    assert progress(Schedule(epochs=4), 500, 100, seconds=0) == 1


def test_progress_takes_the_larger_of_pictures_and_time() -> None:
    schedule = Schedule(epochs=4, minutes=10)
    assert progress(schedule, 100, 100, seconds=60) == 0.25
    assert progress(schedule, 100, 100, seconds=300) == 0.5


def test_phases_follow_each_other_by_their_shares(recipe: Recipe) -> None:
    assert [phase_at(recipe, done).size for done in (0, 0.59, 0.61, 1)] == [32, 32, 64, 64]


def test_rate_rises_then_falls_to_its_end() -> None:
    schedule = Schedule(epochs=1, warmup=0.1, final=0.01)
    rates = [rate_factor(schedule, done / 100) for done in range(101)]
    assert 0 < rates[0] < 0.02
    assert rates[10] == 1
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.01)


def test_time_left_knows_that_later_sizes_cost_more(recipe: Recipe) -> None:
    # At the start 60 % of 1.2 epochs are at 32 pixels, 40 % at four times that cost.
    left = seconds_left(recipe, 0.0, pictures=100, pictures_per_second=10, spent=0)
    assert left == pytest.approx((0.6 + 0.4 * 4) * 120 / 10)
    assert seconds_left(recipe, 1.0, 100, 10, 0) == 0


def test_time_left_is_at_most_the_budget(recipe: Recipe) -> None:
    timed = replace(recipe, schedule=Schedule(epochs=1e6, minutes=2))
    assert seconds_left(timed, 0.5, 100, 10, spent=60) == 60
