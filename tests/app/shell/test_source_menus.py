"""Choosing a source: slides; screens; regions."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.shell import source_menus
from app.shell.region_picker import RegionPicker
from app.shell.source_menus import SourceMenus
from app.sources.requests import FolderRequest, ScreenRequest
from app.sources.screen_choice import remember_choice

# A menu cannot come to the front of a screen that is not there.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

PATIENCE_MS = 5000


@pytest.fixture
def menus(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    made = SourceMenus(window)
    yield made
    made.finish()
    for worker in made.workers:
        worker.wait()


def entries(menu):
    return [action.text() for action in menu.actions() if action.text()]


def entry(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def test_folder_is_shown_as_slides(qtbot, menus, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menus.choose_slides()
    assert blocker.args[0] == FolderRequest(tmp_path)


def test_screen_is_chosen_by_its_name(qtbot, menus):
    menus.show_screens(QPoint(0, 0))
    menu = menus._window.findChildren(QMenu)[-1]
    screen = QGuiApplication.primaryScreen()
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menu.actions()[0].trigger()
    assert blocker.args[0] == ScreenRequest(screen.name())
    menu.close()


def test_region_is_drawn_with_the_mouse_and_a_click_is_none(qtbot):
    picker = RegionPicker(QGuiApplication.primaryScreen())
    picker.show()
    picked = []
    picker.picked.connect(picked.append)
    QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert picked == []

    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    QTest.mouseMove(picker, QPoint(100, 60))
    QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    assert picked[0].region == (100, 60, 200, 140)


def test_escape_leaves_the_region_undrawn(qtbot):
    picker = RegionPicker(QGuiApplication.primaryScreen())
    picker.show()
    closed = []
    picker.destroyed.connect(lambda: closed.append(1))
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: closed == [1], timeout=PATIENCE_MS)


def test_desktop_asks_for_the_screen_where_only_it_may(qtbot, menus, monkeypatch, tmp_path):
    monkeypatch.setattr(source_menus, "desktop_asks_for_screen", lambda: True)
    monkeypatch.setenv("SKIPLENS_DATA", str(tmp_path))
    menus.show_screens(QPoint(0, 0))
    menu = menus._window.findChildren(QMenu)[-1]
    assert entries(menu) == ["Choose a screen or window ..."]
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menu.actions()[0].trigger()
    assert blocker.args[0] == ScreenRequest()
    menu.close()

    remember_choice("a token")
    menus.show_screens(QPoint(0, 0))
    menu = menus._window.findChildren(QMenu)[-1]
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        entry(menu, "The one of the last time").trigger()
    assert blocker.args[0] == ScreenRequest(again=True)
    menu.close()
