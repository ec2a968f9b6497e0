"""Libraries that wait until the window is painted; each case in a process of its own."""

import pytest

from tests.processes import PAINTED, output_of

BEFORE = "from app.put_off import load, put_off; put_off(); import sys\n"


def printed(words):
    """The words that a program prints once it has put off what it can."""
    return " ".join(output_of(BEFORE + words)).split()


def test_window_is_painted_without_numpy_and_pil():
    kinds = "*(type(sys.modules[name]).__name__ for name in ('numpy', 'PIL.Image'))"
    assert printed(f"{PAINTED}print({kinds})") == ["_PutOff", "_PutOff"]
    assert printed(f"{PAINTED}load(); print({kinds})") == ["module", "module"]


@pytest.mark.parametrize(
    "use",
    [
        "import numpy as np; print(np.arange(3).sum())",
        "import numpy.typing; import numpy; print(numpy.arange(3).sum())",
        "from numpy.linalg import norm; print(round(norm([3.0])))",
        "from PIL import Image, ImageOps; print(ImageOps.flip(Image.new('L', (1, 3))).height)",
        "load(); import numpy; print(type(numpy) is type(sys) and numpy.add(1, 2))",
    ],
)
def test_first_use_loads(use):
    assert printed(use) == ["3"]


def test_sources_of_imported_modules_are_not_read():
    words = "import resnet_core.weights.card, linecache; print(*linecache.cache)"
    assert not [name for name in printed(words) if "resnet_core" in name]


@pytest.mark.parametrize("delay", [0, 0.001, 0.01, 0.03, 0.06])
def test_a_thread_that_uses_a_library_while_it_loads_waits(delay):
    words = f"""
import threading, time, numpy
found = []
use = lambda: found.append(int(numpy.zeros(3).size))
threads = [threading.Thread(target=use), threading.Thread(target=load)]
for thread in threads:
    thread.start()
    time.sleep({delay})
for thread in threads:
    thread.join()
print(*found, type(numpy).__name__)
"""
    assert printed(words) == ["3", "module"]


def test_weights_that_the_program_is_started_with_are_imported(tmp_path):
    (tmp_path / "w.pth").write_bytes(b"nothing of weights")
    words = f"""
import pathlib, app.run
from app.offscreen import draw_without_display
draw_without_display()
from PySide6.QtCore import QTimer
make = app.run.Shell
def made(path):
    shell = make()
    shell.weights.failed.connect(tell)
    return shell
def tell(sentence):
    print(sentence, flush=True)
    app.run.os._exit(0)
app.run.Shell = made
QTimer.singleShot(40_000, lambda: tell("nothing"))
app.run.run([pathlib.Path({str(tmp_path / "w.pth")!r})])
"""
    told = " ".join(printed(words))
    assert "w.pth" in told
    assert "unexpected" not in told


def test_garbage_is_not_looked_for_on_the_way_to_the_first_paint_nor_in_what_stays():
    words = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 0)"
    assert output_of(f"{BEFORE}{words}; load(); {words}") == ["False False", "True True"]
