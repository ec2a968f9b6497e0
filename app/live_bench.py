"""``skiplens bench --live``: the real window on a video or a network camera, and what it costs."""

from __future__ import annotations

import csv
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from app.live_alone import ONE, seconds_alone
from app.live_measures import Heartbeat, Measures, Paints, Use, use
from app.offscreen import draw_without_display, let_live, wait_until
from app.run import make_application
from app.shell.wiring import Shell
from app.sources.requests import NetworkRequest, VideoRequest
from resnet_core.commands.output import say, say_json
from resnet_core.errors import CameraError
from resnet_core.weights.catalogue import Catalogue

PATIENCE_SECONDS = 60
SETTLING_SECONDS = 3.0
"""Not measured: the pace is found and what it needs is loaded."""
MINUTE = 60.0

Growth = tuple[Use | None, Use | None]
"""What the process held once it had settled, and at the end."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Seconds of the engine with nothing beside it: of one explanation, and of one frame of many,
    which is less where two side by side are.
    """

    explanation: float
    frame: float


@dataclass(frozen=True, slots=True)
class Report:
    """source, network, engine_alone: frames per second that came, that were explained with all maps
    drawn, and that the engine explains with nothing beside it, one at a time or, if the run came to
    that, side by side where this is more. latency: milliseconds from capture
    to paint, median and 95th percentile. stall: milliseconds that a heartbeat of the window's
    thread came late, median, 99th percentile and worst. memory: growth of resident memory in
    megabytes, after the first minute where it ran for longer than two; threads and files in the
    same time. None where the system does not tell.
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
    files: int | None


def bench_live(
    address: str,
    seconds: float = 20.0,
    weights: str | None = None,
    size: tuple[int, int] | None = None,
    log: Path | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Run the window on a source for some seconds and print a Report; gives the exit code.

    address: a video file, played in a loop, or the address of a network camera. size: height and
    width that the network gets, the card's own where there is none. log: a CSV file that gets a
    line a minute. Raises CameraError if no frame comes from the source.
    """
    is_address = "://" in address
    # Before the window: an address that is none is a sentence, with no thread to wait for.
    request = NetworkRequest(address) if is_address else VideoRequest(Path(address), loop=True)
    draw_without_display()
    make_application()
    catalogue = Catalogue()
    card = catalogue.card(weights) if weights else catalogue.default()
    if size is not None:
        card = replace(card, preprocessing=card.preprocessing.at(size))
    before = seconds_alone(catalogue, card, side_by_side=False)
    shell = Shell(catalogue=catalogue, card=card)
    rooms: list[int] = []
    shell.engine.room_changed.connect(rooms.append)
    shell.window.show()
    shell.start()
    _go_live(shell, request)
    let_live(SETTLING_SECONDS)
    whole, growth = _watch(shell, seconds, log)
    shell.window.close()
    shell.wait()
    # Before and after: a shared computer is not equally quick all the time.
    after = seconds_alone(catalogue, card, side_by_side=bool(rooms))
    one = (before[ONE] + after[ONE]) / 2
    alone = Alone(one, one * min(after.values()) / after[ONE])
    _print(_report(card.network.title, whole, alone, growth), as_json=as_json)
    return 0


def _go_live(shell: Shell, request: NetworkRequest | VideoRequest) -> None:
    """Start the source and wait for some answers."""
    troubles: list[str] = []
    answers: list[object] = []
    shell.live.troubled.connect(troubles.append)
    shell.live.figures_changed.connect(answers.append)
    shell.live.start(request)
    came = wait_until(lambda: len(answers) >= 5 or bool(troubles), PATIENCE_SECONDS)
    shell.live.figures_changed.disconnect(answers.append)
    if not came or troubles:
        shell.window.close()
        shell.wait()
        raise CameraError(troubles[0] if troubles else f"No frame came from {request.name}.")


def _watch(shell: Shell, seconds: float, log: Path | None) -> tuple[Measures, Growth]:
    """Measure for some seconds, minute by minute."""
    whole = Measures(shell)
    current = [whole]
    paints, heartbeat = Paints(shell, current), Heartbeat(shell, current)
    with log.open("w", newline="", encoding="utf-8") if log else nullcontext() as file:
        uses = [use()]
        while (left := seconds - whole.seconds) > 0:
            minute = Measures(shell)
            current.append(minute)
            let_live(min(MINUTE, left))
            minute.stop()
            current.remove(minute)
            uses.append(use())
            if file is not None:
                _write_line(file, whole.seconds, minute, uses[-1])
    whole.stop()
    heartbeat.stop()
    paints.deleteLater()
    settled = uses[1] if seconds > 2 * MINUTE else uses[0]
    return whole, (settled, uses[-1])


def _write_line(file: TextIO, elapsed: float, minute: Measures, held: Use | None) -> None:
    line: dict[str, object] = {
        "seconds": round(elapsed),
        "explained_per_second": round(minute.network, 2),
        "source_per_second": round(minute.source, 2),
        "dropped": minute.dropped,
        "latency_median_ms": round(minute.latency.percentile(0.5), 1),
        "late_p99_ms": round(minute.lateness.percentile(0.99), 1),
        "late_worst_ms": round(minute.lateness.worst, 1),
    }
    if held is not None:
        line |= {
            "memory_mb": round(held.memory, 1),
            "children_mb": round(held.children, 1),
            "threads": held.threads,
            "files": held.files,
        }
    writer = csv.DictWriter(file, line)
    if file.tell() == 0:
        writer.writeheader()
    writer.writerow(line)
    file.flush()  # an hour is long; what was measured is kept whatever happens


def _report(name: str, whole: Measures, alone: Alone, growth: Growth) -> Report:
    median = whole.latency.percentile(0.5)
    before, after = growth
    return Report(
        network_name=name,
        seconds=whole.seconds,
        source=whole.source,
        network=whole.network,
        engine_alone=1 / alone.frame,
        share_of_engine=whole.network / min(1 / alone.frame, whole.source),
        latency=(median, whole.latency.percentile(0.95)),
        latency_ratio=median / (1000 * (1 / whole.source + alone.explanation)),
        dropped=whole.dropped,
        seen=whole.seen,
        stall=(
            whole.lateness.percentile(0.5),
            whole.lateness.percentile(0.99),
            whole.lateness.worst,
        ),
        memory=after.memory - before.memory if before and after else None,
        threads=after.threads - before.threads if before and after else None,
        files=after.files - before.files if before and after else None,
    )


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(report))
        return
    say(f"{report.network_name}, {report.seconds:.0f} s")
    say(f"explained, all maps drawn   {report.network:6.1f} per second")
    say(f"source, engine alone        {report.source:6.1f}, {report.engine_alone:.1f} per second")
    say(f"share of what can be        {report.share_of_engine:6.2f}")
    say(
        f"capture to paint            {report.latency[0]:6.1f} ms median, "
        f"{report.latency[1]:.1f} p95; {report.latency_ratio:.2f} of a frame and an explanation"
    )
    say(f"window's thread late        {report.stall[0]:6.1f} ms median, {report.stall[1]:.1f} p99, "
        f"{report.stall[2]:.1f} worst")  # fmt: skip
    say(f"dropped                     {report.dropped:6d} of {report.seen}")
    if report.memory is not None:
        say(f"growth                      {report.memory:6.1f} MB, {report.threads} threads, "
            f"{report.files} files")  # fmt: skip
