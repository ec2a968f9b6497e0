"""Live sources in the real window: a real file and a real server, through OpenCV's own capture."""

import csv
import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from app.live_alone import Alone
from app.live_measures import Measures
from app.live_rounds import rounds
from app.shell.settings import read_settings
from app.sources.requests import FolderRequest, Loop, NetworkRequest, VideoRequest
from app.sources.states import Running, Stalled
from app.view import View
from app.widgets.figures import TIMES
from app.workers import decode_worker
from resnet_core.explained.values import MapKind
from resnet_core.pictures.decoding import decode
from tests.end_to_end.conftest import PATIENCE_MS
from tests.end_to_end.test_window import drop, names, wait_for_answer
from tests.serving import network_camera, part


@pytest.fixture
def pixels(coffee):
    """BGR, 320 x 240."""
    return np.ascontiguousarray(cv2.resize(decode(coffee).pixels, (320, 240))[..., ::-1])


@pytest.fixture
def clip(tmp_path, pixels):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (320, 240))
    for number in range(90):
        writer.write(np.roll(pixels, number // 8, axis=1))
    writer.release()
    return path


@pytest.fixture
def stalled():
    """Set, the camera sends nothing more."""
    return threading.Event()


@pytest.fixture
def camera(pixels, stalled):
    chunk = part(pixels)

    def script(release):
        while not release.wait(1 / 30):
            if not stalled.is_set():
                yield chunk

    with network_camera() as made:
        made.script = script
        yield made


def figures(qtbot, shell, count=3):
    """Wait for some live answers; the last figures."""
    seen = []
    shell.live.figures_changed.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) >= count, timeout=PATIENCE_MS)
    shell.live.figures_changed.disconnect(seen.append)
    return seen[-1]


def test_dropped_video_is_explained_live_picture_and_maps_of_one_frame(qtbot, shell, clip):
    mixed = []

    def check(explanation, painted):
        shown = shell.window.explore.picture.picture.frame_number
        mixed.append(len({shown, explanation.explained.identity.frame, painted.identity.frame}) > 1)

    shell.controller.frame_explained.connect(check)
    drop(shell.window, clip)
    shell.live.command(Loop(True))  # a busy computer may have less than ten frames in its time
    last = figures(qtbot, shell, 10)

    page = shell.window.explore
    assert names(shell)[0] == "espresso"
    assert page.picture.live.isVisible()
    assert page.picture.live.words == "LIVE"
    assert last.network > 0
    assert last.seen >= 10
    assert 0 < last.latency < 5
    assert len(mixed) >= 10
    assert not any(mixed)
    assert "freeze" in page.lesion.losses.title


def test_next_frame_is_computed_while_the_last_one_is_painted(qtbot, shell, clip):
    order = []
    shell.live.frame_taken.connect(lambda frame: order.append(("taken", frame.number)))
    shell.controller.frame_explained.connect(
        lambda explanation, _: order.append(("shown", explanation.explained.identity.frame))
    )
    drop(shell.window, clip)
    figures(qtbot, shell, 5)

    shown = [number for word, number in order if word == "shown"]
    assert shown == sorted(set(shown))
    assert shown == [number for word, number in order if word == "taken"][: len(shown)]
    overlapping = [
        number
        for number, following in pairwise(shown)
        if order.index(("taken", following)) < order.index(("shown", number))
    ]
    assert overlapping


def test_a_video_among_the_files_of_the_command_line_is_played(qtbot, shell, clip, coffee):
    shell.window.give([coffee, clip])

    figures(qtbot, shell)

    assert shell.live.request.path == clip


def test_freeze_holds_the_frame_and_asks_the_slow_questions(qtbot, shell, clip):
    drop(shell.window, clip)
    figures(qtbot, shell)
    page = shell.window.explore

    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        shell.live.toggle_freeze()
    held = page.picture.picture.frame_number

    assert page.picture.live.words == "FROZEN"
    assert "would change" in page.lesion.losses.title
    qtbot.wait(200)
    assert page.picture.picture.frame_number == held

    shell.live.toggle_freeze()
    figures(qtbot, shell)
    assert page.picture.picture.frame_number != held
    assert page.picture.live.words == "LIVE"


