"""Cameras in the real window: seen, used, unplugged, and back; a pipe is in each one's place."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.shell import camera_choice
from app.sources import capturing
from tests.end_to_end.conftest import PATIENCE_MS
from tests.end_to_end.test_live import figures
from tests.plugging import Desk

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.skipif(sys.platform != "linux", reason="plugs cameras into a sysfs of its own"),
]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    made = Desk(tmp_path)
    made.plug(0, "1-2", "Front Camera")
    monkeypatch.setattr(camera_choice, "cameras", made.cameras)
    monkeypatch.setattr(capturing, "cameras", made.cameras)
    monkeypatch.setattr(capturing, "RETRY_SECONDS", 0.1)
    yield made
    made.close()


def chosen(qtbot, shell):
    """Open the panel by its button and use the first camera; the panel's last tile."""
    cameras = shell.sources.cameras
    shell.window.top_bar.source.chosen.emit("camera")
    qtbot.waitUntil(
        lambda: cameras.panel is not None and bool(cameras.panel.choice), timeout=PATIENCE_MS
    )
    tile = cameras.panel.grid.tile(cameras.panel.choice)
    qtbot.waitUntil(lambda: tile.has_picture, timeout=PATIENCE_MS)
    return tile


def test_camera_is_seen_and_then_explained_live_and_remembered(qtbot, shell, desk):
    tile = chosen(qtbot, shell)
    assert shell.live.request is None
    QTest.keyClick(tile, Qt.Key.Key_Return)
    figures(qtbot, shell)

    assert shell.live.request.name == "Front Camera"
    assert desk.most_at_once == 1
    shell.live.stop()
    shell.window.activateWindow()  # a real desktop does so when the panel closes
    qtbot.waitUntil(shell.window.isActiveWindow, timeout=PATIENCE_MS)
    QTest.keyClick(shell.window, Qt.Key.Key_C)
    figures(qtbot, shell)
    assert shell.sources.cameras.panel is None


def test_camera_in_use_is_shown_in_the_panel_without_being_opened_again(qtbot, shell, desk):
    QTest.keyClick(chosen(qtbot, shell), Qt.Key.Key_Return)
    figures(qtbot, shell)
    opened = list(desk.opened)

    tile = chosen(qtbot, shell)
    assert tile.second.startswith("in use now")
    figures(qtbot, shell)

    assert desk.opened == opened
    assert not shell.sources.cameras._preview.workers
    shell.sources.cameras.panel.close()


def test_camera_that_comes_back_under_another_number_goes_on(qtbot, shell, desk):
    QTest.keyClick(chosen(qtbot, shell), Qt.Key.Key_Return)
    figures(qtbot, shell)
    with qtbot.waitSignal(shell.live.troubled, timeout=PATIENCE_MS):
        desk.unplug(0)
    desk.plug(0, "3-1", "Another Camera", product="0777")
    desk.plug(5, "1-2", "Front Camera")

    figures(qtbot, shell)
    assert shell.window.explore.picture.error.sentence == ""
    assert "Another Camera" not in desk.opened


def test_window_closes_at_once_while_a_camera_is_previewed(qtbot, shell, desk):
    chosen(qtbot, shell)
    shell.window.close()
    qtbot.waitUntil(lambda: not desk.readers(), timeout=1000)
