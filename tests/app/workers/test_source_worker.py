"""Live sources: real files and a real server, read by OpenCV in its own process."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.sources import capturing, child
from app.sources.capturing import CaptureSource
from app.sources.requests import (
    CameraRequest,
    FolderRequest,
    Loop,
    NetworkRequest,
    Pause,
    Rest,
    Seek,
    Speed,
    Step,
    VideoRequest,
)
from app.sources.slides import FolderSource
from app.sources.states import Ended, Lost, Paused, Running, Stalled
from app.workers.source_worker import ODD_FRAMES, SourceWorker
from resnet_core.errors import CameraError
from resnet_core.pictures.frame import Frame
from tests.plugging import Desk
from tests.serving import network_camera, part

PATIENCE = 30_000


def picture(number, width=160, height=120):
    pixels = np.full((height, width, 3), 20, np.uint8)
    pixels[:, : width // 2] = (10, 40, 200)  # BGR: the left half is red
    pixels[:8, :8] = number % 250
    return pixels


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (160, 120))
    for number in range(30):
        writer.write(picture(number * 8))
    writer.release()
    return path


class Scripted:
    """A source that gives what it is told to, and is then at its end."""

    place = None

    def __init__(self, script):
        self._script = [*script, Ended()]

    def start(self):
        pass

    def next(self, timeout):
        return self._script.pop(0) if self._script else time.sleep(timeout)

    def interrupt(self):
        pass

    def close(self):
        pass


def corners(video):
    """By frame, the value of the corner that tells frames apart, read from first to last."""
    opened, found = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG), []
    while (read := opened.read())[0]:
        found.append(int(read[1][4, 4, 2]))
    opened.release()
    assert found == sorted(set(found))
    return found


@pytest.fixture
def camera():
    with network_camera() as made:
        yield made


@pytest.fixture
def run(running):
    """Starts a worker on a captured source; gives it, its states and its frames."""

    def begin(request, **patience):
        if not patience:
            return running(request)
        return running(request, lambda asked: CaptureSource(asked, **patience))

    return begin


def seen(states, kind):
    return any(isinstance(state, kind) for state in states)


def test_video_plays_in_rgb_to_its_end(qtbot, run, video):
    _, states, frames = run(VideoRequest(video))
    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)

    assert frames[0].pixels.shape == (120, 160, 3)
    assert frames[0].pixels[60, 20, 0] > 150 > frames[0].pixels[60, 20, 2]
    assert (frames[0].name, frames[0].path) == ("clip.avi", video)
    assert not frames[0].pixels.flags.writeable
    assert seen(states, Running)


def test_held_video_steps_and_seeks_one_frame_at_a_time(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video, loop=True))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Pause(True))
    qtbot.waitUntil(lambda: isinstance(states[-1], Paused), timeout=PATIENCE)
    count = len(frames)
    worker.command(Seek(0.5))
    qtbot.waitUntil(lambda: len(frames) == count + 1, timeout=PATIENCE)
    worker.command(Step(1))
    qtbot.waitUntil(lambda: len(frames) == count + 2, timeout=PATIENCE)
    worker.command(Step(-1))
    qtbot.waitUntil(lambda: len(frames) == count + 3, timeout=PATIENCE)

    at = [int(frame.pixels[4, 4, 0]) for frame in frames[count:]]
    true = corners(video)
    assert at == [true[15], true[16], true[15]]
    assert isinstance(states[-1], Paused)


def test_video_that_was_held_goes_on_at_its_own_speed(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video, loop=True))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Pause(True))
    qtbot.waitUntil(lambda: isinstance(states[-1], Paused), timeout=PATIENCE)
    qtbot.wait(400)
    count, went_on = len(frames), time.monotonic()
    worker.command(Pause(False))
    qtbot.waitUntil(lambda: len(frames) >= count + 10, timeout=PATIENCE)

    assert frames[count + 9].captured - went_on >= 9 / 30


def test_rate_is_that_since_the_source_went_on(qtbot, running):
    script = [Frame(picture(0), "fake", captured=number / 30) for number in range(20)]
    script += [Paused(), Running()]
    script += [Frame(picture(0), "fake", captured=5 + number / 30) for number in range(5)]
    worker, states, _ = running(VideoRequest(Path("fake")), lambda request: Scripted(script))
    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)

    assert worker.rate == pytest.approx(30)


def test_source_rests_while_nobody_has_use_for_frames_and_counts_them(qtbot, run, video):
    worker, _, frames = run(VideoRequest(video, loop=True))
    qtbot.waitUntil(lambda: len(frames) >= 5, timeout=PATIENCE)
    until = time.monotonic() + 0.6
    worker.command(Rest(until))
    qtbot.wait(200)
    count, replaced = len(frames), worker.replaced
    qtbot.waitUntil(lambda: len(frames) >= count + 5, timeout=PATIENCE)

    assert frames[count].captured >= until
    assert worker.replaced - replaced >= 8
    assert worker.rate == pytest.approx(30, rel=0.3)


@pytest.mark.parametrize("part_of_it", [1, 2 / 3], ids=["whole", "cut short"])
def test_last_frame_of_a_video_is_shown_though_the_source_rests(qtbot, run, video, part_of_it):
    # One that was cut short still says that it has all its frames.
    contents = video.read_bytes()
    video.write_bytes(contents[: int(len(contents) * part_of_it)])
    worker, states, frames = run(VideoRequest(video))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Rest(time.monotonic() + 60))
    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)

    assert int(frames[-1].pixels[4, 4, 0]) == corners(video)[-1]
    assert len(frames) + worker.replaced == len(corners(video))


def test_video_is_held_at_its_newest_frame_though_the_source_rests(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video, loop=True))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Rest(time.monotonic() + 60))
    qtbot.wait(300)
    held_at = time.monotonic()
    worker.command(Pause(True))
    qtbot.waitUntil(lambda: bool(states) and isinstance(states[-1], Paused), timeout=PATIENCE)

    assert held_at - 0.15 < frames[-1].captured


def test_what_is_asked_for_comes_though_the_source_rests(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video, loop=True))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Rest(time.monotonic() + 60))
    worker.command(Step(1))
    qtbot.waitUntil(lambda: bool(states) and isinstance(states[-1], Paused), timeout=PATIENCE)
    count = len(frames)
    worker.command(Step(1))
    qtbot.waitUntil(lambda: len(frames) == count + 1, timeout=PATIENCE)


def test_video_that_is_played_again_keeps_its_speed_and_loop(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video))
    worker.command(Speed(4))
    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)
    worker.command(Loop(True))
    states.clear()
    frames.clear()
    worker.retry()
    qtbot.waitUntil(lambda: len(frames) > 40, timeout=PATIENCE)

    assert not seen(states, Ended)
    assert worker.rate > 60  # the file's own is 30


def test_file_that_is_no_video_is_told_and_can_be_tried_again(qtbot, run, tmp_path, video):
    path = tmp_path / "broken.avi"
    path.write_bytes(b"nothing of a video")
    worker, states, frames = run(VideoRequest(path))
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    assert "broken.avi" in states[-1].sentence
    path.write_bytes(video.read_bytes())
    worker.retry()
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)


def test_network_camera_that_changes_its_size_goes_on_at_its_first_size(qtbot, run, camera):
    def script(release):
        number = 0
        while not release.wait(0.02):
            number += 1
            yield part(picture(number) if number < 30 else 255 - picture(number, 320, 240))

    camera.script = script
    _, states, frames = run(NetworkRequest(camera.address))
    qtbot.waitUntil(lambda: len(frames) > 3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: frames[-1].pixels[60, 140].min() > 200, timeout=PATIENCE)
    assert not seen(states, Lost)
    # OpenCV scales what FFmpeg gives to the size that the stream began with.
    assert {frame.pixels.shape for frame in frames} == {(120, 160, 3)}
    assert "secret" not in repr(states) + frames[0].name


def test_network_camera_that_is_told_to_rest_does_not_stall(qtbot, run, camera):
    def script(release):
        number = 0
        while not release.wait(0.02):
            number += 1
            yield part(picture(number))

    camera.script = script
    worker, states, frames = run(NetworkRequest(camera.address), stall_seconds=0.4)
    qtbot.waitUntil(lambda: len(frames) > 3, timeout=PATIENCE)
    worker.command(Rest(time.monotonic() + 1.2))
    qtbot.wait(1100)
    count = len(frames)
    qtbot.waitUntil(lambda: len(frames) > count + 3, timeout=PATIENCE)

    assert not seen(states, Stalled)


def test_network_camera_that_stops_sending_stalls_and_is_then_lost(qtbot, run, camera):
    def script(release):
        for number in range(40):
            yield part(picture(number))
        release.wait()

    camera.script = script
    _, states, _ = run(NetworkRequest(camera.address), stall_seconds=0.5, lost_seconds=1.5)
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    kinds = [type(state) for state in states]
    assert kinds.index(Running) < kinds.index(Stalled) < kinds.index(Lost)


def test_network_camera_that_hangs_up_is_lost_and_comes_back(qtbot, run, camera):
    def script(_):
        yield from (part(picture(number)) for number in range(40))
        yield part(picture(1))[:300]

    camera.script = script
    _, states, _ = run(NetworkRequest(camera.address))
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    lost = [type(state) for state in states].index(Lost)
    qtbot.waitUntil(lambda: seen(states[lost:], Running), timeout=PATIENCE)


def test_network_camera_that_sends_garbage_is_told(qtbot, run, camera):
    camera.script = lambda _: iter([b"\x00garbage" * 4000])
    _, states, frames = run(NetworkRequest(camera.address))
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    assert not frames
    assert "127.0.0.1" in states[-1].sentence
    assert "secret" not in repr(states)


def test_pictures_that_are_cut_short_are_remarked_and_whole_ones_are_well_again(qtbot, run, camera):
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    whole = threading.Event()

    def script(release):
        jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
        while not release.wait(1 / 60):
            body = jpeg if whole.is_set() else jpeg[: len(jpeg) * 6 // 10]
            yield (
                b"--part\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
                + b"\r\n"
            )

    camera.script = script
    _, states, _ = run(NetworkRequest(camera.address))
    qtbot.waitUntil(
        lambda: any("cut short" in (getattr(state, "remark", "") or "") for state in states),
        timeout=PATIENCE,
    )
    whole.set()
    qtbot.waitUntil(lambda: states[-1] == Running(), timeout=PATIENCE)


def test_dark_or_grey_pictures_of_a_video_are_nothing_to_remark(qtbot, run, tmp_path):
    path = tmp_path / "fade.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (160, 120))
    for _ in range(2 * ODD_FRAMES):
        writer.write(np.zeros((120, 160, 3), np.uint8))
    writer.release()
    _, states, frames = run(VideoRequest(path))

    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)
    assert len(frames) > ODD_FRAMES
    assert not any(getattr(state, "remark", None) for state in states)


def test_video_none_of_whose_frames_can_be_decoded_is_told_as_damaged():
    told, sent = multiprocessing.Pipe(duplex=False)
    commands = queue.SimpleQueue()
    player = child._Player(
        VideoRequest(Path("clip.avi"), speed=16.0), Spoilt([(True, None)] * 5),
        child._Outlet(sent, mirror=False), commands,
    )  # fmt: skip
    threading.Thread(target=player.play, daemon=True).start()  # at its end it waits to be sent back

    assert told.poll(PATIENCE / 1000)
    assert told.recv() == ("failed",)


def test_video_that_is_played_slowly_has_not_stalled(qtbot, run, video):
    request = VideoRequest(video, speed=0.05)  # two frames in three seconds
    _, states, frames = run(request, stall_seconds=0.2, lost_seconds=0.4)

    qtbot.waitUntil(lambda: len(frames) == 4, timeout=PATIENCE)
    assert not seen(states, Stalled)
    assert not seen(states, Lost)


class Spoilt:
    """In place of a cv2.VideoCapture, whose frames are whole where the script says so."""

    def __init__(self, script):
        self._script = list(script)

    def get(self, property):
        return 0.0

    def grab(self):
        return bool(self._script)

    def retrieve(self, into):
        found = self._script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.mark.parametrize("spoilt", [(True, None), (False, None), cv2.error("empty buffer")])
def test_frame_that_comes_spoilt_is_left_out_and_the_next_one_shown(spoilt):
    whole = (True, picture(7, 16, 12))  # small enough for both to wait in the pipe
    frames, sent = multiprocessing.Pipe(duplex=False)
    outlet = child._Outlet(sent, mirror=False)
    opened = Spoilt([whole, spoilt, spoilt, whole])
    for _ in range(4):
        assert outlet.pass_on(opened)
    assert not outlet.pass_on(opened)

    told = []
    while frames.poll():
        told.append(frames.recv())
        if told[-1][0] == "frame":
            frames.recv_bytes()
    assert [message[0] for message in told] == ["frame", "left out", "frame"]
    assert len(told[1][1]) == 2


def test_source_all_of_whose_frames_are_spoilt_ends():
    outlet = child._Outlet(multiprocessing.Pipe(duplex=False)[1], mirror=False)
    opened = Spoilt([(True, None)] * 500)
    tries = 1
    while outlet.pass_on(opened):
        tries += 1
    assert tries == 100


@pytest.mark.skipif(os.name != "posix", reason="a process is stopped by a signal")
def test_of_many_seeks_the_last_one_is_shown(qtbot, run, video):
    known = corners(video)
    worker, states, frames = run(VideoRequest(video))
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    worker.command(Pause(True))
    qtbot.waitUntil(lambda: seen(states, Paused), timeout=PATIENCE)
    frames.clear()
    os.kill(worker._source._process.pid, signal.SIGSTOP)  # while it is at something else
    for place in range(20):
        worker.command(Seek(place / 30))
    worker.command(Speed(2.0))
    os.kill(worker._source._process.pid, signal.SIGCONT)

    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    qtbot.wait(300)
    assert len(frames) < 10  # some may be done before the others are heard of
    assert int(frames[-1].pixels[4, 4, 0]) == known[19]


def test_source_that_blocks_in_open_ends_within_a_second(qtbot, tmp_path, run, camera):
    def script(release):
        release.wait()
        yield b""

    camera.script = script
    worker, _, _ = run(NetworkRequest(camera.address))
    qtbot.waitUntil(lambda: worker._source._process is not None, timeout=PATIENCE)
    begun = time.monotonic()
    worker.finish()
    assert worker.wait(1000)
    assert time.monotonic() - begun < 1


@pytest.mark.skipif(os.name != "posix", reason="needs SIGSTOP")
def test_frozen_driver_stalls_and_cannot_hold_the_exit(qtbot, run, video):
    worker, states, frames = run(VideoRequest(video, loop=True), stall_seconds=0.3)
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    os.kill(worker._source._process.pid, signal.SIGSTOP)
    qtbot.waitUntil(lambda: isinstance(states[-1], Stalled), timeout=PATIENCE)
    worker.finish()
    assert worker.wait(1000)


def test_newest_frame_wins_and_the_replaced_are_counted(qtbot, video):
    worker = SourceWorker(VideoRequest(video))
    ended = []
    worker.state_changed.connect(lambda state: ended.append(isinstance(state, Ended)))
    worker.start()
    qtbot.waitUntil(lambda: any(ended), timeout=PATIENCE)
    assert worker.replaced == 29
    assert int(worker.take().pixels[4, 4, 0]) == corners(video)[29]
    assert worker.take() is None
    worker.finish()
    assert worker.wait(1000)


def test_camera_that_is_not_there_is_lost_with_a_retry(qtbot, run):
    _, states, _ = run(CameraRequest(987, "Desk camera", "usb:1"))
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    assert "Desk camera" in states[-1].sentence
    assert states[-1].retry


@pytest.fixture
def desk(tmp_path, monkeypatch):
    made = Desk(tmp_path)
    monkeypatch.setattr(capturing, "cameras", made.cameras)
    monkeypatch.setattr(capturing, "RETRY_SECONDS", 0.1)
    yield made
    made.close()


plugs = pytest.mark.skipif(sys.platform != "linux", reason="plugs cameras into a sysfs of its own")


@plugs
def test_camera_that_comes_back_under_another_number_is_found_again(qtbot, run, desk):
    desk.plug(0, "1-4")
    _, states, frames = run(desk.cameras()[0])
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    desk.unplug(0)
    qtbot.waitUntil(lambda: seen(states, Lost), timeout=PATIENCE)
    frames.clear()

    desk.plug(3, "1-4")

    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    assert frames[0].name == "Desk Camera"


@plugs
def test_camera_that_took_the_number_of_another_one_is_not_taken_for_it(qtbot, run, desk):
    desk.plug(0, "1-4")
    desk.plug(1, "2-1", "Other camera of that kind")
    _, states, frames = run(desk.cameras()[0])
    qtbot.waitUntil(lambda: bool(frames), timeout=PATIENCE)
    desk.unplug(0)
    desk.unplug(1)
    desk.plug(0, "2-1", "Other camera of that kind")

    qtbot.waitUntil(
        lambda: any("is not connected" in getattr(state, "sentence", "") for state in states),
        timeout=PATIENCE,
    )
    assert desk.opened == ["Desk Camera"]


def test_folder_is_shown_and_a_bad_picture_passed_over(qtbot, run, tmp_path):
    for name in ("1.png", "3.png"):
        Image.fromarray(picture(1)).save(tmp_path / name)
    (tmp_path / "2.png").write_bytes(b"nothing")
    _, states, frames = run(FolderRequest(tmp_path, seconds=0.05, loop=False))
    qtbot.waitUntil(lambda: seen(states, Ended), timeout=PATIENCE)
    assert [frame.name for frame in frames] == ["1.png", "3.png"]


def test_slides_at_their_end_wait_until_they_are_asked(tmp_path):
    Image.fromarray(picture(1)).save(tmp_path / "1.png")
    source = FolderSource(FolderRequest(tmp_path, seconds=0, loop=False))
    source.start()
    came = [source.next(0) for _ in range(4)]
    assert came[1:] == [Ended(), None, None]

    source.command(Step(-1))
    assert source.next(0) == Paused()
    assert source.next(0).name == "1.png"


@pytest.mark.parametrize("step", [1, -1])
def test_step_passes_over_slides_that_cannot_be_read(tmp_path, step):
    for name in ("1.png", "4.png"):
        Image.fromarray(picture(1)).save(tmp_path / name)
    for name in ("2.png", "3.png"):
        (tmp_path / name).write_bytes(b"nothing")
    source = FolderSource(FolderRequest(tmp_path, seconds=1000))
    source.start()
    assert source.next(0).name == "1.png"

    source.command(Step(step))
    came = [source.next(0) for _ in range(4)]
    assert [one.name for one in came if isinstance(one, Frame)] == ["4.png"]


@pytest.mark.parametrize("bad", ["", "file:///etc/passwd", "http://", "http://host:port/", "0"])
def test_address_that_is_none_is_refused_without_being_repeated(bad):
    with pytest.raises(CameraError, match="no camera's address"):
        NetworkRequest(bad)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_five_hundred_starts_and_stops_leak_nothing(qtbot, video):
    def once():
        worker = SourceWorker(VideoRequest(video))
        with qtbot.waitSignal(worker.frame_arrived, timeout=PATIENCE):
            worker.start()
        worker.finish()
        assert worker.wait(2000)

    def counts():
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    for _ in range(5):
        once()
    before = counts()
    for _ in range(500):
        once()
    # Fewer is no leak: threads of tests before may still have been leaving.
    assert all(now <= then for now, then in zip(counts(), before, strict=True))
    assert not multiprocessing.active_children()
