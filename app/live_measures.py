"""What a live run is measured by: distributions of constant size, so that hours cost nothing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot

from app.shell.live_controller import Figures
from app.shell.wiring import Shell
from app.workers.engine_worker import Explanation
from resnet_core.pictures.frame import Frame

HEARTBEAT_MS = 20
"""A beat costs the thread that is measured some tenths of a millisecond beside a busy engine."""

_STEP_MS = 0.1
_STEPS = 20_000
_PROC = Path("/proc")


class Distribution:
    """Milliseconds in steps of a tenth, up to two seconds; what is longer counts as that."""

    def __init__(self) -> None:
        # A list: counting up in an array takes ten times as long, on the thread that is measured.
        self._counts = [0] * (_STEPS + 1)
        self.count = 0
        self.worst = 0.0

    def add(self, milliseconds: float) -> None:
        self._counts[min(round(milliseconds / _STEP_MS), _STEPS)] += 1
        self.count += 1
        self.worst = max(self.worst, milliseconds)

    def percentile(self, share: float) -> float:
        """The value that this share of all stays under; 0 where there is none."""
        if self.count == 0:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self._counts), share * self.count))
        return min(place * _STEP_MS, self.worst)


class Measures(QObject):
    """Collects from a shell what a live run was like, from each ``begin`` to the next ``stop``."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._live = shell.live
        self.latency, self.lateness, self.source_rates = (Distribution() for _ in range(3))
        self.dropped = self.seen = 0
        self.seconds = self._began = 0.0
        self._last: Figures | None = None

    def begin(self) -> None:
        """What comes now counts, beside what counted before."""
        self._began, self._last = time.monotonic(), None
        self._live.figures_changed.connect(self._figures)

    def stop(self) -> None:
        """What comes now does not count."""
        self.seconds += time.monotonic() - self._began
        self._live.figures_changed.disconnect(self._figures)

    @Slot(Figures)
    def _figures(self, figures: Figures) -> None:
        self.source_rates.add(figures.source)
        if self._last is not None:
            self.dropped += figures.dropped - self._last.dropped
            self.seen += figures.seen - self._last.seen
        self._last = figures

    @property
    def explained(self) -> int:
        """Frames that were painted with their answer."""
        return self.latency.count

    @property
    def network(self) -> float:
        """Explained frames per second."""
        return self.explained / self.seconds

    @property
    def source(self) -> float:
        """Frames per second that the source sent, the median of what it told."""
        return self.source_rates.percentile(0.5)


class Paints(QObject):
    """Tells all measures how long after its capture a frame was painted with its answer.

    count: of all that were painted, whether anything measures or not.
    """

    def __init__(self, shell: Shell, measures: list[Measures]) -> None:
        super().__init__(shell)
        self.count = 0
        self._measures = measures
        self._waiting: Frame | None = None
        self._view = shell.window.explore.picture.picture
        self._view.installEventFilter(self)
        shell.controller.frame_explained.connect(self._explained)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._waiting is not None:
            frame, self._waiting = self._waiting, None
            # The filter comes before the painting; what is posted now comes after it.
            QTimer.singleShot(0, lambda: self._painted(frame))
        return False

    def _painted(self, frame: Frame) -> None:
        self.count += 1
        for measures in self._measures:
            measures.latency.add(1000 * (time.monotonic() - frame.captured))

    def _explained(self, explanation: Explanation, painted: object) -> None:
        del painted
        self._waiting = explanation.wish.frame


class Heartbeat(QTimer):
    """Tells all measures how late each beat on the window's thread came."""

    def __init__(self, parent: QObject, measures: list[Measures]) -> None:
        super().__init__(parent)
        self._measures = measures
        self._last = time.perf_counter()
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.setInterval(HEARTBEAT_MS)
        self.timeout.connect(self._beat)
        self.start()

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        for measures in self._measures:
            measures.lateness.add(max(1000 * (now - self._last) - HEARTBEAT_MS, 0.0))
        self._last = now


@dataclass(frozen=True, slots=True)
class Use:
    """What the process holds: megabytes of resident memory, its children's too, threads, files."""

    memory: float
    children: float
    threads: int
    files: int


def use(but: int | None = None) -> Use | None:
    """What this process holds now; None where the system does not tell (only Linux does).

    but: the number of a child that is not counted.
    """
    own = _PROC / "self"
    if not (own / "status").is_file():
        return None
    lists = (own / "task").glob("*/children")
    children = {child for path in lists for child in path.read_text("ascii").split()} - {str(but)}
    status = _status(own)
    return Use(
        memory=status["VmRSS"] / 1024,
        children=sum(_status(_PROC / child).get("VmRSS", 0) for child in children) / 1024,
        threads=status["Threads"],
        files=len(os.listdir(own / "fd")),
    )


def _status(process: Path) -> dict[str, int]:
    try:
        lines = (process / "status").read_text("utf-8").splitlines()
    except OSError:
        return {}  # it has just ended
    pairs = (line.split(":", 1) for line in lines)
    return {name: int(rest.split()[0]) for name, rest in pairs if name in {"VmRSS", "Threads"}}