def test_video_at_its_end_says_so_and_plays_again(qtbot, shell, clip):
    page = shell.window.explore
    with qtbot.waitSignal(shell.live.ended, timeout=PATIENCE_MS):
        drop(shell.window, clip)
    assert page.picture.error.sentence == "clip.avi is at its end."
    assert page.picture.live.words == "WAITING"

    page.picture.error.action_requested.emit()
    figures(qtbot, shell)

    assert page.picture.error.sentence == ""
    assert page.picture.live.words == "LIVE"


def send_to(bar, place):
    bar.slider.set_value(place)
    bar.slider.moved.emit(place)


@pytest.mark.parametrize(
    ("send", "seconds"),
    [(lambda bar: bar.back.click(), 85 / 30), (lambda bar: send_to(bar, 0.5), 1.5)],
)
def test_video_at_its_end_is_held_where_it_is_sent_to_and_plays_on_from_there(
    qtbot, shell, clip, send, seconds
):
    with qtbot.waitSignal(shell.live.ended, timeout=PATIENCE_MS):
        drop(shell.window, clip)
    card = shell.window.explore.picture

    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        there = figures_after(qtbot, shell, lambda: send(card.video)).place.at
    assert there == pytest.approx(seconds, abs=0.2)
    assert card.live.words == "FROZEN"
    assert card.error.sentence == ""
    assert card.video.hold.accessibleName() == "Play, Space"

    on = figures_after(qtbot, shell, card.video.hold.click).place.at
    assert there < on < there + 1


def test_video_that_was_stepped_to_its_end_plays_again(qtbot, shell, clip):
    drop(shell.window, clip)
    figures(qtbot, shell)
    card = shell.window.explore.picture
    card.video.hold.click()
    send_to(card.video, 1.0)
    qtbot.waitUntil(lambda: shell.live._worker.place.at > 2.9, timeout=PATIENCE_MS)
    with qtbot.waitSignal(shell.live.ended, timeout=PATIENCE_MS):
        card.video.on.click()

    card.error.action_requested.emit()
    figures(qtbot, shell, 5)

    assert card.live.words == "LIVE"
    assert card.video.hold.accessibleName() == "Hold, Space"
    assert shell.controller.explanation.wish.live


def test_opening_a_picture_leaves_the_live_source(qtbot, shell, clip, noise):
    drop(shell.window, clip)
    figures(qtbot, shell)

    drop(shell.window, noise)
    qtbot.waitUntil(lambda: shell.live.request is None, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: (
            shell.controller.explanation is not None
            and shell.controller.explanation.wish.frame.name == noise.name
        ),
        timeout=PATIENCE_MS,
    )

    assert not shell.window.explore.picture.live.isVisible()
    qtbot.waitUntil(lambda: not shell.live.workers, timeout=PATIENCE_MS)


def test_picture_that_is_still_being_decoded_does_not_end_the_video_chosen_after_it(
    qtbot, shell, clip, coffee, monkeypatch
):
    begun, gate = threading.Event(), threading.Event()

    def slow(path):
        begun.set()
        assert gate.wait(20)
        return decode(path)

    monkeypatch.setattr(decode_worker, "decode", slow)
    drop(shell.window, coffee)
    assert begun.wait(20)
    drop(shell.window, clip)
    figures(qtbot, shell)

    with qtbot.waitSignal(shell.decoder.opened, timeout=PATIENCE_MS):
        gate.set()
    figures(qtbot, shell)

    assert shell.live.request.path == clip


