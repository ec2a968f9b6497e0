"""Sharing a screen under Wayland: a real bus, a portal on it, a program in place of GStreamer."""

import os
import shutil
import signal
import stat
import sys
import time

import pytest
from PySide6.QtGui import QGuiApplication

if sys.platform == "linux":
    from app.sources import portal
    from app.sources.portal_screen import PortalScreenSource
    from tests.desktop import NEEDS_BUS, FakeGStreamer, FakePortal, private_bus
else:
    pytest.skip("Wayland is there on Linux only", allow_module_level=True)

from app.sources.requests import Pause, ScreenRequest
from app.sources.screen_choice import remembered_choice
from app.sources.states import Lost, Opening, Paused, Running, Stalled
from app.workers.source_worker import SourceWorker, make_source
from resnet_core.folders import data_folder

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason=NEEDS_BUS)

PATIENCE = 20_000
RUNS = (None, (320, 240), 100_000)


@pytest.fixture(autouse=True)
def bus(tmp_path, monkeypatch):
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        monkeypatch.setenv("SKIPLENS_DATA", str(tmp_path / "data"))
        yield address


@pytest.fixture
def desktop(bus):
    """A portal whose user chooses at once."""
    made = FakePortal(bus)
    yield made
    made.stop()


@pytest.fixture
def gstreamer(tmp_path, monkeypatch):
    (tmp_path / "programs").mkdir()
    made = FakeGStreamer(tmp_path / "programs")
    made.plan(RUNS)
    monkeypatch.setenv("PATH", str(made.folder))
    return made


@pytest.fixture
def run(running, gstreamer):
    """Starts a worker on the portal; gives it, its states and its frames."""

    def begin(request=None, **patience):
        return running(
            request or ScreenRequest(), lambda asked: PortalScreenSource(asked, **patience)
        )

    return begin


def lost(states):
    return isinstance(states[-1], Lost) if states else False


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_the_user_chose_arrives_in_rgb(qtbot, run, desktop, gstreamer):
    desktop.node = 77
    _, states, frames = run()
    qtbot.waitUntil(lambda: len(frames) > 3, timeout=PATIENCE)

    assert frames[0].pixels.shape == (240, 320, 3)
    assert frames[0].pixels[10, 10].tolist() == [200, 40, 10]
    assert frames[0].pixels[10, 310].tolist() == [10, 40, 200]
    assert states[-1] == Running()
    assert [node for _, node in gstreamer.started] == [77]


def test_desktop_is_asked_for_one_screen_or_window_with_its_pointer(qtbot, run, desktop):
    _, _, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    asked = desktop.options("SelectSources")
    assert (asked["types"], asked["multiple"], asked["cursor_mode"]) == (3, False, 2)
    assert asked["persist_mode"] == 2


def test_first_portals_are_asked_for_nothing_that_they_do_not_know(qtbot, run, desktop):
    desktop.properties = {"version": 1, "AvailableSourceTypes": 1}
    _, _, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    assert set(desktop.options("SelectSources")) == {"handle_token", "types", "multiple"}
    assert remembered_choice() is None


def test_screen_that_stands_still_goes_on(qtbot, run, desktop, gstreamer):
    gstreamer.plan((None, (320, 240), 1), (None, None, 60))
    _, states, frames = run()
    qtbot.waitUntil(lambda: len(frames) > 5, timeout=PATIENCE)
    assert len({frame.number for frame in frames}) == len(frames)
    assert states[-1] == Running()


def test_window_that_is_resized_is_followed_and_odd_widths_are_straight(
    qtbot, run, desktop, gstreamer
):
    gstreamer.plan((None, (321, 203), 30), (None, (250, 301), 30), (None, (111, 77), 100_000))
    _, _, frames = run()
    qtbot.waitUntil(lambda: bool(frames) and frames[-1].width == 111, timeout=PATIENCE)
    shapes = list(dict.fromkeys(frame.pixels.shape for frame in frames))
    assert shapes == [(203, 321, 3), (301, 250, 3), (77, 111, 3)]
    for frame in frames:
        assert (frame.pixels[:, 0] == (200, 40, 10)).all()
        assert (frame.pixels[:, -1] == (10, 40, 200)).all()


def test_held_screen_sends_nothing_until_it_goes_on(qtbot, run, desktop):
    worker, states, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Pause(True))
    qtbot.waitUntil(lambda: isinstance(states[-1], Paused), timeout=PATIENCE)
    count = len(frames)
    qtbot.wait(300)
    assert len(frames) == count
    worker.command(Pause(False))
    qtbot.waitUntil(lambda: len(frames) > count, timeout=PATIENCE)


def test_open_dialog_is_left_within_a_second_and_taken_away(qtbot, run, desktop):
    desktop.answer = None
    worker, states, _ = run()
    qtbot.waitUntil(lambda: desktop.called("Start"), timeout=PATIENCE)
    begun = time.monotonic()
    worker.finish()
    assert worker.wait(1000)
    assert time.monotonic() - begun < 1
    qtbot.waitUntil(lambda: desktop.called("Close"), timeout=PATIENCE)
    assert not lost(states)


def test_program_that_hangs_is_killed_within_a_second(qtbot, run, desktop, gstreamer):
    worker, _, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    process = gstreamer.started[0][0]
    os.kill(process, signal.SIGSTOP)
    begun = time.monotonic()
    worker.finish()
    assert worker.wait(1000)
    assert time.monotonic() - begun < 1
    assert not is_alive(process)


