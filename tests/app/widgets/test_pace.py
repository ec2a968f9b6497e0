"""What belongs to a live picture is painted with one of its frames, and the last one always."""

from types import SimpleNamespace

import pytest

from app.widgets import pace
from app.widgets.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def moving(done, clock, seconds, between=False):
    """A pace that follows a live picture and notes when it does something."""
    each = Pace(None, lambda: done.append(clock[0]), seconds, between=between)
    each.set_moves(True)
    done.clear()
    return each


def test_while_a_picture_stands_everything_is_done_at_once(qtbot, clock):
    done = []
    each = Pace(None, lambda: done.append(clock[0]), 0.1)
    for _ in range(3):
        each.ask()

    assert done == [100.0] * 3


def test_moving_it_is_done_with_a_frame_and_never_between_two(qtbot, clock):
    done = []
    each = moving(done, clock, seconds=4)
    for _ in range(6):
        clock[0] += 3
        each.ask()
        qtbot.wait(20)  # the timer's seconds are real ones

    first, *later = done
    assert first in {103, 106}  # it depends on its turn
    assert later == [first + 6 * number for number in range(1, len(done))]
    assert clock[0] - done[-1] < 6


def test_what_takes_long_is_done_between_two_frames(qtbot, clock):
    done = []
    each = moving(done, clock, seconds=0.05, between=True)
    each.ask()
    each.ask()
    assert done == []

    qtbot.waitUntil(lambda: len(done) == 1, timeout=2000)
    qtbot.wait(120)
    assert len(done) == 1


def test_several_that_move_have_turns_of_their_own(qapp, clock):
    done = [[] for _ in range(4)]
    paces = [moving(each, clock, seconds=100) for each in done]
    for _ in range(200):
        clock[0] += 1
        for each in paces:
            each.ask()

    assert [len(each) for each in done] == [2] * 4
    assert len({each[0] for each in done}) == 4


def test_what_was_asked_for_last_is_done_even_if_no_frame_follows(qtbot, clock):
    done = []
    each = moving(done, clock, seconds=0.05)
    each.ask()
    assert done == []

    qtbot.waitUntil(lambda: len(done) == 1, timeout=2000)
    qtbot.wait(120)
    assert len(done) == 1