def test_no_place_among_pictures_is_told_of_a_live_one(qtbot, shell, clip, coffee, noise):
    places = []
    shell.controller.place_changed.connect(lambda place, count: places.append((place, count)))
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee, noise))
    assert places[-1] == (1, 2)

    drop(shell.window, clip)
    figures(qtbot, shell)

    assert places[-1] == (1, 1)


def test_weights_can_be_changed_while_it_runs(qtbot, shell, clip):
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell)
    other = shell.catalogue.card("resnet34-B-tiny-imagenet-lab")

    shell.controller.choose_card(other)
    figures(qtbot, shell, 5)

    assert shell.controller.explanation.wish.card == other
    assert len(shell.controller.explanation.explained.blocks) == 17


def test_network_camera_that_stops_sending_is_told_and_never_holds_the_window(
    qtbot, shell, camera, stalled
):
    shell.live.start(NetworkRequest(camera.address))
    figures(qtbot, shell)
    assert names(shell)[0] == "espresso"

    stalled.set()
    with qtbot.waitSignal(shell.live.troubled, timeout=PATIENCE_MS):
        pass
    sentence = shell.window.explore.picture.error.sentence
    assert sentence
    assert "secret" not in sentence
    assert shell.window.explore.picture.live.words == "WAITING"

    stalled.clear()
    figures(qtbot, shell)
    assert shell.window.explore.picture.error.sentence == ""

    stalled.set()
    started = time.monotonic()
    shell.live.stop()
    qtbot.waitUntil(lambda: not shell.live.workers, timeout=PATIENCE_MS)
    assert time.monotonic() - started < 1


def test_frames_that_come_during_a_freeze_do_not_count_as_dropped(qtbot, shell, camera):
    shell.live.start(NetworkRequest(camera.address))
    figures(qtbot, shell)
    shell.live.toggle_freeze()
    before = shell.live._worker.replaced
    qtbot.waitUntil(lambda: shell.live._worker.replaced >= before + 30, timeout=PATIENCE_MS)

    shell.live.toggle_freeze()
    after = figures(qtbot, shell, 1)

    assert after.dropped < before + 15
    assert after.seen < before + 25


def test_bench_measures_the_window_on_a_video(clip):
    log = clip.with_name("log.csv")
    words = ["bench", "--live", str(clip), "--seconds", "1", "--json", "--log", str(log)]
    command = [sys.executable, "main.py", *words, "--size", "64x96"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    report = json.loads(done.stdout)
    (only,) = report["rounds"]
    assert (report["height"], report["width"]) == (64, 96)
    assert only["network"] == pytest.approx(report["network"], rel=1e-3)
    assert only["network"] > 0
    assert (
        only["share_of_engine"]
        == report["share_of_engine"]
        == pytest.approx(only["network"] / min(only["engine_alone"], only["source"]))
    )
    assert only["seconds"] == pytest.approx(report["seconds"], abs=0.1)
    assert only["seconds"] > 0.9  # a timer of Qt may be early by a twentieth
    assert report["stall"] == sorted(report["stall"])
    (line,) = csv.DictReader(log.read_text("utf-8").splitlines())
    assert float(line["explained_per_second"]) == pytest.approx(only["network"], abs=0.01)


def test_engine_alone_is_measured_in_turn_while_live_rests(qtbot, shell, clip):
    live, speeds, taken, told = shell.live, iter([10, 20, 40]), [], []
    live.frame_taken.connect(taken.append)

    def alone():
        assert not live.is_busy
        before = len(taken)
        qtbot.wait(300)
        assert len(taken) == before
        return Alone(explanation=0.05, frames=next(speeds))

    live.start(VideoRequest(clip, loop=True))
    figures(qtbot, shell)
    live.frozen_changed.connect(told.append)
    live.settled.connect(lambda: told.append("settled"))
    whole = Measures(shell)
    turns = list(rounds(shell, alone, [0.3, 0.3], whole))

    assert [each.engine_alone for each, _, _ in turns] == [15, 30]
    for each, measures, _ in turns:
        assert each.network == pytest.approx(measures.explained / measures.seconds)
        assert each.share_of_engine == each.network / min(each.engine_alone, each.source)
    assert whole.explained == sum(measures.explained for _, measures, _ in turns)
    # Not the rests, of 0.3 seconds each.
    assert whole.seconds == pytest.approx(sum(each.seconds for each, _, _ in turns), abs=0.1)
    assert told == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["none.avi"], 1, "none.avi is no file"),
        (["ftp://host/video"], 1, "That is no camera's address"),
        (["none.avi", "--seconds", "0"], 2, "more than 0"),
    ],
)
def test_bench_of_what_cannot_be_measured_says_so(words, code, sentence):
    command = [sys.executable, "main.py", "bench", "--live", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_open_picture_is_asked_for_losses_again_after_live(qtbot, shell, clip, coffee):
    drop(shell.window, clip)
    figures(qtbot, shell)
    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))


