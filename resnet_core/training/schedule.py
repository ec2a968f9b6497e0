"""How far a run is, and what follows from it: the size, the learning rate, the time left."""

from __future__ import annotations

import math

from resnet_core.training.recipe import Phase, Recipe, Schedule


def progress(schedule: Schedule, pictures_seen: int, pictures: int, seconds: float) -> float:
    """The larger of the fractions of pictures and of time, at most 1.

    pictures: in one epoch; seconds: spent over all sittings.
    """
    done = pictures_seen / (schedule.epochs * pictures)
    if schedule.minutes is not None:
        done = max(done, seconds / (60 * schedule.minutes))
    return min(done, 1.0)


def phase_at(recipe: Recipe, done: float) -> Phase:
    """The phase that the progress ``done`` falls into."""
    end = 0.0
    for phase in recipe.phases:
        end += phase.share
        if done < end:
            return phase
    return recipe.phases[-1]


def rate_factor(schedule: Schedule, done: float) -> float:
    """The part of the peak learning rate: a straight rise, then half a cosine."""
    if done < schedule.warmup:
        # Never quite zero, so that the first step is one.
        return max(done, 0.01 * schedule.warmup) / schedule.warmup
    fall = (done - schedule.warmup) / (1 - schedule.warmup)
    return schedule.final + (1 - schedule.final) * 0.5 * (1 + math.cos(math.pi * fall))


def seconds_left(
    recipe: Recipe, done: float, pictures: int, pictures_per_second: float, spent: float
) -> float:
    """What the rest of the run will take, from the present rate and the sizes still to come.

    A picture costs its size squared. pictures: in one epoch; spent: seconds over all sittings.
    """
    if pictures_per_second <= 0:
        return math.inf
    here = phase_at(recipe, done).size ** 2
    start, ahead = 0.0, 0.0
    for phase in recipe.phases:
        end = start + phase.share
        ahead += max(0.0, end - max(start, done)) * phase.size**2 / here
        start = end
    left = ahead * recipe.schedule.epochs * pictures / pictures_per_second
    if recipe.schedule.minutes is not None:
        left = min(left, max(0.0, 60 * recipe.schedule.minutes - spent))
    return left
