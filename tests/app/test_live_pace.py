"""Two frames side by side where the computer is hardly quick enough, and nowhere else."""

from itertools import pairwise

import pytest

from app.live_pace import (
    BEHIND_SECONDS,
    QUICK_SECONDS,
    RETRY_SECONDS,
    SLOW_SECONDS,
    Pace,
    Pacing,
)

SOURCE = 30.0


@pytest.fixture
def pacing(clock):
    return Pacing(clock)


def run(pacing, clock, milliseconds, rate, seconds, room=1, source=SOURCE):
    """Tell of answers that take so long, as many a second as the rate."""
    seen = []
    for _ in range(round(rate * seconds)):
        clock.now += 1 / rate
        pacing.note(milliseconds / 1000, room, rate, source)
        seen.append(pacing.pace)
    return seen


def test_quick_engine_answers_one_at_a_time(pacing, clock):
    assert set(run(pacing, clock, 10, 30, 10)) == {Pace.ONE}


def test_engine_that_just_keeps_up_gets_ready_and_stays(pacing, clock):
    assert set(run(pacing, clock, 25, 29, 10)[15:]) == {Pace.READY}


def test_engine_that_falls_behind_goes_side_by_side(pacing, clock):
    seen = run(pacing, clock, 38, 24, BEHIND_SECONDS + 2)
    assert list(dict.fromkeys(seen)) == [Pace.ONE, Pace.READY, Pace.TWO]


def test_short_dip_is_no_reason(pacing, clock):
    run(pacing, clock, 25, 29, 5)
    run(pacing, clock, 35, 25, BEHIND_SECONDS - 0.3)
    assert set(run(pacing, clock, 25, 29, 5)) == {Pace.READY}


def test_time_that_is_skipped_is_no_time_in_which_it_falls_behind(pacing, clock):
    run(pacing, clock, 38, 24, BEHIND_SECONDS - 0.3)
    clock.now += 60
    pacing.skip(60)
    assert set(run(pacing, clock, 38, 24, 0.3)) == {Pace.READY}
    assert run(pacing, clock, 38, 24, BEHIND_SECONDS)[-1] is Pace.TWO


def test_answers_that_would_come_too_late_stay_one_at_a_time(pacing, clock):
    assert set(run(pacing, clock, 120, 7.5, 20)) == {Pace.ONE}


def test_source_that_is_slow_itself_needs_no_second(pacing, clock):
    assert set(run(pacing, clock, 30, 10, 10, source=10.0)) == {Pace.ONE}


@pytest.mark.parametrize(
    ("milliseconds", "rate", "seconds", "after"),
    [
        (45, 30, 20, Pace.TWO),
        (25, 30, QUICK_SECONDS + 1, Pace.READY),
        (110, 18, SLOW_SECONDS + 2, Pace.ONE),
    ],
)
def test_two_are_left_for_one_when_quick_enough_or_too_late(
    pacing, clock, milliseconds, rate, seconds, after
):
    run(pacing, clock, 38, 24, BEHIND_SECONDS + 2)
    assert run(pacing, clock, milliseconds, rate, seconds, room=2)[-1] is after


@pytest.mark.parametrize("beside", [1.6, 1.75, 2.0])
def test_it_does_not_swing_to_and_fro(pacing, clock, beside):
    """Two take so many times as long, and the window's work comes on top."""
    for alone in range(5, 60):
        pacing.reset()
        room, changes = 1, []
        for _ in range(120):
            milliseconds = alone if room == 1 else beside * alone
            rate = min(SOURCE, room * 1000 / (milliseconds + 5))
            pace = run(pacing, clock, milliseconds, rate, 1, room)[-1]
            changes += [pace] if not changes or changes[-1] is not pace else []
            room = 2 if pace is Pace.TWO else 1
        assert len(changes) <= 5, (alone, changes)


def test_one_at_a_time_is_tried_again_less_and_less_often(pacing, clock):
    tries, room = [], 1
    for seconds in range(1000):
        # One at a time would do by now, but for a moment in which something else runs.
        pace = run(pacing, clock, 44 if room == 2 else 25, 30 if room == 2 else 25, 1, room)[-1]
        if pace is Pace.READY and room == 2:
            tries.append(seconds)
        room = 2 if pace is Pace.TWO else 1
    gaps = [after - before for before, after in pairwise(tries)]
    assert len(tries) == 4
    assert gaps == sorted(gaps)
    assert gaps[0] > RETRY_SECONDS


def test_two_are_left_for_good_once_one_keeps_up(pacing, clock):
    run(pacing, clock, 38, 24, BEHIND_SECONDS + 2)
    run(pacing, clock, 44, 30, RETRY_SECONDS + 2, room=2)
    assert set(run(pacing, clock, 25, 29, 60)[15:]) == {Pace.READY}


def test_reset_begins_anew(pacing, clock):
    run(pacing, clock, 38, 24, BEHIND_SECONDS + 2)
    pacing.reset()
    assert pacing.pace is Pace.ONE