def test_held_video_steps_and_seeks_frame_by_frame(qtbot, shell, clip):
    drop(shell.window, clip)
    figures(qtbot, shell)
    bar = shell.window.explore.picture.video
    assert bar.isVisible()
    assert bar.times.endswith("/ 0:02")

    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        bar.hold.click()
    before = figures_after(qtbot, shell, bar.on.click).place.at
    after = figures_after(qtbot, shell, bar.on.click).place.at
    assert after == pytest.approx(before + 1 / 30, abs=1e-3)
    assert figures_after(qtbot, shell, bar.back.click).place.at == pytest.approx(before, abs=1e-3)
    assert shell.window.explore.picture.live.words == "FROZEN"

    def seek():
        bar.slider.set_value(0.5)
        bar.slider.moved.emit(0.5)

    middle = figures_after(qtbot, shell, seek).place
    assert middle.at == pytest.approx(middle.length / 2, abs=0.05)


def test_live_answers_are_steadied_and_their_last_seconds_drawn(qtbot, shell, clip):
    drop(shell.window, clip)
    figures(qtbot, shell, 10)
    page = shell.window.explore

    assert page.recent.isVisible()
    assert page.answers.hint == "steadied over 1.0 s"
    raw = shell.controller.explanation.explained.probabilities
    shown = page.answers.bars.rows[0]
    assert shown.probability != pytest.approx(float(raw[shown.class_index]), abs=1e-9)

    page.recent.slider.set_value(0)
    page.recent.slider.moved.emit(0)
    figures(qtbot, shell, 2)
    raw = shell.controller.explanation.explained.probabilities
    assert page.answers.bars.rows[0].probability == pytest.approx(float(raw.max()))

    shell.live.stop()
    assert not page.recent.isVisible()
    assert page.lesion.losses.isVisible()


def test_snapshot_and_recording_are_kept(qtbot, shell, clip, tmp_path):
    saving = shell.live_wiring.saving
    saving._pictures, saving._videos = tmp_path / "pictures", tmp_path / "videos"
    drop(shell.window, clip)
    shell.live.command(Loop(True))
    figures(qtbot, shell, 3)

    with qtbot.waitSignal(saving.told, timeout=PATIENCE_MS):
        shell.window.explore.picture.live.overlay.snapshot.click()
    kept = sorted(path.suffix for path in (tmp_path / "pictures").iterdir())
    assert kept == [".json", ".npz", ".png"]
    png = next((tmp_path / "pictures").glob("*.png"))
    assert decode(png).pixels.shape == (240, 320, 3)
    assert png.name in shell.window.explore.picture.live.note

    record = shell.window.explore.picture.live.overlay.record
    began = time.monotonic()
    record.click()
    figures(qtbot, shell, 10)
    took = time.monotonic() - began
    minutes, seconds = record.text().split(":")
    assert 0 <= took - (60 * int(minutes) + int(seconds)) < 2  # told with the last frame
    with qtbot.waitSignal(saving.told, timeout=PATIENCE_MS):
        record.click()
    video = next((tmp_path / "videos").iterdir())
    opened = cv2.VideoCapture(str(video))
    assert opened.get(cv2.CAP_PROP_FRAME_COUNT) >= 2
    assert opened.get(cv2.CAP_PROP_FRAME_WIDTH) == 320
    opened.release()


