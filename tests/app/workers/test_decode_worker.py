"""Opening pictures off the window's thread."""

import numpy as np
import pytest
from PIL import Image

from app.workers.decode_worker import DecodeWorker, Opening


@pytest.fixture
def worker(qtbot):
    made = DecodeWorker()
    made.start()
    yield made
    made.finish()
    made.wait()


@pytest.fixture
def folder(tmp_path):
    """1.png, 2.png (broken), 3.png."""
    for number in (1, 3):
        Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    return tmp_path


def opened(qtbot, worker, opening):
    with qtbot.waitSignal(worker.opened, timeout=10_000) as blocker:
        worker.open(opening)
    return blocker.args[0]


def test_folder_is_opened_at_its_first_picture(qtbot, worker, folder):
    found = opened(qtbot, worker, Opening(1, (folder,)))

    assert [path.name for path in found.paths] == ["1.png", "2.png", "3.png"]
    assert (found.index, found.frame.name, found.sentence) == (0, "1.png", None)


@pytest.mark.parametrize(("step", "name"), [(1, "3.png"), (-1, "1.png")])
def test_bad_picture_is_passed_in_the_direction_of_the_step(qtbot, worker, folder, step, name):
    found = opened(qtbot, worker, Opening(1, (folder,), first=1, step=step))

    assert found.frame.name == name
    assert "2.png" in found.sentence


def test_folder_without_pictures_gives_a_sentence(qtbot, worker, tmp_path):
    found = opened(qtbot, worker, Opening(1, (tmp_path,)))

    assert found.frame is None
    assert found.sentence == "There is no picture in that folder."


def test_bytes_that_are_no_picture_give_a_sentence(qtbot, worker):
    found = opened(qtbot, worker, Opening(1, contents=b"nothing", name="the pasted picture"))

    assert found.frame is None
    assert "the pasted picture" in found.sentence


def test_newest_opening_replaces_the_ones_that_wait(qtbot, folder):
    worker, shown = DecodeWorker(), []
    worker.opened.connect(lambda found: shown.append(found.opening.number))
    for number in (1, 2, 3):
        worker.open(Opening(number, (folder / "1.png",)))
    with qtbot.waitSignal(worker.opened, timeout=10_000):
        worker.start()
    worker.finish()
    worker.wait()

    assert shown == [3]
