"""Drawing is thinned step by step where it falls behind, and comes back with room to spare."""

import pytest

from app.live_thinning import EVERY, QUICK_SECONDS, SLOW_SECONDS, Cost, Thinning
from app.widgets.figures import TIMES
from resnet_core.networks.config import NetworkConfig, Shortcut

SLOW = Cost(NetworkConfig(50, Shortcut.B), 224, 224, 0.137)


@pytest.fixture
def thinning(clock):
    return Thinning(10.0, clock)


def run(thinning, clock, rate, seconds, source=30.0):
    """Tell a rate eight times a second."""
    seen = []
    for _ in range(round(8 * seconds)):
        clock.now += 1 / 8
        thinning.note(rate, source)
        seen.append(thinning.every)
    return seen


def test_short_dip_changes_nothing(thinning, clock):
    run(thinning, clock, 5.0, SLOW_SECONDS - 0.5)
    run(thinning, clock, 11.0, 1)
    assert set(run(thinning, clock, 5.0, SLOW_SECONDS - 0.5)) == {1}
    assert thinning.sentence(5.0, SLOW) == ""


def test_slow_is_thinned_step_by_step_and_told(thinning, clock):
    seen = run(thinning, clock, 5.0, 3 * SLOW_SECONDS + 1)
    assert list(dict.fromkeys(seen)) == list(EVERY)
    assert thinning.sentence(5.0, SLOW) == (
        f"ResNet-50 at 224 {TIMES} 224 takes 140 ms a frame, so the strip follows every "
        "12th frame. ResNet-18 is faster, with 44 % of the arithmetic."
    )


def test_it_comes_back_only_with_room_to_spare(thinning, clock):
    run(thinning, clock, 5.0, SLOW_SECONDS + 1)
    assert set(run(thinning, clock, 11.0, 5 * QUICK_SECONDS)) == {EVERY[1]}
    assert run(thinning, clock, 13.0, QUICK_SECONDS + 1)[-1] == 1


def test_another_network_begins_anew(thinning, clock):
    run(thinning, clock, 5.0, 10)
    thinning.reset()
    assert thinning.every == 1


def test_source_that_sends_little_is_not_taken_for_a_slow_network(thinning, clock):
    assert set(run(thinning, clock, 0.33, 30, source=0.33)) == {1}
    assert set(run(thinning, clock, 7.5, 30, source=8.0)) == {1}


def test_what_was_thinned_comes_back_when_the_source_gets_slow_and_it_keeps_up(thinning, clock):
    run(thinning, clock, 5.0, SLOW_SECONDS + 1)
    assert run(thinning, clock, 5.0, QUICK_SECONDS + 1, source=5.0)[-1] == 1


def test_floor_of_zero_never_thins(thinning, clock):
    thinning.floor = 0.0
    assert set(run(thinning, clock, 1.0, 30)) == {1}


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(NetworkConfig(18, Shortcut.B), 128, 128, 0.19), "Weights for smaller pictures"),
        (Cost(NetworkConfig(18, Shortcut.B), 64, 64, 0.19), "Another engine may be faster"),
        (Cost(NetworkConfig(34, Shortcut.NONE), 64, 64, 0.19), "plain-18 is faster"),
        (Cost(NetworkConfig(18, Shortcut.B), 64, 64, 0.02), "and its drawing 180 ms"),
    ],
)
def test_what_would_be_faster_is_what_there_is_less_of(thinning, clock, cost, words):
    run(thinning, clock, 5.0, SLOW_SECONDS + 1)
    assert words in thinning.sentence(5.0, cost)
