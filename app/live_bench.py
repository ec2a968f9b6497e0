"""``skiplens bench --live``: the real window on a video or a network camera, and what it costs."""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from app.offscreen import draw_without_display, wait_until
from app.run import make_application
from app.shell.live_controller import Figures
from app.shell.wiring import Shell
from app.sources.requests import NetworkRequest, VideoRequest
from app.workers.engine_worker import Explanation
from resnet_core.benchmark.alternating import measure
from resnet_core.commands.output import say, say_json
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import CameraError
from resnet_core.pictures.frame import Frame
from resnet_core.weights.catalogue import Catalogue

HEARTBEAT_MS = 5
PATIENCE_SECONDS = 60
ALONE_ROUNDS = 20
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Report:
    """source, network, engine_alone: frames per second that came, that were explained with all maps
    drawn, and that the engine explains with nothing beside it. latency: seconds from capture to
    paint, median and 95th percentile. stall: milliseconds that a heartbeat of the window's thread
    came late, median, 99th percentile and worst. memory and threads: growth from the first answer
    to the last, megabytes of resident memory (None where the system does not tell) and a count.
    """

    network_name: str
    seconds: float
    source: float
    network: float
    engine_alone: float
    share_of_engine: float
    latency: tuple[float, float]
    latency_ratio: float
    dropped: int
    seen: int
    stall: tuple[float, float, float]
    memory: float | None
    threads: int | None


class _Paints(QObject):
    """Notes when a frame that was explained has been painted."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.latencies: list[float] = []
        self._waiting: Frame | None = None
        self._view = shell.window.explore.picture.picture
        self._view.installEventFilter(self)
        shell.controller.frame_explained.connect(self._explained)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._waiting is not None:
            frame, self._waiting = self._waiting, None
            # The filter comes before the painting; what is posted now comes after it.
            QTimer.singleShot(0, lambda: self.latencies.append(time.monotonic() - frame.captured))
        return False

    def _explained(self, explanation: Explanation, painted: object) -> None:
        del painted
        self._waiting = explanation.wish.frame


def bench_live(
    address: str, seconds: float = 20.0, weights: str | None = None, *, as_json: bool = False
) -> int:
    """Run the window on a source for some seconds and print a Report; gives the exit code.

    address: a video file, played in a loop, or the address of a network camera.
    Raises CameraError if no frame comes from it.
    """
    draw_without_display()
    make_application()
    catalogue = Catalogue()
    card = catalogue.card(weights) if weights else catalogue.default()
    shell = Shell(catalogue=catalogue, card=card)
    shell.window.show()
    shell.start()
    figures: list[Figures] = []
    troubles: list[str] = []
    shell.live.figures_changed.connect(figures.append)
    shell.live.troubled.connect(troubles.append)
    paints = _Paints(shell)
    is_address = "://" in address
    request = NetworkRequest(address) if is_address else VideoRequest(Path(address), loop=True)
    shell.live.start(request)
    came = wait_until(lambda: len(figures) >= 5 or bool(troubles), PATIENCE_SECONDS)
    if not came or troubles:
        shell.window.close()
        shell.wait()
        raise CameraError(troubles[0] if troubles else f"No frame came from {request.name}.")
    figures.clear()
    paints.latencies.clear()
    lateness, before = _heartbeat(shell), _status()
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began >= seconds, seconds + 5)
    lasted, after = time.monotonic() - began, _status()
    explanation = shell.controller.explanation
    shell.window.close()
    shell.wait()
    assert explanation is not None
    assert explanation.wish.frame is not None
    alone = _alone(Request(explanation.wish.frame, load_ready(catalogue, card)))
    growth = {name: after[name] - before[name] for name in before}
    report = _report(card.network.title, lasted, figures, paints.latencies, lateness, alone, growth)
    _print(report, as_json=as_json)
    return 0


def _heartbeat(shell: Shell) -> list[float]:
    """Milliseconds that each beat on the window's thread came late, as they come."""
    lateness: list[float] = []
    timer = QTimer(shell)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(HEARTBEAT_MS)
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        lateness.append(max(1000 * (now - last) - HEARTBEAT_MS, 0.0))
        last = now

    timer.timeout.connect(beat)
    timer.start()
    return lateness


def _alone(request: Request) -> float:
    """Seconds that the engine takes for a frame with nothing beside it."""
    engine = choose().engine
    timings = measure({"alone": lambda: engine.explain(request)}, ALONE_ROUNDS)
    engine.close()
    return timings["alone"].median


def _report(
    name: str, lasted: float, figures: list[Figures], latencies: list[float],
    lateness: list[float], alone: float, growth: dict[str, int],
) -> Report:  # fmt: skip
    source = statistics.median(each.source for each in figures)
    network = len(figures) / lasted
    median, p95 = statistics.median(latencies), _percentile(latencies, 0.95)
    return Report(
        network_name=name,
        seconds=lasted,
        source=source,
        network=network,
        engine_alone=1 / alone,
        share_of_engine=network / min(1 / alone, source),
        latency=(median, p95),
        latency_ratio=median / (1 / source + alone),
        dropped=figures[-1].dropped - figures[0].dropped,
        seen=figures[-1].seen - figures[0].seen,
        stall=(statistics.median(lateness), _percentile(lateness, 0.99), max(lateness)),
        memory=growth["VmRSS"] / 1024 if growth else None,
        threads=growth["Threads"] if growth else None,
    )


def _status() -> dict[str, int]:
    """Resident kilobytes and threads, where Linux tells them."""
    if not _STATUS.is_file():
        return {}
    pairs = (line.split(":", 1) for line in _STATUS.read_text("utf-8").splitlines())
    return {name: int(rest.split()[0]) for name, rest in pairs if name in {"VmRSS", "Threads"}}


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(round(share * len(ordered)), len(ordered) - 1)]


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(report))
        return
    milliseconds = [1000 * each for each in report.latency]
    say(f"{report.network_name}, {report.seconds:.0f} s")
    say(f"explained, all maps drawn   {report.network:6.1f} per second")
    say(f"source, engine alone        {report.source:6.1f}, {report.engine_alone:.1f} per second")
    say(f"share of what can be        {report.share_of_engine:6.2f}")
    say(f"capture to paint            {milliseconds[0]:6.1f} ms median, {milliseconds[1]:.1f} p95; "
        f"{report.latency_ratio:.2f} of a frame and an explanation")  # fmt: skip
    say(f"window's thread late        {report.stall[0]:6.1f} ms median, {report.stall[1]:.1f} p99, "
        f"{report.stall[2]:.1f} worst")  # fmt: skip
    say(f"dropped                     {report.dropped:6d} of {report.seen}")
    if report.memory is not None:
        say(f"growth                      {report.memory:6.1f} MB, {report.threads} threads")
