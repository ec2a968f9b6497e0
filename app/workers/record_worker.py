"""The thread that writes what a live source shows to a video file."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QThread, Signal

from app.shots import Shot, annotated
from app.sources.recorder import Recorder
from app.workers.mailbox import Mailbox
from resnet_core.errors import SkipLensError, UsageError

logger = logging.getLogger(__name__)


class RecordWorker(QThread):
    """Records the newest shot until ``finish``; what comes while it encodes is left out."""

    saved = Signal(Path)
    failed = Signal(str)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._mailbox: Mailbox[tuple[Shot, float]] = Mailbox()
        self._finished = threading.Event()

    def add(self, shot: Shot, at: float) -> None:
        """Record a shot as of a time in seconds, one of before is left out; never waits."""
        self._mailbox.put((shot, at))

    def finish(self) -> None:
        """End the file after what it is at; never waits."""
        self._finished.set()
        self._mailbox.close()

    def run(self) -> None:
        recorder = Recorder(self._path)
        sentences = []
        for step in (self._record, self._keep):
            try:
                step(recorder)
            except SkipLensError as error:
                sentences.append(str(error))
            except Exception as error:
                logger.exception("Unexpected failure while recording")
                sentences.append(f"The recording ended: something unexpected went wrong ({error}).")
        if sentences:
            # After what was kept: the reason is what the user has to read.
            self.failed.emit(sentences[0])

    def _record(self, recorder: Recorder) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self._path.name} cannot be recorded in {self._path.parent} "
                f"({error.strerror}); make room there, or allow it."
            ) from error
        while (item := self._mailbox.take()) is not None:
            shot, at = item
            recorder.add(annotated(shot), at, self._finished.is_set)

    def _keep(self, recorder: Recorder) -> None:
        written = recorder.stop()
        if written is None:
            raise UsageError("Nothing was recorded, since no picture came meanwhile; record again.")
        self.saved.emit(written)
