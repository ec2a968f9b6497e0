"""Drawing is thinned step by step where it falls behind, and comes back with room to spare."""

import pytest

from app.live_thinning import EVERY, QUICK_SECONDS, SLOW_SECONDS, Thinning


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def thinning(clock):
    return Thinning(10.0, clock)


def run(thinning, clock, rate, seconds):
    """Tell a rate eight times a second."""
    seen = []
    for _ in range(round(8 * seconds)):
        clock.now += 1 / 8
        thinning.note(rate)
        seen.append(thinning.every)
    return seen


def test_short_dip_changes_nothing(thinning, clock):
    run(thinning, clock, 5.0, SLOW_SECONDS - 0.5)
    run(thinning, clock, 11.0, 1)
    assert set(run(thinning, clock, 5.0, SLOW_SECONDS - 0.5)) == {1}
    assert thinning.sentence(5.0) == ""


def test_slow_is_thinned_step_by_step_and_told(thinning, clock):
    seen = run(thinning, clock, 5.0, 3 * SLOW_SECONDS + 1)
    assert list(dict.fromkeys(seen)) == list(EVERY)
    assert "5 of 10 frames" in thinning.sentence(5.0)
    assert f"every {EVERY[-1]}th frame" in thinning.sentence(5.0)


def test_it_comes_back_only_with_room_to_spare(thinning, clock):
    run(thinning, clock, 5.0, SLOW_SECONDS + 1)
    assert set(run(thinning, clock, 11.0, 5 * QUICK_SECONDS)) == {EVERY[1]}
    assert run(thinning, clock, 13.0, QUICK_SECONDS + 1)[-1] == 1


def test_another_network_begins_anew(thinning, clock):
    run(thinning, clock, 5.0, 10)
    thinning.reset()
    assert thinning.every == 1
