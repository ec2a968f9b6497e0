"""``skiplens bench --live``: the real window on a video or a network camera, and what it costs."""

from __future__ import annotations

import csv
import statistics
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from app.live_alone import EngineAlone
from app.live_measures import Measures, Use, use
from app.live_rounds import PATIENCE_SECONDS, Round, lengths, rounds
from app.offscreen import draw_without_display, let_live, wait_until
from app.run import make_application
from app.shell.wiring import Shell
from app.sources.requests import NetworkRequest, VideoRequest
from resnet_core.commands.output import say, say_json
from resnet_core.errors import CameraError
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue

SETTLING_SECONDS = 3.0
"""Not measured: the pace is found and what it needs is loaded."""

Growth = tuple[Use | None, Use | None]
"""What the process held once it had settled, and at the end."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was live counts, the pauses in which the engine alone is measured do not.

    height, width: of the picture that the network gets. source, network, engine_alone: frames per
    second that came, that were explained with all maps drawn, and that the engine explains with
    nothing beside it, one at a time or, if the run came to that, side by side where this is more.
    engine_alone, share_of_engine, latency_ratio: medians of the rounds. latency: milliseconds from
    capture to paint, median and 95th percentile. stall: milliseconds that a heartbeat of the
    window's thread came late, median, 99th percentile and worst. memory: growth of resident memory
    in megabytes after the first round (in it, where it is the only one); threads and files in the
    same time. None where the system does not tell.
    """

    network_name: str
    height: int
    width: int
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
    rounds: tuple[Round, ...]


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
    line a round, which is a minute where it runs for five or longer. Raises CameraError if no frame
    comes from the source.
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
    # Before the window, which finds what is compiled for this.
    with closing(EngineAlone(card)) as alone:
        shell = Shell(catalogue=catalogue, card=card)
        try:
            whole, told, growth = _watch(shell, request, alone, seconds, log)
        finally:
            shell.window.close()
            shell.wait()
    _print(_report(card, whole, told, growth), as_json=as_json)
    return 0


def _watch(
    shell: Shell,
    request: NetworkRequest | VideoRequest,
    alone: EngineAlone,
    seconds: float,
    log: Path | None,
) -> tuple[Measures, tuple[Round, ...], Growth]:
    """Run the shell on a source and measure it for so long, round by round."""
    rooms: list[int] = []
    shell.engine.room_changed.connect(rooms.append)
    shell.live_wiring.set_floor(0)  # all maps are drawn, however slow that is
    shell.window.show()
    shell.start()
    _go_live(shell, request)
    let_live(SETTLING_SECONDS)
    whole = Measures(shell)
    told: list[Round] = []
    uses = [use()]
    turns = rounds(
        shell, lambda: alone.measure(side_by_side=bool(rooms)), lengths(seconds), whole,
        but=alone.process,
    )  # fmt: skip
    with log.open("w", newline="", encoding="utf-8") if log else nullcontext() as file:
        for each, measures, held in turns:
            told.append(each)
            uses.append(held)
            if file is not None:
                _write_line(file, whole.seconds, each, measures, held)
    # What live needs beside the network is loaded once it falls behind, so in the first round.
    settled = uses[1] if len(told) > 1 else uses[0]
    return whole, tuple(told), (settled, uses[-1])


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
        raise CameraError(troubles[0] if troubles else f"No frame came from {request.name}.")


def _write_line(
    file: TextIO, elapsed: float, each: Round, measures: Measures, held: Use | None
) -> None:
    line: dict[str, object] = {
        "seconds": round(elapsed),
        "explained_per_second": round(each.network, 2),
        "source_per_second": round(each.source, 2),
        "alone_per_second": round(each.engine_alone, 2),
        "share": round(each.share_of_engine, 3),
        "dropped": measures.dropped,
        "latency_median_ms": round(measures.latency.percentile(0.5), 1),
        "late_p99_ms": round(measures.lateness.percentile(0.99), 1),
        "late_worst_ms": round(measures.lateness.worst, 1),
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


def _report(card: Card, whole: Measures, rounds: tuple[Round, ...], growth: Growth) -> Report:
    before, after = growth
    height, width = card.preprocessing.crop
    return Report(
        network_name=card.network.title,
        height=height,
        width=width,
        seconds=whole.seconds,
        source=whole.source,
        network=whole.network,
        engine_alone=statistics.median(each.engine_alone for each in rounds),
        share_of_engine=statistics.median(each.share_of_engine for each in rounds),
        latency=(whole.latency.percentile(0.5), whole.latency.percentile(0.95)),
        latency_ratio=statistics.median(each.latency_ratio for each in rounds),
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
        rounds=rounds,
    )


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(report))
        return
    shares = [each.share_of_engine for each in report.rounds]
    size = f"{report.height} x {report.width}"
    say(f"{report.network_name} at {size}, {report.seconds:.0f} s, rounds: {len(shares)}")
    say(f"explained, all maps drawn   {report.network:6.1f} per second")
    say(f"source, engine alone        {report.source:6.1f}, {report.engine_alone:.1f} per second")
    say(f"share of what can be        {report.share_of_engine:6.2f} median, "
        f"{min(shares):.2f} to {max(shares):.2f}")  # fmt: skip
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
