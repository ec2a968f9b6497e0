"""Recording to a real file."""

import shutil

import cv2
import numpy as np
import pytest

from app.sources import recorder as recording
from app.sources.recorder import Recorder
from resnet_core.errors import CameraError

RED = np.zeros((61, 81, 3), np.uint8)
RED[..., 0] = 220


def read(path):
    opened, frames = cv2.VideoCapture(str(path)), []
    while (got := opened.read())[0]:
        frames.append(got[1])
    opened.release()
    return frames


def test_recording_keeps_the_clock_and_the_colours(tmp_path):
    recorder = Recorder(tmp_path / "view.mp4", per_second=10)
    for captured in (5.0, 5.02, 5.5, 6.0):
        recorder.add(RED, captured)
    recorder.add(RED[:30, :40], 6.1)
    path = recorder.stop()
    frames = read(path)

    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert len(frames) == 12
    assert frames[0].shape == (60, 80, 3)
    assert frames[0][30, 40, 2] > 180 > frames[0][30, 40, 0]


def test_full_disk_is_told_and_what_was_recorded_is_kept(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "view.mp4", per_second=10)
    recorder.add(RED, 0.0)
    monkeypatch.setattr(recording, "LEAST_FREE_BYTES", shutil.disk_usage(tmp_path).total + 1)
    with pytest.raises(CameraError, match="disk is nearly full"):
        recorder.add(RED, 1.0)

    assert len(read(recorder.stop())) == 1


def test_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CameraError, match="cannot be recorded"):
        Recorder(tmp_path / "none" / "view.mp4").add(RED, 0.0)


def test_folder_that_goes_while_it_records_is_told(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    recorder = Recorder(folder / "view.mp4", per_second=10)
    recorder.add(RED, 0.0)
    shutil.rmtree(folder)

    with pytest.raises(CameraError, match="cannot be kept in"):
        recorder.add(RED, 1.0)
    with pytest.raises(CameraError, match="cannot be kept in"):
        recorder.stop()


def test_repeats_after_a_freeze_end_when_they_are_given_up(tmp_path):
    recorder = Recorder(tmp_path / "view.mp4", per_second=10)
    recorder.add(RED, 0.0)
    asked = []
    recorder.add(RED, 9.0, lambda: len(asked) == 4 or asked.append(1))

    assert len(read(recorder.stop())) == 6


def test_only_picture_of_a_recording_that_is_given_up_is_kept(tmp_path):
    recorder = Recorder(tmp_path / "view.mp4", per_second=10)
    recorder.add(RED, 0.0, lambda: True)

    assert len(read(recorder.stop())) == 1
