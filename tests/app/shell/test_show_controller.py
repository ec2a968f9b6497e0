"""Leaving by a held key, the mouse, and what puts itself right; time is the test's own."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.shell.show_controller import ShowController


@pytest.fixture
def show(qtbot, clock):
    made = ShowController(clock)
    yield made
    made.leave()


@pytest.fixture
def widget(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def escape(widget, kind):
    key = QKeyEvent(kind, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QGuiApplication.sendEvent(widget, key)


def test_held_key_leaves_and_shows_how_far_it_is(show, clock, widget):
    progress, left = [], []
    show.holding.connect(progress.append)
    show.left.connect(lambda: left.append(1))
    show.enter(kiosk=True)
    escape(widget, QEvent.Type.KeyPress)
    clock.now += 0.5
    show.tick()
    assert progress == [0.5]
    assert not left

    clock.now += 0.5
    show.tick()
    assert left == [1]
    assert not show.is_on


def test_short_press_only_hints(show, clock, widget, qtbot):
    show.enter()
    escape(widget, QEvent.Type.KeyPress)
    clock.now += 0.3
    with qtbot.waitSignal(show.hinted, timeout=1000):
        escape(widget, QEvent.Type.KeyRelease)
    clock.now += 5
    show.tick()
    assert show.is_on


def test_strangers_do_not_leave_by_f11_and_others_do(show, qtbot):
    show.enter(kiosk=True)
    with qtbot.waitSignal(show.hinted, timeout=1000):
        show.toggle()
    assert show.is_on
    show.leave()
    show.toggle()
    show.toggle()
    assert not show.is_on


def test_mouse_hides_when_it_rests_and_comes_back_when_it_moves(show, clock, widget):
    show.enter()
    clock.now += 1.9
    show.tick()
    assert QGuiApplication.overrideCursor() is None
    clock.now += 0.2
    show.tick()
    assert QGuiApplication.overrideCursor().shape() is Qt.CursorShape.BlankCursor
    QTest.mouseMove(widget, widget.rect().center())
    QTest.mouseMove(widget, widget.rect().topLeft())
    assert QGuiApplication.overrideCursor() is None

    clock.now += 3
    show.tick()
    show.leave()
    assert QGuiApplication.overrideCursor() is None


def test_picture_makes_way_for_the_camera_after_a_while(show, clock, widget):
    wanted = []
    show.camera_wanted.connect(lambda: wanted.append(clock.now))
    show.enter()
    show.set_live(live=False)
    clock.now += 29
    show.tick()
    QTest.keyClick(widget, Qt.Key.Key_M)
    clock.now += 29
    show.tick()
    assert wanted == []
    clock.now += 1
    show.tick()
    assert wanted == [159.0]

    show.set_live(live=True)
    clock.now += 100
    show.tick()
    assert len(wanted) == 1


@pytest.mark.parametrize("kiosk", [True, False])
def test_forgotten_freeze_thaws_for_strangers_only(show, clock, kiosk):
    thaws = []
    show.thaw_wanted.connect(lambda: thaws.append(1))
    show.enter(kiosk=kiosk)
    show.set_live(live=True, frozen=True)
    clock.now += 61
    show.tick()
    assert thaws == ([1] if kiosk else [])


def test_trouble_is_tried_again_ever_more_patiently(show, clock):
    tries = []
    show.retry_wanted.connect(lambda: tries.append(clock.now - 100))
    show.enter()
    show.set_live(live=True)
    show.set_trouble(troubled=True)
    for _ in range(120):
        clock.now += 0.5
        show.tick()
    assert tries == [2, 6, 14, 30, 60]

    show.set_trouble(troubled=False)
    clock.now += 100
    show.tick()
    assert len(tries) == 5


def test_key_let_go_in_another_program_does_not_leave(show, clock, widget):
    show.enter()
    escape(widget, QEvent.Type.KeyPress)
    QGuiApplication.sendEvent(widget, QEvent(QEvent.Type.ApplicationDeactivate))
    clock.now += 2
    show.tick()
    assert show.is_on
