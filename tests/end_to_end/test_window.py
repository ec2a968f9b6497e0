"""What a person does with the window, and what it then says."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.shell.exports import save_maps, save_view
from app.shell.settings import read_settings
from app.shell.wiring import Shell
from app.theme import ThemeWish, theme
from resnet_core.networks.config import NetworkConfig, Shortcut
from tests.end_to_end.conftest import PATIENCE_MS


def drop(window, *paths, mime=None):
    """Let files fall on the window, through Qt's own event path."""
    if mime is None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    rest = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(400, 400), copy, *rest))
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 400), copy, *rest))


def names(shell):
    return [row.name for row in shell.window.explore.answers.bars.rows]


def wait_for_answer(qtbot, shell, act):
    with qtbot.waitSignal(shell.controller.frame_explained, timeout=PATIENCE_MS):
        act()


def test_dropped_photo_is_named_and_every_block_has_its_map(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))

    page = shell.window.explore
    assert names(shell)[0] == "espresso"
    assert not page.shows_first_run
    assert "conv4.2" in page.picture.picture.accessibleDescription()
    assert "for “espresso”" in page.picture.picture.accessibleDescription()
    assert "ms" in shell.window.top_bar.engine.text()
    assert "conv4, block 2 of 2" in page.strip.accessibleName()


def test_bad_file_among_good_ones_costs_only_itself(qtbot, shell, coffee, noise, tmp_path):
    broken = tmp_path / "a-broken.jpg"
    broken.write_bytes(coffee.read_bytes()[:2000])

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, broken, coffee, noise))

    assert names(shell)[0] == "espresso"
    assert "a-broken.jpg is damaged or cut short" in shell.window.explore.picture.error.sentence
    wait_for_answer(qtbot, shell, lambda: shell.controller.step_picture(1))
    assert shell.controller.frame.name == noise.name
    assert shell.window.explore.picture.error.sentence == ""


def test_only_bad_file_leaves_what_was_shown_and_says_why(qtbot, shell, coffee, tmp_path):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    text = tmp_path / "notes.pdf"
    text.write_bytes(b"%PDF-1.7 no picture at all")

    with qtbot.waitSignal(shell.controller.failed, timeout=PATIENCE_MS):
        drop(shell.window, text)

    assert "notes.pdf is not a picture" in shell.window.explore.picture.error.sentence
    assert names(shell)[0] == "espresso"


def test_dropped_folder_is_stepped_through(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee.parent))
    first = shell.controller.frame.name

    wait_for_answer(qtbot, shell, lambda: qtbot.keyClick(shell.window, Qt.Key.Key_PageDown))

    assert shell.controller.frame.name != first


def test_image_dragged_out_of_a_browser_is_explained(qtbot, shell, coffee):
    mime = QMimeData()
    mime.setImageData(QImage(str(coffee)))

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, mime=mime))

    assert names(shell)[0] == "espresso"


def test_address_in_the_web_is_refused_because_nothing_is_fetched(qtbot, shell):
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.jpg")])

    drop(shell.window, mime=mime)

    assert "fetches nothing" in shell.window.explore.picture.error.sentence


def test_pasted_picture_is_explained(qtbot, shell, coffee):
    QGuiApplication.clipboard().setImage(QImage(str(coffee)))

    wait_for_answer(qtbot, shell, shell.window.paste)

    assert names(shell)[0] == "espresso"


