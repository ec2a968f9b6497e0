"""Opening the window."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QDeadlineTimer, QTimer
from PySide6.QtWidgets import QApplication

import resnet_core
from app.put_off import load
from app.shell.settings import default_path
from app.shell.wiring import Shell

logger = logging.getLogger(__name__)

FIRST_PAINT_MS = 50
WRITING_MS = 10_000
"""How long snapshots and recordings may take to be written once the window is gone."""


def run(files: list[Path], *, kiosk: bool = False) -> NoReturn:
    """Show the window, open the files, stay until it is closed, and end the program.

    kiosk: begin in Show, with the camera.
    """
    application = make_application()
    start_log()
    shell = Shell(default_path())
    shell.window.show()
    # The workers start when the window has been painted: engines are slow to load, and their
    # imports would take the interpreter away from the first paint.
    QTimer.singleShot(FIRST_PAINT_MS, shell.start)
    if kiosk or files:
        load()  # a thread begins at once: a camera's, a video's, or one that imports weights
    if kiosk:
        shell.show_wiring.show.enter(kiosk=True)
    if files:
        shell.window.give(files)
    code = int(application.exec())
    deadline = QDeadlineTimer(WRITING_MS)
    for writer in shell.live_wiring.saving.workers:
        writer.wait(deadline)
    # A driver or a compilation can hold its thread for seconds, and Qt would abort on a thread that
    # is torn down while it runs; taking Python, Qt and an engine apart takes up to a second more.
    # All that is to be kept has been written.
    logging.shutdown()
    os._exit(code)


def make_application() -> QApplication:
    """The one application object, named so that settings and taskbars know it."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("SkipLens")
    application.setApplicationVersion(resnet_core.__version__)
    application.setDesktopFileName("skiplens")
    return application


def start_log() -> None:
    """A rotating log in the platform's folder for it; the first line tells what runs."""
    from logging.handlers import RotatingFileHandler

    from platformdirs import user_log_path

    folder = user_log_path("SkipLens", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "skiplens.log", maxBytes=1_000_000, backupCount=2, encoding="utf-8"
        )
    except OSError:
        return  # without a log the program still does its work
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logger.info("SkipLens %s, Python %s", resnet_core.__version__, sys.version.split()[0])
