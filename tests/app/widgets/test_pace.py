"""What is shown less often than frames come."""

import pytest
from PySide6.QtCore import QObject

from app.widgets.pace import Pace


@pytest.fixture
def acts():
    return []


@pytest.fixture
def pace(qapp, acts):
    parent = QObject()
    yield Pace(parent, lambda: acts.append(1), 0.2)
    parent.deleteLater()


def test_of_what_stands_still_everything_is_shown(pace, acts):
    for _ in range(3):
        pace.ask()
    assert len(acts) == 3


def test_of_what_moves_the_first_and_the_last_is_shown(qtbot, pace, acts):
    pace.set_moves(True)
    acts.clear()
    for _ in range(5):
        pace.ask()
    assert acts == []
    qtbot.waitUntil(lambda: len(acts) == 1, timeout=5000)
    qtbot.wait(300)
    assert len(acts) == 1


def test_what_waited_is_shown_when_the_picture_stands_still(qtbot, pace, acts):
    pace.set_moves(True)
    pace.ask()
    acts.clear()
    pace.set_moves(False)
    assert len(acts) == 1
    qtbot.wait(300)
    assert len(acts) == 1
