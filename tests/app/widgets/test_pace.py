"""What belongs to a live picture is painted with one of its frames, and the last one always."""

import pytest

from app.widgets import pace
from app.widgets.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


def test_while_a_picture_stands_everything_is_done_at_once(qtbot, clock):
    done = []
    each = Pace(None, lambda: done.append(clock[0]), 0.1)
    for _ in range(3):
        each.ask()

    assert done == [100.0] * 3


def test_moving_it_is_done_with_a_frame_and_never_between_two(qtbot, clock):
    done = []
    each = Pace(None, lambda: done.append(clock[0]), 4)
    each.set_moves(True)
    done.clear()
    for _ in range(6):
        clock[0] += 3
        each.ask()
        qtbot.wait(20)  # the timer's seconds are real ones

    assert done == [106, 112, 118]


def test_what_was_asked_for_last_is_done_even_if_no_frame_follows(qtbot, clock):
    done = []
    each = Pace(None, lambda: done.append(clock[0]), 0.05)
    each.set_moves(True)
    done.clear()
    each.ask()
    assert done == []

    qtbot.waitUntil(lambda: len(done) == 1, timeout=2000)
    qtbot.wait(120)
    assert len(done) == 1
