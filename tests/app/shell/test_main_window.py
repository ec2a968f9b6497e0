"""How the window lays out, and what it takes."""

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.shell.actions import KEYS
from app.shell.help import help_dialog
from app.shell.main_window import MainWindow
from app.theme import theme
from resnet_core.weights.catalogue import Catalogue


@pytest.fixture
def window(qtbot):
    made = MainWindow(Catalogue())
    qtbot.addWidget(made)
    made.show()
    yield made
    theme().zoom = 1.0


def test_narrow_window_takes_menus_and_tabs(window):
    window.resize(1600, 1000)
    QApplication.processEvents()
    assert not window.top_bar.depth_menu.isVisible()
    assert window.rail.width() == 80

    window.resize(1024, 700)
    QApplication.processEvents()

    assert window.top_bar.depth_menu.isVisible()
    assert not window.top_bar.depths.isVisible()
    assert window.rail.width() == 56


@pytest.mark.parametrize("zoom", [0.8, 1.0, 1.5, 2.0])
def test_nothing_is_cut_off_at_any_size_of_type(qtbot, window, zoom):
    theme().zoom = zoom
    window.resize(1024, 700)
    body = window.area.widget()

    qtbot.waitUntil(lambda: body.minimumSizeHint().boundedTo(body.size()) == body.minimumSizeHint())
    for card in window.explore.first_run.sample_cards:
        assert window.explore.first_run.rect().contains(card.geometry())


def test_error_makes_the_picture_smaller_and_nothing_scrolls(qtbot, window):
    window.resize(1600, 1000)
    window.explore.set_network(window.top_bar._card)
    window.explore.set_error("This sentence goes on and on until it needs a second line. " * 2)
    QApplication.processEvents()

    bar = window.area.verticalScrollBar()
    qtbot.waitUntil(window.explore.picture.error.isVisible)
    assert bar.maximum() == 0


def test_files_come_before_pixels_and_pixels_before_addresses(qtbot, window, tmp_path):
    mime = QMimeData()
    mime.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    mime.setUrls([QUrl("https://example.org/cat.jpg")])
    with qtbot.waitSignal(window.contents_given, timeout=1000):
        window.take(mime, "the dropped picture")

    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "cat.jpg"))])
    with qtbot.waitSignal(window.paths_given, timeout=1000) as blocker:
        window.take(mime, "the dropped picture")
    assert blocker.args[0] == [tmp_path / "cat.jpg"]


def test_text_is_refused_with_the_kinds_that_work(qtbot, window):
    mime = QMimeData()
    mime.setText("a cat")

    with qtbot.waitSignal(window.refused, timeout=1000) as blocker:
        window.take(mime, "the pasted picture")

    assert "PNG" in blocker.args[0]


def test_first_sample_has_the_focus_at_the_start(window):
    assert window.focusWidget() is window.explore.first_run.sample_cards[0]


def test_help_names_every_key_and_the_licences(qtbot, window):
    from PySide6.QtWidgets import QLabel

    dialog = help_dialog(window)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QLabel).text()

    assert all(key.words in text for key in KEYS)
    assert "MIT" in text
    assert "Open Font" in text
