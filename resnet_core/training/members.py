"""Several one-thread processes on one processor, where they are faster than one with all threads.

The calling process is the first of the group. A process that dies breaks its connections, and the
others end with it: none goes on alone after its leader was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path

import torch

from resnet_core.errors import SkipLensError, TrainingError
from resnet_core.training.parallel import (
    ALONE,
    Group,
    await_others,
    join,
    leave,
    meet,
    started_by_torchrun,
)
from resnet_core.training.pictures import Pictures, load_pictures
from resnet_core.training.precision import choose_arithmetic, choose_device
from resnet_core.training.recipe import Recipe
from resnet_core.training.run import Habits, Run
from resnet_core.training.step import Learner

_LOG = logging.getLogger(__name__)
_TRIAL_STEPS = 4


@dataclass(frozen=True, slots=True)
class Job:
    """All that a process needs to take part. data: folder, tar or zip; folder: the run's own."""

    recipe: Recipe
    data: Path
    folder: Path
    cache: Path

    def pictures(self) -> Pictures:
        """The decoded pictures."""
        return load_pictures(self.data, self.recipe.data_pixels, self.cache)


Work = Callable[[Job, Group], None]


def take_part(job: Job, group: Group) -> None:
    """Train as the leader says, without a word."""
    arithmetic = choose_arithmetic(job.recipe.precision, choose_device(group.rank))
    run = Run(job.recipe, job.pictures(), job.folder, arithmetic, group, Habits())
    run.resume()
    if run.train():
        run.finish()


@contextmanager
def group_of(job: Job, size: int, work: Work = take_part) -> Iterator[Group]:
    """A group led by this process, the others doing ``work``; under torchrun, torchrun's group.

    Raises TrainingError if one of the processes ended before its work was done.
    """
    if started_by_torchrun():
        group = join(choose_device(int(os.environ.get("LOCAL_RANK", "0"))))
        try:
            yield group
            await_others(group)
        finally:
            leave(group)
    elif size == 1:
        yield ALONE
    else:
        with _own_group(job, size, work) as group:
            yield group


@contextmanager
def _own_group(job: Job, size: int, work: Work) -> Iterator[Group]:
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory(prefix="skiplens-") as folder:
        place = Path(folder) / "meeting"
        spawn = multiprocessing.get_context("spawn")
        others = [
            spawn.Process(target=_member, args=(rank, size, place, job, work), daemon=True)
            for rank in range(1, size)
        ]
        for process in others:
            process.start()
        torch.set_num_threads(1)
        try:
            group = meet(0, size, place)
            try:
                yield group
            except RuntimeError as error:
                # Before parting, after which the others end by themselves.
                _blame_the_dead(others, error)
                raise
            finally:
                leave(group)
        finally:
            torch.set_num_threads(threads)
            for process in _settled(others):
                process.terminate()
                process.join()


def _blame_the_dead(others: list[SpawnProcess], error: RuntimeError) -> None:
    """The group's own report is of sockets; what matters is that a process is gone."""
    if any(process.exitcode not in (None, 0) for process in _settled(others)):
        raise TrainingError(
            "One of the training processes ended early; go on with --resume."
        ) from error


def _member(rank: int, size: int, place: Path, job: Job, work: Work) -> None:
    # Ctrl-C reaches every process of a terminal; the leader alone decides when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    group = meet(rank, size, place)
    try:
        work(job, group)
    except (RuntimeError, SkipLensError):
        # Most often the leader is gone; what went wrong there, it tells itself.
        _LOG.debug("Process %d of the training ends", rank, exc_info=True)
        sys.exit(1)
    finally:
        leave(group)


def _settled(processes: list[SpawnProcess]) -> list[SpawnProcess]:
    """The processes, after those that are about to end have had a moment for it."""
    deadline = time.monotonic() + 5
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
    return processes


def faster_size(job: Job) -> int:
    """How many processes train this recipe fastest here: 1, or one for each core.

    One process where there is a GPU or torchrun has decided. Else both ways are tried for a few
    steps of the recipe's longest phase, some seconds each.
    """
    size = min(os.cpu_count() or 1, job.recipe.optimiser.parts)
    while job.recipe.optimiser.parts % size:
        size -= 1
    if size == 1 or torch.cuda.is_available() or started_by_torchrun():
        return 1
    rates = {count: _trial_rate(job, count) for count in (1, size)}
    words = ", ".join(f"{count}: {rate:.0f} pictures/s" for count, rate in rates.items())
    _LOG.info("Tried processes (%s)", words)
    return max(rates, key=lambda count: rates[count])


def _trial_rate(job: Job, size: int) -> float:
    with group_of(job, size, _try) as group:
        return _trial(job, group)


def _try(job: Job, group: Group) -> None:
    _trial(job, group)


def _trial(job: Job, group: Group) -> float:
    """Pictures per second over a few steps that nothing remembers."""
    recipe = job.recipe
    arithmetic = choose_arithmetic(recipe.precision, choose_device(group.rank))
    learner = Learner(recipe, job.pictures().training, arithmetic, group)
    phase = max(recipe.phases, key=lambda phase: phase.share)
    # The first step also plans its kernels.
    learner.step(0, phase, 0.0, gauged=False)
    began, pictures = time.monotonic(), 0
    for number in range(1, 1 + _TRIAL_STEPS):
        pictures += learner.step(number, phase, 0.0, gauged=False).pictures
    return pictures / (time.monotonic() - began)
