"""The thread that writes what a live source shows to a video file."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QThread, Signal

from app.shots import Shot, annotated
from app.sources.recorder import Recorder
from app.workers.mailbox import Mailbox
from resnet_core.errors import SkipLensError

logger = logging.getLogger(__name__)


class RecordWorker(QThread):
    """Records the newest shot until ``finish``; what comes while it encodes is left out."""

    saved = Signal(Path)
    failed = Signal(str)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._mailbox: Mailbox[Shot] = Mailbox()

    def add(self, shot: Shot) -> None:
        """Record a shot; never waits."""
        self._mailbox.put(shot)

    def finish(self) -> None:
        """End the file after what it is at; never waits."""
        self._mailbox.close()

    def run(self) -> None:
        recorder = Recorder(self._path)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            while (shot := self._mailbox.take()) is not None:
                frame = shot.explanation.wish.frame
                assert frame is not None
                recorder.add(annotated(shot), frame.captured)
        except (SkipLensError, OSError) as error:
            self.failed.emit(str(error))
        except Exception as error:
            logger.exception("Unexpected failure while recording")
            self.failed.emit(f"The recording ended: something unexpected went wrong ({error}).")
        written = recorder.stop()
        if written is not None:
            self.saved.emit(written)
