"""One sitting of a run: as far as time and patience go, and the weights at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch

from resnet_core.errors import TrainingError
from resnet_core.training.checkpoint import CHECKPOINT_NAME
from resnet_core.training.export import Origin, export, source_commit
from resnet_core.training.members import Job, faster_size, group_of
from resnet_core.training.parallel import Group
from resnet_core.training.precision import choose_arithmetic, choose_device
from resnet_core.training.run import Habits, Report, Run
from resnet_core.weights.card import Card

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """finished: whether the run came to its end; card: of the weights, for the leading process."""

    finished: bool
    card: Card | None = None


def sit(
    job: Job,
    habits: Habits,
    resumes: bool = False,
    processes: int | None = None,
    report: Callable[[Report], None] = lambda _: None,
) -> Outcome:
    """Train until the run or the sitting ends; then measure, and write weights and card.

    processes: how many share the work on a processor, None to try what is faster.
    Raises TrainingError if the run cannot start or go on; at most the minutes since the last
    checkpoint are lost.
    """
    _check_folder(job, resumes)
    job.pictures()  # decoded by one process before the others look for them
    size = faster_size(job) if processes is None else processes
    if size < 1 or job.recipe.optimiser.parts % size:
        raise TrainingError(
            f"{size} processes cannot share a batch of {job.recipe.optimiser.parts} parts evenly; "
            "choose a number that divides it."
        )
    try:
        with group_of(job, size) as group:
            return _sit(job, habits, group, report)
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise TrainingError(_NO_MEMORY) from error
    except OSError as error:
        raise TrainingError(
            f"The run in {job.folder} cannot go on ({error}); make room, then use --resume."
        ) from error
    except RuntimeError as error:
        if "can't allocate memory" in str(error):  # the processor's allocator has no class for it
            raise TrainingError(_NO_MEMORY) from error
        raise


_NO_MEMORY = (
    "The memory does not hold a part of a batch; close other programs and go on with --resume, "
    "or start anew with more parts in the recipe."
)


def _sit(job: Job, habits: Habits, group: Group, report: Callable[[Report], None]) -> Outcome:
    recipe, pictures = job.recipe, job.pictures()
    arithmetic = choose_arithmetic(recipe.precision, choose_device(group.rank))
    run = Run(recipe, pictures, job.folder, arithmetic, group, habits)
    run.resume()
    _LOG.info("%s on %s, %d processes", recipe.name, arithmetic.words, group.size)
    if not run.train(report):
        return Outcome(finished=False)
    network, scores = run.finish()
    if not group.leads:
        return Outcome(finished=True)
    training, validation = len(pictures.training), len(pictures.validation)
    origin = Origin(
        data=f"{recipe.title}: {training:,} pictures to learn from, {validation:,} to measure on",
        pictures_seen=run.place.pictures,
        hours=run.place.seconds / 3600,
        hardware=arithmetic.words,
        commit=source_commit(),
    )
    card = export(network, recipe, pictures.names, origin, scores, job.folder)
    return Outcome(finished=True, card=card)


def _check_folder(job: Job, resumes: bool) -> None:
    exists = (job.folder / CHECKPOINT_NAME).is_file()
    if exists and not resumes:
        raise TrainingError(
            f"A run lies in {job.folder} already; go on with --resume or name another --folder."
        )
    if resumes and not exists:
        raise TrainingError(
            f"No run lies in {job.folder} to go on with; start it without --resume."
        )
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"The run's folder {job.folder} cannot be made: {error}.") from error
