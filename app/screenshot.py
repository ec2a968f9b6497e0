"""``skiplens screenshot``: the real window as a PNG."""

from __future__ import annotations

import sys
from pathlib import Path

from app.offscreen import draw_without_display, wait_until
from app.run import make_application
from app.shell.wiring import Shell
from app.theme import ThemeWish, theme
from resnet_core.errors import EngineError, UsageError
from resnet_core.pictures.samples import samples
from resnet_core.weights.catalogue import Catalogue

PATIENCE_SECONDS = 180


def screenshot(
    page: str,
    file: Path,
    look: str = "light",
    size: str = "1600x1000",
    picture: Path | None = None,
    weights: str | None = None,
) -> int:
    """Draw a page with everything computed; gives the exit code.

    page: ``explore``, ``first-run``, ``weights`` or ``show``. size: ``WxH`` in pixels.
    picture: the first sample if None.
    Raises UsageError for a size that is none or a file that cannot be written.
    """
    width, _, height = size.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {size} is not of the form 1600x1000, width first.")
    draw_without_display()
    make_application()
    catalogue = Catalogue()
    shell = Shell(catalogue=catalogue, card=catalogue.card(weights) if weights else None)
    theme().wish = ThemeWish(look)
    shell.window.resize(int(width), int(height))
    shell.window.show()
    shell.start()
    ready: list[object] = []
    shell.engine.engine_ready.connect(ready.append)
    if page in {"explore", "show"}:
        losses: list[object] = []
        failures: list[str] = []
        shell.controller.failed.connect(failures.append)
        shell.controller.engine_failed.connect(failures.append)
        shell.controller.lesion_explained.connect(losses.append)
        shell.controller.open_paths([picture or samples()[0].path])
        wait_until(lambda: bool(losses or failures), PATIENCE_SECONDS)
        if failures:
            sys.stderr.write(f"{failures[0]}\n")
    elif not wait_until(lambda: bool(ready), PATIENCE_SECONDS):
        raise EngineError("No engine became ready in time; try again.")
    if page == "show":
        shell.show_wiring.show.enter()
        shell.window.showNormal()
        shell.window.resize(int(width), int(height))
        wait_until(lambda: not shell.window.show_view.words_wait, PATIENCE_SECONDS)
    if page == "weights":
        checked: list[str] = []
        shell.weights.checked.connect(lambda name, words: checked.append(words))
        shell.window.show_page(page)
        wait_until(lambda: bool(checked), PATIENCE_SECONDS)
    saved = shell.window.grab().save(str(file), "PNG")
    shell.window.close()
    shell.wait()
    if not saved:
        raise UsageError(f"{file} cannot be written; choose another place.")
    return 0