def test_snapshot_of_a_frozen_picture_is_what_the_window_shows(qtbot, shell, clip, monkeypatch):
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell)
    shots = []
    monkeypatch.setattr(shell.live_wiring.saving, "take_snapshot", shots.append)
    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        shell.live.toggle_freeze()
    shell.controller.select_block("conv2_1")
    shell.controller.set_view(View(kind=MapKind.LAYER_CAM, opacity=0.3))

    shell.live_wiring.take_snapshot()

    (shot,) = shots
    best = shell.window.explore.answers.bars.rows[0]
    assert (shot.painted.name, shot.view) == ("conv2_1", shell.controller.view)
    assert (shot.answer, shot.probability) == (best.name, best.probability)
    frame = shot.explanation.wish.frame
    assert frame.number == shell.window.explore.picture.picture.frame_number


def test_frozen_picture_is_recorded_for_as_long_as_it_stands(qtbot, shell, clip, tmp_path):
    saving = shell.live_wiring.saving
    saving._videos = tmp_path / "videos"
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell)
    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        shell.live.toggle_freeze()

    shell.live_wiring.toggle_recording()
    qtbot.wait(2600)
    with qtbot.waitSignal(saving.told, timeout=PATIENCE_MS) as told:
        shell.live_wiring.toggle_recording()

    assert told.args[0].startswith("Recorded")
    opened = cv2.VideoCapture(str(next((tmp_path / "videos").iterdir())))
    assert opened.get(cv2.CAP_PROP_FRAME_COUNT) >= 30  # of 78; what is kept last may be left out
    opened.release()


def test_source_that_recovers_leaves_a_frozen_picture_frozen(qtbot, shell, camera):
    shell.live_wiring.go_live(NetworkRequest(camera.address))
    figures(qtbot, shell)
    page = shell.window.explore
    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        shell.live.toggle_freeze()

    shell.live._worker.state_changed.emit(Stalled("It has stopped sending."))
    assert page.picture.error.isVisible()
    shell.live._worker.state_changed.emit(Running())

    assert not page.picture.error.isVisible()
    assert page.picture.live.words == "FROZEN"
    assert not page.recent.isVisible()
    assert page.lesion.losses.isVisible()


def test_engine_that_failed_is_asked_again_once_the_source_recovers(qtbot, shell, camera):
    shell.live_wiring.go_live(NetworkRequest(camera.address))
    figures(qtbot, shell)
    asked = []
    shell.controller.ask = lambda: asked.append(1)
    shell.live._worker.state_changed.emit(Stalled("It has stopped sending."))
    shell.controller._engine_troubled = True

    shell.live._worker.state_changed.emit(Running())

    assert asked == [1]


@pytest.mark.parametrize("gone", ["before", "meanwhile"])
def test_recording_to_a_folder_that_is_none_is_one_sentence(qtbot, shell, clip, tmp_path, gone):
    saving, folder = shell.live_wiring.saving, tmp_path / "videos"
    saving._videos = folder
    if gone == "before":
        folder.write_text("a file where the folder should be")
    shell.live_wiring.go_live(VideoRequest(clip, loop=True))
    figures(qtbot, shell)
    with qtbot.waitSignal(saving.told, timeout=PATIENCE_MS) as told:
        shell.live_wiring.toggle_recording()
        if gone == "meanwhile":
            qtbot.waitUntil(lambda: folder.is_dir() and any(folder.iterdir()), timeout=PATIENCE_MS)
            shutil.rmtree(folder)

    assert "live" in told.args[0]
    assert f"in {folder} (" in told.args[0]
    assert "Errno" not in told.args[0]
    assert not saving.is_recording