def test_missing_bus_is_told(qtbot, run, monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.NO_PORTAL, None)


def test_missing_portal_is_told(qtbot, run):
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.NO_PORTAL, None)


@pytest.mark.parametrize(
    ("properties", "errors"),
    [
        ({}, {"GetAll": "InvalidArgs"}),
        ({"version": 5, "AvailableSourceTypes": 0}, {}),
        ({"version": 5, "AvailableSourceTypes": 7}, {"CreateSession": "UnknownMethod"}),
    ],
)
def test_portal_that_shares_no_screens_is_told(qtbot, run, desktop, properties, errors):
    desktop.properties, desktop.errors = properties, errors
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.NO_SCREENCAST, None)


def test_portal_that_refuses_is_told(qtbot, run, desktop):
    desktop.errors = {"Start": "AccessDenied"}
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert "AccessDenied" in states[-1].sentence


def test_cancelled_dialog_is_told_and_opens_again_when_tried_again(qtbot, run, desktop):
    desktop.answer = 1
    worker, states, frames = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.NO_CHOICE, None)
    desktop.answer = 0
    worker.retry()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)


def test_dialog_that_fails_is_told(qtbot, run, desktop):
    desktop.answer = 2
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.FAILED, None)


def test_portal_that_hangs_is_told(qtbot, run, desktop, monkeypatch):
    monkeypatch.setattr(portal, "ANSWER_SECONDS", 0.3)
    desktop.silent = True
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.SILENT, None)


def test_portal_that_ends_under_its_dialog_is_told(qtbot, run, bus):
    desktop = FakePortal(bus)
    desktop.answer = None
    try:
        _, states, _ = run()
        qtbot.waitUntil(lambda: desktop.called("Start"), timeout=PATIENCE)
    finally:
        desktop.stop()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.CLOSED, None)


def test_missing_gstreamer_is_told_with_what_to_install(qtbot, run, desktop, gstreamer):
    gstreamer.remove()
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    for word in ("gst-launch-1.0", "gstreamer1.0-tools", "Debian", "gstreamer1,", "Fedora"):
        assert word in states[-1].sentence


def test_missing_part_of_gstreamer_is_told_with_what_to_install(qtbot, run, desktop, gstreamer):
    gstreamer.plan(('WARNING: erroneous pipeline: no element "pipewiresrc"', None, 0))
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    for word in ("pipewiresrc", "gstreamer1.0-pipewire", "Debian", "pipewire-gstreamer", "Fedora"):
        assert word in states[-1].sentence


def test_why_gstreamer_fails_is_told(qtbot, run, desktop, gstreamer):
    said = "ERROR: from element /GstPipeline:pipeline0/GstPipeWireSrc:pipewiresrc0: can't connect"
    gstreamer.plan((said, None, 0))
    _, states, _ = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert "(can't connect)" in states[-1].sentence


def test_stream_that_ends_is_told(qtbot, run, desktop, gstreamer):
    gstreamer.plan((None, (320, 240), 10))
    _, states, frames = run()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert frames
    assert "no picture any more" in states[-1].sentence


def test_desktop_that_sends_no_picture_is_told_and_waited_for(qtbot, run, desktop, gstreamer):
    gstreamer.plan((None, None, 1), (None, (320, 240), 20), (None, None, 1), RUNS)
    _, states, _ = run(patience_seconds=0.3)
    wanted = [Opening, Stalled, Running, Stalled, Running]
    qtbot.waitUntil(lambda: [type(state) for state in states] == wanted, timeout=PATIENCE)


def test_sharing_that_the_user_ends_is_lost_and_its_program_killed(qtbot, run, desktop, gstreamer):
    _, states, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    desktop.close_session()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    assert states[-1] == Lost(portal.CLOSED, None)
    qtbot.waitUntil(lambda: not is_alive(gstreamer.started[0][0]), timeout=PATIENCE)


def test_choice_is_remembered_for_another_try_and_for_the_next_time(qtbot, run, desktop):
    worker, states, frames = run()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    assert "restore_token" not in desktop.options("SelectSources")
    assert remembered_choice() == "token 1"
    kept = data_folder() / "shared-screen"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    desktop.close_session()
    qtbot.waitUntil(lambda: lost(states), timeout=PATIENCE)
    worker.retry()
    qtbot.waitUntil(lambda: remembered_choice() == "token 2", timeout=PATIENCE)
    assert desktop.options("SelectSources")["restore_token"] == "token 1"

    worker.finish()
    run(ScreenRequest(again=True))
    qtbot.waitUntil(lambda: remembered_choice() == "token 3", timeout=PATIENCE)
    assert desktop.options("SelectSources")["restore_token"] == "token 2"


def test_source_of_a_screen_is_the_portal_under_wayland(monkeypatch):
    monkeypatch.setattr(QGuiApplication, "platformName", staticmethod(lambda: "wayland-egl"))
    assert isinstance(make_source(ScreenRequest()), PortalScreenSource)


def test_starts_and_stops_leak_nothing(qtbot, desktop, gstreamer):
    def once():
        worker = SourceWorker(ScreenRequest(), PortalScreenSource)
        with qtbot.waitSignal(worker.frame_arrived, timeout=PATIENCE):
            worker.start()
        worker.finish()
        assert worker.wait(1000)

    once()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        once()
    assert len(os.listdir("/proc/self/fd")) <= before
    assert not any(is_alive(process) for process, _ in gstreamer.started)
