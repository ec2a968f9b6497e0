"""Keeping what is live: snapshots and recordings, in the user's own folders, without a dialog."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QStandardPaths, QThread, QTimer, Signal, Slot

from app.shots import Shot, save_shot
from app.workers.job_worker import Job, JobWorker, Report
from app.workers.record_worker import RecordWorker

_FOLDER = "SkipLens"


class LiveSaving(QObject):
    """``told`` carries a sentence about what was saved, or why it was not."""

    told = Signal(str)
    recording_changed = Signal(str)  # how long it has been recording, empty while it is not

    def __init__(self, pictures: Path | None = None, videos: Path | None = None) -> None:
        super().__init__()
        place = QStandardPaths.StandardLocation
        self._pictures = pictures or _standard(place.PicturesLocation)
        self._videos = videos or _standard(place.MoviesLocation)
        self._snapshots = JobWorker()
        self._snapshots.done.connect(self._snapshot_saved)
        self._snapshots.failed.connect(self._snapshot_failed)
        self._recording: RecordWorker | None = None
        self._ending: list[RecordWorker] = []
        self._elapsed = QElapsedTimer()
        self._ticker = QTimer(self)
        self._ticker.setInterval(500)
        self._ticker.timeout.connect(self._tell_elapsed)

    @property
    def is_recording(self) -> bool:
        return self._recording is not None

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still write."""
        recording = [self._recording] if self._recording is not None else []
        return (self._snapshots, *self._ending, *recording)

    def take_snapshot(self, shot: Shot) -> None:
        """Save a shot; never waits."""

        def work(report: Report, cancelled: threading.Event) -> object:
            del report, cancelled
            return save_shot(shot, stem)

        stem = self._pictures / _name(shot.answer)
        self._snapshots.put(Job("snapshot", work))

    def start_recording(self) -> None:
        """Record every shot from now on."""
        worker = self._recording = RecordWorker(self._videos / f"{_name('live')}.mp4")
        worker.saved.connect(self._recorded)
        worker.failed.connect(self._recording_failed)
        worker.finished.connect(partial(self._ended, worker))
        worker.start()
        self._elapsed.start()
        self._ticker.start()
        self._tell_elapsed()

    @Slot()
    def stop_recording(self) -> None:
        """End the file; never waits."""
        worker, self._recording = self._recording, None
        if worker is None:
            return
        self._ending.append(worker)
        worker.finish()
        self._ticker.stop()
        self.recording_changed.emit("")

    def add(self, shot: Shot, at: float) -> None:
        """Record a shot, if it is recording. at: by the monotonic clock, in seconds."""
        if self._recording is not None:
            self._recording.add(shot, at)

    def finish(self) -> None:
        """Save what is there and end the threads; never waits."""
        self.stop_recording()
        self._snapshots.finish(jobs_first=True)

    @Slot(str, object)
    def _snapshot_saved(self, key: str, path: object) -> None:
        del key
        assert isinstance(path, Path)
        self.told.emit(f"Saved {path.name}, with its maps and numbers, in {path.parent}.")

    @Slot(str, str)
    def _snapshot_failed(self, key: str, sentence: str) -> None:
        del key
        self.told.emit(sentence)

    @Slot(Path)
    def _recorded(self, path: Path) -> None:
        self.told.emit(f"Recorded {path.name} in {path.parent}.")

    @Slot(str)
    def _recording_failed(self, sentence: str) -> None:
        self.stop_recording()
        self.told.emit(sentence)

    @Slot()
    def _tell_elapsed(self) -> None:
        minutes, seconds = divmod(self._elapsed.elapsed() // 1000, 60)
        self.recording_changed.emit(f"{minutes}:{seconds:02}")

    def _ended(self, worker: RecordWorker) -> None:
        if worker is self._recording:
            self.stop_recording()
        if worker in self._ending:
            self._ending.remove(worker)
        worker.deleteLater()


def _standard(place: QStandardPaths.StandardLocation) -> Path:
    return Path(QStandardPaths.writableLocation(place) or str(Path.home())) / _FOLDER


def _name(what: str) -> str:
    """``2026-11-24 15.13.42.7 espresso``: sorts by time and is a file's name everywhere."""
    now = datetime.now()
    tenth = now.microsecond // 100_000
    letters = "".join(c if c.isalnum() or c in " -_" else "_" for c in what)
    return f"{now:%Y-%m-%d %H.%M.%S}.{tenth} {letters}"