def test_snapshots_are_kept_though_the_window_is_closed_at_once(qtbot, shell, clip, tmp_path):
    shell.live_wiring.saving._pictures = tmp_path / "pictures"
    drop(shell.window, clip)
    figures(qtbot, shell)
    shot = shell.live_wiring._shot(None)
    for answer in ("one", "two", "three"):
        shell.live_wiring.saving.take_snapshot(replace(shot, answer=answer))

    shell.window.close()
    shell.wait()

    assert len(list((tmp_path / "pictures").iterdir())) == 9


_CLOSE_WHILE_WRITING = """
import sys
import numpy as np
from PySide6.QtCore import QTimer
from app import run
from app.shell import wiring
from app.workers.job_worker import Job

def write(report, cancelled):
    np.savez_compressed(sys.argv[1], noise=np.random.default_rng(0).random(4_000_000))

class Hasty(wiring.Shell):
    def start(self):
        super().start()
        self.live_wiring.saving._snapshots.put(Job("snapshot", write))
        QTimer.singleShot(0, self.window.close)

wiring.LEAVE_AFTER_MS = 0
run.default_path = run.start_log = lambda: None  # nothing of the user's own
run.Shell = Hasty
run.run([])
"""


def test_program_ends_after_what_is_being_written(tmp_path):
    path = tmp_path / "shot.npz"
    command = [sys.executable, "-c", _CLOSE_WHILE_WRITING, str(path)]
    subprocess.run(command, capture_output=True, check=True, timeout=60)

    assert np.load(path)["noise"].shape == (4_000_000,)


def test_folder_goes_live_as_slides(qtbot, shell, coffee, noise):
    folder = noise.parent / "slides"
    folder.mkdir()
    for number, path in enumerate((coffee, noise)):
        (folder / f"{number}{path.suffix}").write_bytes(path.read_bytes())
    shell.live_wiring.go_live(FolderRequest(folder, seconds=0.2))
    figures(qtbot, shell, 3)

    bar = shell.window.explore.picture.video
    assert bar.times in {"1 of 2", "2 of 2"}
    assert not bar.speed.isVisible()


def figures_after(qtbot, shell, act):
    """The figures that tell of the frame that an act brings."""
    with qtbot.waitSignal(shell.live.figures_changed, timeout=PATIENCE_MS) as blocker:
        act()
    return blocker.args[0]


def test_strip_of_a_slow_live_picture_follows_at_a_distance_and_says_so(qtbot, shell, clip):
    shell.live_wiring.thinning.floor = 1000.0
    # So quick that no computer keeps up with it.
    shell.live_wiring.go_live(VideoRequest(clip, loop=True, speed=16))
    bar = shell.window.explore.picture.live
    qtbot.waitUntil(lambda: bool(bar.slow), timeout=PATIENCE_MS)
    assert "every 4th frame" in bar.slow
    assert f"ResNet-18 at 128 {TIMES} 128 takes " in bar.slow
    drawn, explained = [], []
    strip = shell.window.explore.strip
    set_explained = strip.set_explained
    strip.set_explained = lambda *given: (drawn.append(1), set_explained(*given))
    shell.controller.frame_explained.connect(lambda *given: explained.append(1))
    qtbot.waitUntil(lambda: len(explained) >= 8, timeout=PATIENCE_MS)
    assert 1 <= len(drawn) <= 2

    shell.live.toggle_freeze()
    with qtbot.waitSignal(shell.controller.lesion_explained, timeout=PATIENCE_MS):
        pass
    assert strip._state.explained is shell.controller.explanation.explained


def test_number_of_frames_under_which_less_is_drawn_is_chosen_and_remembered(shell):
    floors = shell.window.top_bar.engines._floors
    next(a for a in floors.actions() if a.text() == "Under 20 frames a second").trigger()
    assert shell.live_wiring.thinning.floor == 20.0

    shell.window.close()
    assert read_settings(shell._settings_path).live_floor == 20.0
