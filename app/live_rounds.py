"""Live and the engine alone in turn: a computer that is not equally quick all the time is as quick
for the one as for the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.live_alone import Alone
from app.live_measures import Heartbeat, Measures, Paints, Use, use
from app.offscreen import let_live, wait_until
from app.shell.live_controller import LiveController
from app.shell.wiring import Shell
from resnet_core.errors import CameraError

ROUNDS = 5
SHORTEST_SECONDS = 4.0
MINUTE = 60.0

PATIENCE_SECONDS = 60
RESTING_SECONDS = 0.2
"""Until the source does as it was told, and what was shown last is painted."""

FULL_FRAMES = 5
"""Painted after a rest before it counts: the first ones find nobody ahead of them."""


@dataclass(frozen=True, slots=True)
class Round:
    """Live for some seconds, between two measurements of the engine alone.

    source, network, engine_alone: frames per second that came, that were explained with all maps
    drawn, and that the engine explains with nothing beside it, mean of before and after.
    share_of_engine: network of engine_alone, or of source where that is less. latency_ratio: from
    capture to paint, median, over the time of a frame of the source and of one explanation alone.
    """

    seconds: float
    source: float
    network: float
    engine_alone: float
    share_of_engine: float
    latency_ratio: float


def lengths(seconds: float) -> list[float]:
    """How long to be live in each round: a few seconds, and a minute where it goes on for long."""
    count = max(1, min(ROUNDS, int(seconds / SHORTEST_SECONDS)), math.ceil(seconds / MINUTE))
    return [seconds / count] * count


def rounds(
    shell: Shell,
    alone: Callable[[], Alone],
    lengths: Sequence[float],
    whole: Measures,
    but: int | None = None,
) -> Iterator[tuple[Round, Measures, Use | None]]:
    """Run a shell that is live; gives each round, what it measured, and what was held at its end.

    alone: measures the engine, while live rests. whole: measures all rounds. but: the number of
    a child process whose memory is not counted. Raises CameraError if no frames come any more.
    """
    current: list[Measures] = []
    paints, heartbeat = Paints(shell, current), Heartbeat(shell, current)
    _rest(shell.live)
    before = alone()
    for seconds in lengths:
        shell.live.go_on()
        _until_painted(paints, paints.count + FULL_FRAMES)
        measures = Measures(shell)
        current[:] = whole, measures
        for each in current:
            each.begin()
        # From a painted frame to a painted frame: between others it would be one more or less.
        least = paints.count + 2
        let_live(seconds)
        _until_painted(paints, max(paints.count + 1, least))
        for each in current:
            each.stop()
        current.clear()
        held = use(but)
        _rest(shell.live)
        after = alone()
        yield _round(measures, before, after), measures, held
        before = after
    heartbeat.stop()
    paints.deleteLater()


def _rest(live: LiveController) -> None:
    """Let all that is on its way be painted, and nothing follow."""
    live.rest()
    wait_until(lambda: not live.is_busy, PATIENCE_SECONDS)
    let_live(RESTING_SECONDS)


def _until_painted(paints: Paints, count: int) -> None:
    if not wait_until(lambda: paints.count >= count, PATIENCE_SECONDS):
        raise CameraError("No frame comes from the source any more; check it and try again.")


def _round(measures: Measures, before: Alone, after: Alone) -> Round:
    alone = (before.frames + after.frames) / 2
    explanation = (before.explanation + after.explanation) / 2
    at_best = 1000 * (1 / measures.source + explanation)
    return Round(
        seconds=measures.seconds,
        source=measures.source,
        network=measures.network,
        engine_alone=alone,
        share_of_engine=measures.network / min(alone, measures.source),
        latency_ratio=measures.latency.percentile(0.5) / at_best,
    )
