"""What is imported on the way to a window and to an answer, each in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.processes import PAINTED, output_of

HEAVY = {"torch", "torchvision", "cv2", "openvino", "pyqtgraph", "httpx", "matplotlib"}

ANSWERED = """
import main
main.main(["--smoke"])
"""
CLASSIFIED = """
import main
main.main(["classify", "assets/samples/coffee.jpg"])
"""


def loaded_by(words):
    """The heavy packages that a program has loaded at its end."""
    ending = f"\nimport sys\nprint('loaded', *sorted({HEAVY} & set(sys.modules)))"
    return set(output_of(words + ending)[-1].split()[1:])


def test_window_is_painted_before_anything_heavy_is_loaded():
    assert loaded_by(PAINTED) == set()


@pytest.mark.parametrize("words", [ANSWERED, CLASSIFIED], ids=["window", "classify"])
def test_answer_needs_neither_torch_nor_torchvision(words):
    assert loaded_by(words) == {"openvino"}


@pytest.mark.parametrize(("words", "threads"), [("--version", "1"), ("train", "None")])
def test_numpy_keeps_off_the_cores_that_the_engine_computes_on(monkeypatch, words, threads):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    told = "import os; print('\\n' + str(os.environ.get('OPENBLAS_NUM_THREADS')))"
    said = output_of(f"import main\ntry: main.main([{words!r}])\nexcept SystemExit: pass\n{told}")
    assert said[-1] == threads


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is one")
def test_without_a_display_the_window_says_so_in_one_sentence():
    screens = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in screens}
    done = subprocess.run(
        [sys.executable, "main.py"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("There is no display")
    assert done.stderr.count("\n") == 1
