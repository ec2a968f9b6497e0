"""Show in the real window: what it covers, and what keys may still do."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.sources.requests import VideoRequest
from tests.end_to_end.conftest import PATIENCE_MS
from tests.end_to_end.test_live import clip, figures, pixels  # noqa: F401
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


def test_missing_camera_is_one_calm_sentence(qtbot, shell, monkeypatch):
    monkeypatch.setattr("app.shell.source_menus.cameras", lambda: ())
    shell.show_wiring.show.enter(kiosk=True)
    said = shell.window.show_view.answer

    qtbot.waitUntil(lambda: bool(said.said.trouble), timeout=PATIENCE_MS)
    assert said.said.trouble == "No camera is connected; it starts when one is."
