"""Which of several engines is the fastest that agrees: timed in turn on bundled pictures."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from resnet_core.arrays import Floats
from resnet_core.engines.engine import Engine, Request
from resnet_core.explained.values import Explained, MapKind

logger = logging.getLogger(__name__)

F32 = "f32"

LEAST_COSINE = 0.999
LEAST_COSINE_ROUNDED = 0.99
"""How far maps of float32, and of fewer bits, have to point the same way as the reference's."""

COMPARING_SECONDS = 0.5
TIMING_SECONDS = 0.5
LEAST_PICTURES = 3
MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How one engine did.

    seconds: median for one explained picture, None if it is out. cosine: the worst between one of
    its maps and the reference's, over all blocks and kinds; None if there was none to compare.
    reason: what speaks for or against it, half a sentence.
    """

    name: str
    precision: str
    seconds: float | None
    cosine: float | None
    reason: str

    @property
    def title(self) -> str:
        """``torch:cuda half``."""
        return f"{self.name} {self.precision}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standing of each engine that was tried, fastest first, then those that are out."""

    standings: tuple[Standing, ...]

    @property
    def chosen(self) -> Standing:
        return self.standings[0]

    @property
    def sentence(self) -> str:
        """What was chosen, and why not the others."""
        return "; ".join(f"{one.title}: {one.reason}" for one in self.standings)


def hold_trial(
    engines: Sequence[Engine],
    requests: Sequence[Request],
    given_up: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.perf_counter,
) -> Verdict | None:
    """Hold the engines' maps against those of the first, then time in turn those that agree.

    requests: pictures of one model. The maps of every one that is compared have to agree; on a
    network that is slow not all are. given_up: asked between pictures; when it says so, there is
    no verdict. An engine that fails is out, and its standing says why; only the failure of the
    first is raised.
    """
    trial = _Trial(engines, clock)
    deadline = math.inf
    for done, request in enumerate(requests):
        if given_up():
            return None
        if done >= LEAST_PICTURES and clock() >= deadline:
            break
        trial.compare(request)
        # The first picture waits for compilers.
        deadline = min(deadline, clock() + COMPARING_SECONDS)
    deadline = clock() + TIMING_SECONDS
    for _ in range(MOST_ROUNDS):
        for number in trial.running:
            if given_up():
                return None
            trial.time(number, requests[0])
        if clock() >= deadline:
            break
    return trial.verdict()


def worst_cosine(one: Explained, other: Explained) -> tuple[float, str]:
    """The least cosine between two engines' maps of one picture, and the block that it is in."""
    return min(
        (_cosine(block.map(kind), twin.map(kind)), block.name)
        for block, twin in zip(one.blocks, other.blocks, strict=True)
        for kind in MapKind
    )


class _Trial:
    def __init__(self, engines: Sequence[Engine], clock: Callable[[], float]) -> None:
        self._engines, self._clock = engines, clock
        self._cosines: dict[int, float] = {}
        self._seconds: dict[int, list[float]] = {number: [] for number in range(len(engines))}
        self._out: dict[int, str] = {}

    @property
    def running(self) -> list[int]:
        """The engines that are still in."""
        return list(self._seconds)

    def compare(self, request: Request) -> None:
        """Hold every engine's maps of a picture against the first one's."""
        reference: Explained | None = None
        for number in self.running:
            found = self._explain(number, request)
            if found is None:
                continue
            reference = reference or found
            cosine, block = worst_cosine(found, reference)
            self._cosines[number] = min(cosine, self._cosines.get(number, 1.0))
            exact = found.precision == F32
            if found.top(1) != reference.top(1):
                self._leave(number, f"gives another answer than {reference.engine}")
            elif not cosine >= (LEAST_COSINE if exact else LEAST_COSINE_ROUNDED):
                # Written so that what is no number at all is out as well.
                who = f"{reference.engine} {reference.precision}"
                self._leave(number, f"disagrees with {who} in {block}, cosine {cosine:.3f}")

    def time(self, number: int, request: Request) -> None:
        """One picture more for the median."""
        begun = self._clock()
        if self._explain(number, request) is not None:
            self._seconds[number].append(self._clock() - begun)

    def _leave(self, number: int, reason: str) -> None:
        self._out[number] = reason
        del self._seconds[number]

    def verdict(self) -> Verdict:
        medians = {number: float(np.median(times)) for number, times in self._seconds.items()}
        order = sorted(medians, key=lambda number: medians[number])
        timed = [
            self._standing(number, medians[number], _words(medians[number], medians[order[0]]))
            for number in order
        ]
        out = [self._standing(number, None, reason) for number, reason in self._out.items()]
        return Verdict((*timed, *out))

    def _explain(self, number: int, request: Request) -> Explained | None:
        try:
            return self._engines[number].explain(request)
        except Exception as error:
            if number == 0:
                raise
            logger.exception("%s is out", self._engines[number].describe().name)
            self._leave(number, f"failed: {error}")
            return None

    def _standing(self, number: int, seconds: float | None, reason: str) -> Standing:
        description = self._engines[number].describe()
        cosine = self._cosines.get(number)
        return Standing(description.name, description.precision, seconds, cosine, reason)


def _words(seconds: float, best: float) -> str:
    picture = f"{1000 * seconds:.1f} ms a picture"
    if seconds == best:
        return f"the fastest that agrees, {picture}"
    return f"{picture}, {seconds / best:.1f} times as long"


def _cosine(a: Floats, b: Floats) -> float:
    first, second = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms > 0 else float(np.array_equal(first, second))
