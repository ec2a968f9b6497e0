"""Show in the real window: what it covers, and what keys may still do."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.sources.requests import NetworkRequest, VideoRequest
from app.sources.states import Lost, Opening
from tests.end_to_end.conftest import PATIENCE_MS
from tests.end_to_end.test_live import camera, clip, figures, pixels, stalled  # noqa: F401
from tests.end_to_end.test_window import drop, wait_for_answer


def test_show_covers_the_window_and_gives_it_back(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    page = shell.window.show_view

    QTest.keyClick(shell.window, Qt.Key.Key_F11)

    assert shell.window.page == "show"
    assert shell.window.isFullScreen()
    assert not shell.window.explore.isVisible()
    assert page.answer.said.rows[0].name == "espresso"
    assert page.picture.frame_number == shell.controller.frame.number

    QTest.keyClick(shell.window, Qt.Key.Key_F11)
    assert shell.window.page == "explore"
    assert not shell.window.isFullScreen()
    assert shell.window.explore.isVisible()


def test_no_key_opens_a_dialog_in_show(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    QTest.keyClick(shell.window, Qt.Key.Key_F11)
    before = shell.controller.view.kind

    control = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_F1, Qt.Key.Key_C):
        QTest.keyClick(shell.window, key)
    for key in (Qt.Key.Key_O, Qt.Key.Key_S, Qt.Key.Key_4, Qt.Key.Key_Q):
        QTest.keyClick(shell.window, key, control)
    assert QApplication.activePopupWidget() is None
    assert QApplication.activeModalWidget() is None
    assert shell.window.page == "show"
    assert shell.window.isVisible()

    QTest.keyClick(shell.window, Qt.Key.Key_M)
    assert shell.controller.view.kind is not before


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_help_makes_way_for_show(qtbot, shell):
    QTest.keyClick(shell.window, Qt.Key.Key_F1)
    help_ = shell.window.findChild(QDialog)
    assert help_.isVisible()

    with qtbot.waitSignal(help_.finished):
        shell.window.rail.show_requested.emit()

    assert shell.window.page == "show"


def test_live_picture_is_shown_with_its_mark(qtbot, shell, clip):  # noqa: F811
    shell.show_wiring.show.enter()
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell, 5)
    page = shell.window.show_view

    assert shell.window.page == "show"
    assert page.mark.isVisible()
    assert page.mark.words == "LIVE"
    qtbot.waitUntil(lambda: bool(page.answer.said.rows), timeout=PATIENCE_MS)

    QTest.keyClick(shell.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.mark.words == "FROZEN", timeout=PATIENCE_MS)


@pytest.fixture
def opened(monkeypatch):
    """How often somebody looked for a camera; there is none."""
    looks = []
    monkeypatch.setattr("app.shell.camera_choice.cameras", lambda: looks.append(1) or ())
    return looks


def test_no_camera_goes_on_that_nobody_asked_for(qtbot, shell, coffee, opened):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    QTest.keyClick(shell.window, Qt.Key.Key_F11)
    shell.show_wiring.show.camera_wanted.emit()
    qtbot.wait(100)
    assert opened == []

    QTest.keyClick(shell.window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: opened == [1], timeout=PATIENCE_MS)
    assert QApplication.activePopupWidget() is None


def test_dropped_picture_makes_way_for_what_was_live(qtbot, shell, camera, coffee):  # noqa: F811
    shell.show_wiring.show.enter()
    home = NetworkRequest(camera.address)
    shell.live_wiring.go_live(home)
    figures(qtbot, shell)
    page = shell.window.show_view
    assert page.answer.said.invitation == "Hold something up to the camera"

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    qtbot.waitUntil(lambda: shell.live.request is None, timeout=PATIENCE_MS)
    assert not page.mark.isVisible()
    shell.show_wiring.show.camera_wanted.emit()

    assert shell.live.request == home
    figures(qtbot, shell)


def test_trouble_that_is_tried_again_in_vain_stays_and_waits_longer(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    wiring, page = shell.show_wiring, shell.window.show_view
    wiring.show.enter()
    asked = []
    shell.controller.ask = lambda: asked.append(1)
    shell.controller._engine_troubled = True
    shell.controller.engine_failed.emit("The engine is gone.")
    waited = wiring.show.wait_seconds
    wiring.show._trouble_at -= 10
    wiring.show.tick()

    assert asked == [1]
    assert page.answer.said.trouble == "The engine is gone."
    assert wiring.show.wait_seconds == 2 * waited


def test_source_that_is_being_opened_is_left_to_it(qtbot, shell, camera):  # noqa: F811
    shell.show_wiring.show.enter()
    shell.live_wiring.go_live(NetworkRequest(camera.address))
    figures(qtbot, shell)
    retried = []
    shell.live._worker.retry = lambda: retried.append(1)
    shell.live._worker.state_changed.emit(Lost("It sends nothing any more.", 2.0))
    shell.live._worker.state_changed.emit(Opening())

    shell.show_wiring.show.retry_wanted.emit()
    assert retried == []

    shell.live._worker.state_changed.emit(Lost("It sends no video.", 2.0))
    shell.show_wiring.show.retry_wanted.emit()
    assert retried == [1]


def test_unreadable_drop_is_told_and_starts_nothing(qtbot, shell, coffee, tmp_path, opened):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    shell.show_wiring.show.enter(kiosk=True)
    qtbot.waitUntil(lambda: opened == [1], timeout=PATIENCE_MS)
    shell.show_wiring.show.set_trouble(troubled=False)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(coffee.read_bytes()[:900])
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"none")
    said = shell.window.show_view.answer

    drop(shell.window, broken)
    qtbot.waitUntil(lambda: "broken.jpg" in said.said.trouble, timeout=PATIENCE_MS)
    assert said.said.rows[0].name == "espresso"
    drop(shell.window, weights)
    assert "drop weights on the other pages" in said.said.trouble
    assert opened == [1]


@pytest.mark.parametrize("kiosk", [True, False])
def test_strangers_keep_no_pictures(qtbot, shell, clip, opened, monkeypatch, kiosk):  # noqa: F811
    kept = []
    monkeypatch.setattr(shell.live_wiring.saving, "take_snapshot", kept.append)
    shell.show_wiring.show.enter(kiosk=kiosk)
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell)

    QTest.keyClick(shell.window, Qt.Key.Key_S)
    assert len(kept) == (0 if kiosk else 1)

    shell.show_wiring.show.leave()
    QTest.keyClick(shell.window, Qt.Key.Key_S)
    assert len(kept) == (1 if kiosk else 2)


@pytest.mark.parametrize("kiosk", [True, False])
def test_only_the_held_key_closes_a_kiosk(qtbot, shell, opened, kiosk):
    class FromOutside(QCloseEvent):
        def spontaneous(self):
            return True

    shell.show_wiring.show.enter(kiosk=kiosk)
    closing = []
    shell.window.closing.disconnect()
    shell.window.closing.connect(lambda: closing.append(1))
    event = FromOutside()
    shell.window.closeEvent(event)

    assert event.isAccepted() is not kiosk
    assert bool(closing) is not kiosk
    assert (shell.window.show_view.hint == "Hold Esc to leave") is kiosk
    shell.show_wiring.show.leave()
    shell.leave()
    QCoreApplication.processEvents()


def test_window_that_became_narrow_during_show_is_laid_out_for_it(shell):
    shell.show_wiring.show.enter()
    shell.window.resize(1024, 700)
    assert shell.window.explore.tabs.isHidden()

    shell.show_wiring.show.leave()

    assert shell.window.width() == 1024
    assert not shell.window.explore.tabs.isHidden()


def test_picture_alone_comes_back_after_show(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    shell.controller.set_view(replace(shell.controller.view, kind=None))
    shell.show_wiring.show.enter()
    assert shell.window.show_view.picture.caption == "Bright: what speaks for this answer"
    shell.show_wiring.show.leave()
    assert shell.controller.view.kind is None


def test_missing_camera_is_one_calm_sentence(qtbot, shell, monkeypatch):
    monkeypatch.setattr("app.shell.camera_choice.cameras", lambda: ())
    shell.show_wiring.show.enter(kiosk=True)
    said = shell.window.show_view.answer

    qtbot.waitUntil(lambda: bool(said.said.trouble), timeout=PATIENCE_MS)
    assert said.said.trouble == "No camera is connected; it starts when one is."
