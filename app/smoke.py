"""``--smoke``: the real window opens, explains a bundled picture, tells the answer, and closes."""

from __future__ import annotations

import sys
import time

from app.offscreen import draw_without_display, wait_until
from app.run import make_application
from app.shell.wiring import Shell
from app.widgets.answers_card import percent
from resnet_core.pictures.samples import samples

PATIENCE_SECONDS = 120


def smoke() -> int:
    """0 if an answer came, 1 if not."""
    started = time.perf_counter()
    draw_without_display()
    make_application()
    shell = Shell()
    shell.window.show()
    shell.window.grab()
    painted = time.perf_counter() - started
    shell.start()
    shell.controller.open_paths([samples()[0].path])
    bars = shell.window.explore.answers.bars
    answered = wait_until(lambda: bool(bars.rows), PATIENCE_SECONDS)
    seconds = time.perf_counter() - started
    error = shell.window.explore.picture.error.sentence
    shell.window.close()
    shell.wait()
    if not answered:
        sys.stdout.write(f"no answer: {error or 'it took too long'}\n")
        return 1
    best = bars.rows[0]
    sys.stdout.write(
        f"{samples()[0].name}: {best.name}, {percent(best.probability)}\n"
        f"window {painted:.2f} s, answer {seconds:.2f} s\n"
    )
    return 0
