"""A thread that does one long thing after the other: fetching, importing, measuring, hashing."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QThread, Signal

from resnet_core.errors import SkipLensError

logger = logging.getLogger(__name__)

Report = Callable[[object], None]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Something to do. key: what it is about, for who asked; work: gets a function that tells how
    far it is and an event that is set when it should stop.
    """

    key: str
    work: Callable[[Report, threading.Event], object]
    cancelled: threading.Event = field(default_factory=threading.Event)


class JobWorker(QThread):
    """Does jobs in turn; each ends in ``done``, ``failed`` or ``stopped``."""

    progressed = Signal(str, object)
    done = Signal(str, object)
    failed = Signal(str, str)
    stopped = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._known: dict[str, Job] = {}

    def put(self, job: Job) -> None:
        """Add a job; never waits. The thread starts with the first."""
        self._known[job.key] = job
        self._waiting.put(job)
        if not self.isRunning():
            self.start()

    def cancel(self, key: str) -> None:
        """Ask the job to stop, running or waiting."""
        if key in self._known:
            self._known[key].cancelled.set()

    def finish(self, *, jobs_first: bool = False) -> None:
        """Ask every job to stop and end the thread, or end it once all are done; never waits."""
        if not jobs_first:
            for job in self._known.values():
                job.cancelled.set()
        self._waiting.put(None)

    def run(self) -> None:
        while (job := self._waiting.get()) is not None:
            if job.cancelled.is_set():
                self.stopped.emit(job.key)
                continue
            self._do(job)

    def _do(self, job: Job) -> None:
        try:
            result = job.work(lambda far: self.progressed.emit(job.key, far), job.cancelled)
        except SkipLensError as error:
            if job.cancelled.is_set():
                self.stopped.emit(job.key)
            else:
                self.failed.emit(job.key, str(error))
        except Exception as error:
            logger.exception("Unexpected failure in %s", job.key)
            self.failed.emit(job.key, f"Something unexpected went wrong ({error}).")
        else:
            self.done.emit(job.key, result)
