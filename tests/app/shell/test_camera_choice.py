"""Choosing a camera: what each sees, one open at a time; plugged in and out; used, remembered."""

import multiprocessing
import sys
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.shell import camera_choice, camera_preview
from app.shell.camera_choice import CameraChoice
from app.shell.camera_panel import LOOKING, NONE
from app.sources import capturing
from app.sources.cameras import CameraOptions
from app.sources.requests import NetworkRequest
from app.sources.states import Lost, Opening
from resnet_core.pictures.frame import Frame
from tests.plugging import Desk
from tests.serving import network_camera, part

pytestmark = [
    # A panel cannot come to the front of a screen that is not there.
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.skipif(sys.platform != "linux", reason="plugs cameras into a sysfs of its own"),
]

PATIENCE_MS = 20_000
HERE = QPoint(0, 0)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Two cameras: the front one has number 0, the one on the desk number 2."""
    made = Desk(tmp_path)
    made.plug(0, "1-2", "Front Camera")
    made.plug(2, "1-3", "Desk Camera", product="0999")
    monkeypatch.setattr(camera_choice, "cameras", made.cameras)
    monkeypatch.setattr(capturing, "cameras", made.cameras)
    monkeypatch.setattr(camera_choice, "LOOK_EVERY_MS", 30)
    yield made
    made.close()


@pytest.fixture
def choice(qtbot, desk):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    made = CameraChoice(window)
    yield made
    workers = made.workers
    made.finish()
    for worker in workers:
        worker.wait()


def names(choice):
    return [tile.name for tile in choice.panel.grid.choices] if choice.panel is not None else []


def tile(choice):
    """The tile that is selected."""
    return choice.panel.tile


def opened(qtbot, choice):
    """Open the panel and wait until the selected camera is seen."""
    choice.show(HERE)
    qtbot.waitUntil(lambda: tile(choice) is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tile(choice).has_picture, timeout=PATIENCE_MS)


def test_selected_camera_is_seen_by_its_name_and_no_other_is_opened(qtbot, choice, desk):
    choice.show(HERE)
    assert choice.panel.sentence.text() == LOOKING
    qtbot.waitUntil(lambda: tile(choice) is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tile(choice).words == "Opening ...", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tile(choice).has_picture, timeout=PATIENCE_MS)

    assert names(choice) == ["Front Camera", "Desk Camera"]
    assert tile(choice).words == ""
    assert "160" in tile(choice).second
    assert desk.opened == ["Front Camera"]


def test_arrow_goes_to_the_next_camera_and_the_one_before_is_left(qtbot, choice, desk):
    opened(qtbot, choice)
    QTest.keyClick(tile(choice), Qt.Key.Key_Right)
    assert tile(choice).accessibleName() == "Desk Camera"
    qtbot.waitUntil(lambda: tile(choice).has_picture, timeout=PATIENCE_MS)

    assert desk.most_at_once == 1
    qtbot.waitUntil(lambda: desk.readers() == ["Desk Camera"], timeout=PATIENCE_MS)


def test_camera_of_the_last_time_is_selected_first(qtbot, choice, desk):
    choice.options = CameraOptions(identity=desk.cameras()[1].identity)
    opened(qtbot, choice)
    assert tile(choice).accessibleName() == "Desk Camera"


def test_enter_uses_the_camera_once_it_is_given_back(qtbot, choice, desk):
    choice.options = CameraOptions(mirror=False, resolution="1280x720")
    opened(qtbot, choice)
    running = []
    choice.chosen.connect(lambda _: running.extend(multiprocessing.active_children()))

    with qtbot.waitSignal(choice.chosen, timeout=PATIENCE_MS) as blocker:
        QTest.keyClick(tile(choice), Qt.Key.Key_Return)

    request = blocker.args[0]
    assert (request.name, request.width, request.height) == ("Front Camera", 1280, 720)
    assert not request.mirror
    assert choice.options.identity == desk.cameras()[0].identity
    assert running == []
    assert choice.panel is None


def test_escape_leaves_the_camera_at_once(qtbot, choice, desk):
    opened(qtbot, choice)
    with qtbot.assertNotEmitted(choice.chosen):
        QTest.keyClick(choice.panel, Qt.Key.Key_Escape)
        begun = time.monotonic()
        qtbot.waitUntil(lambda: not multiprocessing.active_children(), timeout=PATIENCE_MS)
    assert time.monotonic() - begun < 1
    assert choice.panel is None
    assert not choice._timer.isActive()


def test_cameras_appear_and_disappear_while_it_is_open(qtbot, choice, desk):
    opened(qtbot, choice)
    desk.plug(4, "1-4", "Third Camera", product="0777")
    qtbot.waitUntil(lambda: "Third Camera" in names(choice), timeout=PATIENCE_MS)
    assert tile(choice).accessibleName() == "Front Camera"

    desk.unplug(0)
    qtbot.waitUntil(lambda: names(choice) == ["Desk Camera", "Third Camera"], timeout=PATIENCE_MS)
    assert tile(choice).accessibleName() == "Desk Camera"
    desk.close()
    qtbot.waitUntil(lambda: names(choice) == [], timeout=PATIENCE_MS)
    assert choice.panel.sentence.text() == NONE
    assert choice.panel.sentence.isVisible()
    assert not choice.panel.use.isEnabled()


def test_camera_that_sends_nothing_says_why_in_its_pictures_place(qtbot, choice, desk):
    opened(qtbot, choice)
    desk.break_cable(2)
    QTest.keyClick(tile(choice), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "not connected" in tile(choice).words, timeout=PATIENCE_MS)
    assert tile(choice).accessibleDescription().endswith(tile(choice).words)


def test_reason_stays_while_it_is_tried_again(qtbot, choice, desk, monkeypatch):
    monkeypatch.setattr(capturing, "RETRY_SECONDS", 0.05)
    desk.break_cable(0)
    told = []
    choice._preview.told.connect(lambda state: told.append((state, tile(choice).words)))
    choice.show(HERE)
    qtbot.waitUntil(lambda: len(told) >= 5, timeout=PATIENCE_MS)
    assert {type(state) for state, _ in told} == {Opening, Lost}
    assert all("not connected" in words for _, words in told[1:])


def test_cameras_that_cannot_be_listed_leave_the_address(qtbot, choice, monkeypatch):
    def fail():
        raise OSError("no list")

    monkeypatch.setattr(camera_choice, "cameras", fail)
    choice.show(HERE)
    qtbot.waitUntil(lambda: choice.panel.sentence.text() == NONE, timeout=PATIENCE_MS)
    assert choice.panel.address.isEnabled()


def test_camera_that_the_system_denies_says_how_to_allow_it(qtbot, choice, monkeypatch):
    def refuse(context, granted, denied):
        denied("Allow it in the settings.")

    monkeypatch.setattr(camera_preview, "ask_for_camera", refuse)
    choice.show(HERE)
    qtbot.waitUntil(lambda: tile(choice) is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tile(choice).words == "Allow it in the settings.", timeout=PATIENCE_MS)


def test_camera_on_show_is_not_opened_again_and_shows_what_is_live(qtbot, choice, desk):
    live = desk.cameras()[0]
    choice.set_live(live)
    choice.show(HERE)
    qtbot.waitUntil(lambda: tile(choice) is not None, timeout=PATIENCE_MS)
    assert tile(choice).second == "in use now"
    pixels = desk.picture_of(0)[:, :, ::-1]
    choice.take_live(Frame(pixels, live.name))
    assert tile(choice).has_picture
    assert tile(choice).second.startswith("in use now, ")

    # The other camera may be seen; coming back to this one opens nothing.
    QTest.keyClick(tile(choice), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: tile(choice).has_picture, timeout=PATIENCE_MS)
    QTest.keyClick(tile(choice), Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: not desk.readers(), timeout=PATIENCE_MS)
    assert desk.opened == ["Desk Camera"]

    with qtbot.assertNotEmitted(choice.chosen):
        choice.panel.use.click()
    assert choice.panel is None


def test_address_is_seen_before_it_is_used_and_a_wrong_one_refused(qtbot, choice, desk):
    with network_camera() as camera:
        camera.script = lambda release: _parts(desk, release)
        opened(qtbot, choice)
        panel = choice.panel
        panel.address.setText("nonsense")
        QTest.keyClick(panel.address, Qt.Key.Key_Return)
        assert "no camera's address" in panel.refusal.text()
        assert panel.refusal.isVisible()

        panel.address.setText(camera.address)
        QTest.keyClick(panel.address, Qt.Key.Key_Return)
        assert not panel.refusal.isVisible()
        assert "secret" not in tile(choice).accessibleName()
        qtbot.waitUntil(lambda: tile(choice).has_picture, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not desk.readers(), timeout=PATIENCE_MS)
        assert not panel.resolution.isEnabled()

        with qtbot.waitSignal(choice.chosen, timeout=PATIENCE_MS) as blocker:
            panel.use.click()
        assert blocker.args[0] == NetworkRequest(camera.address)


def test_options_are_told_and_mirroring_opens_nothing_again(qtbot, choice, desk):
    opened(qtbot, choice)
    panel = choice.panel
    with qtbot.waitSignal(choice.options_changed, timeout=PATIENCE_MS) as blocker:
        panel.mirror.click()
    assert not blocker.args[0].mirror

    with qtbot.waitSignal(choice._preview.frame_came, timeout=PATIENCE_MS):
        pass
    assert desk.opened == ["Front Camera"]
    with qtbot.waitSignal(choice.options_changed, timeout=PATIENCE_MS) as blocker:
        panel.resolution.chosen.emit("640x480")
    assert blocker.args[0] == CameraOptions(mirror=False, resolution="640x480")
    qtbot.waitUntil(lambda: desk.opened == ["Front Camera"] * 2, timeout=PATIENCE_MS)


def test_key_goes_to_the_camera_of_the_last_time_or_opens_the_panel(qtbot, choice, desk):
    choice.options = CameraOptions(identity=desk.cameras()[1].identity)
    with qtbot.waitSignal(choice.chosen, timeout=PATIENCE_MS) as blocker:
        choice.go_to_remembered(HERE)
    assert blocker.args[0].name == "Desk Camera"
    assert desk.opened == []

    desk.unplug(2)
    choice.go_to_remembered(HERE)
    qtbot.waitUntil(lambda: choice.panel is not None, timeout=PATIENCE_MS)


def test_first_camera_is_taken_where_any_will_do_and_none_is_told(qtbot, choice, desk):
    with qtbot.waitSignal(choice.chosen, timeout=PATIENCE_MS) as blocker:
        choice.start_any()
    assert blocker.args[0].name == "Front Camera"

    desk.close()
    with qtbot.waitSignal(choice.missing, timeout=PATIENCE_MS):
        choice.start_any()


def _parts(desk, release):
    number = 0
    while not release.wait(0 if number < 60 else 1 / 30):
        yield part(desk.picture_of(number))
        number += 1
