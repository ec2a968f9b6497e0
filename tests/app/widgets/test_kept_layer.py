"""A layer that is painted once and kept, and numbers that follow at the pace of reading."""

import pytest
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.widgets.kept_layer import KeptLayer


class Layered(QWidget):
    def __init__(self):
        super().__init__()
        self.layer, self.drawn, self.state = KeptLayer(self), 0, ""

    def paintEvent(self, event):
        painter = QPainter(self)
        self.layer.paint(painter, self._draw, self.state)
        painter.end()

    def _draw(self, painter):
        self.drawn += 1


@pytest.fixture
def widget(qtbot):
    made = Layered()
    qtbot.addWidget(made)
    made.resize(40, 30)
    made.grab()
    assert made.drawn == 1
    return made


def test_layer_is_painted_once_until_it_is_spoilt(widget):
    widget.grab()
    assert widget.drawn == 1

    widget.layer.spoil()
    widget.grab()
    assert widget.drawn == 2


@pytest.mark.parametrize("change", ["size", "state"])
def test_layer_follows_size_and_state(widget, change):
    if change == "size":
        widget.resize(50, 30)
    else:
        widget.state = "hovered"
    widget.grab()
    assert widget.drawn == 2


def test_numbers_of_a_picture_that_stands_still_are_painted_at_once(widget):
    widget.layer.spoil_in_time()
    widget.grab()
    assert widget.drawn == 2


def test_live_numbers_wait_and_the_last_ones_are_painted_too(qtbot, widget):
    widget.layer.set_moves(True)
    widget.grab()
    before = widget.drawn
    for _ in range(3):
        widget.layer.spoil_in_time()
        widget.grab()
    assert widget.drawn == before

    def caught_up():
        widget.grab()
        return widget.drawn == before + 1

    qtbot.waitUntil(caught_up, timeout=5000)


def test_everything_is_painted_anew_when_the_picture_stands_still(widget):
    widget.layer.set_moves(True)
    widget.grab()
    widget.layer.spoil_in_time()
    widget.layer.set_moves(False)
    before = widget.drawn
    widget.grab()
    assert widget.drawn == before + 1
