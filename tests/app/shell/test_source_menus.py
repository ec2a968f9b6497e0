"""Choosing a source: cameras by name, followed while the menu is open; slides; screens; regions."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.shell import source_menus
from app.shell.region_picker import RegionPicker
from app.shell.source_menus import CameraOptions, SourceMenus
from app.sources.requests import CameraRequest, FolderRequest, NetworkRequest, ScreenRequest
from app.sources.screen_choice import remember_choice

# A menu cannot come to the front of a screen that is not there.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

PATIENCE_MS = 5000
FRONT = CameraRequest(0, "Front Camera", "046d:0825:@1-2")
DESK = CameraRequest(2, "Desk Camera", "1234:5678:@1-3")


@pytest.fixture
def found(monkeypatch):
    """The cameras that are plugged in; change the list to plug and unplug."""
    plugged = [FRONT]
    monkeypatch.setattr(source_menus, "cameras", lambda: tuple(plugged))
    monkeypatch.setattr(source_menus, "LOOK_EVERY_MS", 30)
    return plugged


@pytest.fixture
def menus(qtbot, found):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    made = SourceMenus(window)
    made._timer.setInterval(30)
    yield made
    made._menu.close()
    made.finish()
    for worker in made.workers:
        worker.wait()


def entries(menu):
    return [action.text() for action in menu.actions() if action.text()]


def entry(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def test_menu_follows_what_is_plugged_in_while_it_is_open(qtbot, menus, found):
    menus.show_cameras(QPoint(0, 0))
    qtbot.waitUntil(lambda: "Front Camera" in entries(menus._menu), timeout=PATIENCE_MS)

    found.append(DESK)
    qtbot.waitUntil(lambda: "Desk Camera" in entries(menus._menu), timeout=PATIENCE_MS)
    found.clear()
    qtbot.waitUntil(lambda: "No camera is connected" in entries(menus._menu), timeout=PATIENCE_MS)

    menus._menu.close()
    assert not menus._timer.isActive()


def test_chosen_camera_carries_its_options_and_is_remembered(qtbot, menus):
    menus.options = CameraOptions(mirror=False, resolution="1280x720")
    menus.show_cameras(QPoint(0, 0))
    qtbot.waitUntil(lambda: "Front Camera" in entries(menus._menu), timeout=PATIENCE_MS)

    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        entry(menus._menu, "Front Camera").trigger()

    request = blocker.args[0]
    assert (request.width, request.height, request.mirror) == (1280, 720, False)
    assert menus.options.identity == FRONT.identity


def test_options_are_told_when_they_change(qtbot, menus):
    menus.show_cameras(QPoint(0, 0))
    with qtbot.waitSignal(menus.options_changed, timeout=PATIENCE_MS) as blocker:
        entry(menus._menu, "Mirror the picture").trigger()
    assert not blocker.args[0].mirror

    sizes = entry(menus._menu, "Resolution").menu()
    with qtbot.waitSignal(menus.options_changed, timeout=PATIENCE_MS) as blocker:
        entry(sizes, "640 by 480").trigger()
    assert blocker.args[0] == CameraOptions(mirror=False, resolution="640x480")


def test_key_goes_to_the_camera_of_the_last_time_or_opens_the_menu(qtbot, menus, found):
    menus.options = CameraOptions(identity=DESK.identity)
    menus.go_to_camera(QPoint(0, 0))
    qtbot.waitUntil(menus._menu.isVisible, timeout=PATIENCE_MS)
    menus._menu.close()

    found.append(DESK)
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menus.go_to_camera(QPoint(0, 0))
    assert blocker.args[0].name == "Desk Camera"


def test_first_camera_is_taken_where_any_will_do_and_none_is_told(qtbot, menus, found):
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menus.start_camera()
    assert blocker.args[0].index == FRONT.index

    found.clear()
    with qtbot.waitSignal(menus.missing, timeout=PATIENCE_MS):
        menus.start_camera()


def test_address_is_asked_for_and_a_wrong_one_refused(qtbot, menus, monkeypatch):
    answers = iter([("http://10.0.0.7:8080/video", True), ("nonsense", True), ("", False)])
    monkeypatch.setattr(source_menus.QInputDialog, "getText", lambda *_: next(answers))
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menus._ask_for_address()
    assert blocker.args[0] == NetworkRequest("http://10.0.0.7:8080/video")
    with qtbot.waitSignal(menus.refused, timeout=PATIENCE_MS):
        menus._ask_for_address()
    with qtbot.assertNotEmitted(menus.chosen):
        menus._ask_for_address()


def test_folder_is_shown_as_slides(qtbot, menus, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menus.choose_slides()
    assert blocker.args[0] == FolderRequest(tmp_path)


def test_screen_is_chosen_by_its_name(qtbot, menus):
    menus.show_screens(QPoint(0, 0))
    menu = menus._window.findChildren(type(menus._menu))[-1]
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
    menu = menus._window.findChildren(type(menus._menu))[-1]
    assert entries(menu) == ["Choose a screen or window ..."]
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        menu.actions()[0].trigger()
    assert blocker.args[0] == ScreenRequest()
    menu.close()

    remember_choice("a token")
    menus.show_screens(QPoint(0, 0))
    menu = menus._window.findChildren(type(menus._menu))[-1]
    with qtbot.waitSignal(menus.chosen, timeout=PATIENCE_MS) as blocker:
        entry(menu, "The one of the last time").trigger()
    assert blocker.args[0] == ScreenRequest(again=True)
    menu.close()