def test_no_stale_result_is_drawn_when_the_model_changes_during_a_run(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    shown = []
    shell.controller.frame_explained.connect(lambda e, painted: shown.append(e))
    wanted = shell.catalogue.untrained(NetworkConfig(34, Shortcut.A))
    for config in (NetworkConfig(50, Shortcut.C), NetworkConfig(18, Shortcut.NONE)):
        shell.controller.choose_card(shell.catalogue.untrained(config))
        assert names(shell) == [], "the answers of the model before must go at once"

    shell.controller.choose_card(wanted)
    qtbot.waitUntil(lambda: bool(shown), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not shell.engine._mailbox.waiting, timeout=PATIENCE_MS)

    assert {explanation.wish.card for explanation in shown} == {wanted}
    assert shell.window.top_bar.weights.text() == "Untrained"
    assert shell.engine.replaced >= 1
    assert len(shown[-1].explained.blocks) == 17


def test_picture_stays_with_its_answer_until_the_next_answer_comes(qtbot, shell, coffee, noise):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    picture = shell.window.explore.picture.picture
    first = picture.frame_number
    with qtbot.waitSignal(shell.controller.frame_opened, timeout=PATIENCE_MS):
        drop(shell.window, noise)

    assert picture.frame_number == first
    assert names(shell)[0] == "espresso"
    qtbot.waitUntil(lambda: picture.frame_number != first, timeout=PATIENCE_MS)
    assert picture.frame_number == shell.controller.explanation.explained.identity.frame
    assert noise.name in shell.window.windowTitle()


def test_keys_open_a_sample_before_there_is_a_picture(qtbot, shell):
    wait_for_answer(qtbot, shell, lambda: qtbot.keyClick(shell.window, Qt.Key.Key_1))

    assert shell.controller.frame.path == shell.window.explore.first_run.sample_cards[0].sample.path


def test_sentence_can_be_put_away(qtbot, shell):
    shell.controller.failed.emit("The disk is full.")
    error = shell.window.explore.picture.error
    assert error.sentence == "The disk is full."

    shell.window.explore.picture.retry_requested.emit()

    assert error.sentence == ""


def test_clicked_answer_becomes_the_target_and_escape_returns(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    bars = shell.window.explore.answers.bars
    second = bars.rows[1]
    place = QPoint(100, round(bars._area(1).center().y()))

    wait_for_answer(
        qtbot, shell, lambda: qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)
    )

    assert shell.controller.explanation.explained.target_class == second.class_index
    assert f"“{second.name}”" in shell.window.explore.picture.picture.accessibleDescription()
    wait_for_answer(qtbot, shell, lambda: qtbot.keyClick(shell.window, Qt.Key.Key_Escape))
    assert shell.controller.explanation.explained.target_class == bars.rows[0].class_index


def test_branch_off_is_computed_beside_the_intact_network(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    before = names(shell)
    outcome = shell.window.explore.lesion.outcome

    shell.window.explore.lesion.switch.click()
    qtbot.waitUntil(lambda: bool(outcome.rows), timeout=PATIENCE_MS)

    assert names(shell) == before
    then = {name: probability for name, _, probability in outcome.rows}
    now = {row.name: row.probability for row in shell.window.explore.answers.bars.rows}
    assert then["espresso"] < 0.9 * now["espresso"]
    losses = shell.window.explore.lesion.losses
    qtbot.waitUntil(lambda: "2.1" in losses.accessibleDescription(), timeout=PATIENCE_MS)


def test_keys_turn_the_view_and_walk_the_blocks(qtbot, shell, coffee):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    kind = shell.controller.view.kind

    qtbot.keyClick(shell.window, Qt.Key.Key_M)
    qtbot.keyClick(shell.window, Qt.Key.Key_BracketRight)
    shell.window.explore.answers.setFocus()
    qtbot.keyClick(shell.window, Qt.Key.Key_Right)

    assert shell.controller.view.kind is not kind
    assert shell.controller.view.opacity == pytest.approx(0.7)
    assert shell.controller.block == "conv5_1"


def test_pickers_offer_only_what_has_weights_and_say_why(shell):
    reasons = {s.key: s.reason for s in shell.window.top_bar.depths._segments}

    assert reasons[18] is None
    assert "No weights for ResNet-152 B" in reasons[152]


def test_view_and_maps_are_exported(qtbot, shell, coffee, tmp_path):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))

    save_view(shell.window, tmp_path / "view.png")
    save_maps(shell.controller.explanation, tmp_path / "maps.npz")

    assert QImage(str(tmp_path / "view.png")).width() >= 1024
    with np.load(tmp_path / "maps.npz") as maps:
        assert maps["conv4_2/grad_cam"].shape == (8, 8)
        assert "espresso" in str(maps["about"])


def test_settings_are_remembered_and_bad_ones_give_the_default(qtbot, shell, coffee, tmp_path):
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    theme().wish = ThemeWish.DARK
    shell.controller.step_opacity(2)
    shell.window.close()

    remembered = read_settings(tmp_path / "settings.json")

    assert remembered.theme == "dark"
    assert remembered.opacity == pytest.approx(0.8)
    assert remembered.recent == (str(coffee),)
    text = (tmp_path / "settings.json").read_text()
    (tmp_path / "settings.json").write_text(text.replace('"dark"', '"pink"'))
    assert read_settings(tmp_path / "settings.json").theme == "system"
    (tmp_path / "settings.json").write_text("{ not json")
    assert read_settings(tmp_path / "settings.json").zoom == 1.0


def test_window_closes_within_a_second_while_it_computes(qtbot, tmp_path, coffee):
    import time

    shell = Shell(tmp_path / "settings.json")
    qtbot.addWidget(shell.window)
    shell.window.show()
    shell.start()
    shell.controller.choose_card(shell.catalogue.untrained(NetworkConfig(152)))
    shell.controller.open_paths([Path(coffee)])
    with qtbot.waitSignal(shell.controller.frame_opened, timeout=PATIENCE_MS):
        pass

    started = time.monotonic()
    shell.window.close()

    assert time.monotonic() - started < 1.5  # 0.9 s for all workers together, and some luck
    shell.engine.wait()
    shell.decoder.wait()


def test_window_is_gone_before_the_workers_are_waited_for(shell, monkeypatch):
    visible = []
    monkeypatch.setattr(shell.decoder, "wait", lambda *_: visible.append(shell.window.isVisible()))

    shell.window.close()

    assert visible[0] is False
