"""One training run: from a recipe and pictures to averaged weights, in as many sittings as needed.

A checkpoint holds the weights, the optimiser's state, the average and the counters; with what
``step`` promises, a resumed run goes on as if it had never stopped.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from resnet_core.errors import TrainingError
from resnet_core.networks.modules import ResNet
from resnet_core.training.averaging import measure_statistics
from resnet_core.training.checkpoint import read_checkpoint, write_checkpoint
from resnet_core.training.logs import RunLog, ScoreRow, StepRow
from resnet_core.training.parallel import ALONE, Group
from resnet_core.training.pictures import Pictures
from resnet_core.training.precision import Arithmetic
from resnet_core.training.recipe import Phase, Recipe
from resnet_core.training.schedule import phase_at, progress, rate_factor, seconds_left
from resnet_core.training.scoring import score
from resnet_core.training.step import Learner, StepResult
from resnet_core.weights.card import Scores

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands: steps and pictures done, seconds over all sittings."""

    step: int = 0
    pictures: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says of itself after each step, for a progress line."""

    place: Place
    done: float
    phase: Phase
    loss: float
    pictures_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Habits:
    """What does not decide the outcome: how often to write, log and measure.

    wants_to_stop: asked before each step; the run then writes a checkpoint and ends.
    """

    checkpoint_seconds: float = 180.0
    log_steps: int = 25
    score_seconds: float = math.inf
    wants_to_stop: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Tally:
    """Sums since the last row of the log."""

    loss: float = 0.0
    right: float = 0.0
    pictures: int = 0

    def add(self, result: StepResult) -> None:
        self.loss += result.loss
        self.right += result.right
        self.pictures += result.pictures


class _Speed:
    """Pictures per second over the last ten seconds or so."""

    def __init__(self, pictures: int) -> None:
        self._seconds, self._pictures = time.monotonic(), pictures
        self._value = 0.0

    def after(self, pictures: int) -> float:
        """The present rate, after as many pictures of the run."""
        elapsed = time.monotonic() - self._seconds
        if elapsed >= 10 or self._value == 0:
            self._value = (pictures - self._pictures) / max(elapsed, 1e-6)
        if elapsed >= 10:
            self._seconds, self._pictures = time.monotonic(), pictures
        return self._value


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the leading process decides before a step, for all."""

    seconds: float
    saves: bool
    scores: bool
    stops: bool


class Run:
    """A run in a folder; the same folder and recipe take it up again."""

    def __init__(
        self,
        recipe: Recipe,
        pictures: Pictures,
        folder: Path,
        arithmetic: Arithmetic,
        group: Group = ALONE,
        habits: Habits | None = None,
    ) -> None:
        """Raises TrainingError if the data's classes are not as many as the network's."""
        if len(pictures.classes) != recipe.network.classes:
            raise TrainingError(
                f"The data has {len(pictures.classes)} classes and the recipe's network "
                f"{recipe.network.classes}; make them equal."
            )
        self._recipe, self._pictures, self._folder = recipe, pictures, folder
        self._arithmetic, self._group = arithmetic, group
        self._habits = habits or Habits()
        self._learner = Learner(recipe, pictures.training, arithmetic, group)
        self._tally = _Tally()
        self.place = Place()
        self._speed = _Speed(0)
        self._last_save = self._last_score = 0.0

    @property
    def done(self) -> float:
        """Progress from 0 to 1."""
        count = len(self._pictures.training)
        return progress(self._recipe.schedule, self.place.pictures, count, self.place.seconds)

    def resume(self) -> bool:
        """Take up the folder's checkpoint; False where there is none.

        Raises TrainingError if the checkpoint is damaged or of another recipe.
        """
        state = read_checkpoint(self._folder)
        if state is None:
            return False
        if state["recipe"] != self._recipe.digest():
            raise TrainingError(
                f"The checkpoint in {self._folder} is of another recipe; "
                "name another folder, or the recipe that it was started with."
            )
        self._learner.restore(state)
        self.place = Place(**state["place"])
        self._tally = _Tally(**state["tally"])
        return True

    def train(self, report: Callable[[Report], None] = lambda _: None) -> bool:
        """Go on to the end of the schedule; False where ``wants_to_stop`` ended it before.

        Raises TrainingError if the loss is no number any more or a checkpoint cannot be written;
        what the last checkpoint holds is never lost.
        """
        log = RunLog(self._folder, self._learner.network, self.place.step) if self._leads else None
        self._last_save = self._last_score = self.place.seconds
        self._speed = _Speed(self.place.pictures)
        began = time.monotonic() - self.place.seconds
        while True:
            decision = self._decide(time.monotonic() - began)
            self.place = replace(self.place, seconds=decision.seconds)
            done = self.done
            if done >= 1 or decision.stops:
                self.save()
                return done >= 1
            if decision.saves:
                self.save()
            if decision.scores:
                self._score(log)
            self._advance(done, log, report)

    def save(self) -> None:
        """Write a checkpoint (the leading process)."""
        self._last_save = self.place.seconds
        if self._leads:
            state = {
                "recipe": self._recipe.digest(),
                **self._learner.state(),
                "place": asdict(self.place),
                "tally": asdict(self._tally),
            }
            write_checkpoint(self._folder, state)

    def finish(self) -> tuple[ResNet, Scores]:
        """The averaged network, its batch norm measured, and how often it is right.

        It is scored in float32, as whoever uses the weights will run them: bf16 moves accuracies
        by a tenth of a percent.
        """
        pictures, size = self._pictures, self._recipe.evaluation_size
        network = self._learner.average.network(self._learner.network)
        count = self._recipe.averaging.statistics_pictures
        measure_statistics(network, pictures.training, size, count, self._arithmetic)
        name = f"{self._recipe.title} validation pictures"
        validation = pictures.validation
        exact = replace(self._arithmetic, bf16=False)
        return network, score(network, validation, size, exact, name, self._group)

    @property
    def _leads(self) -> bool:
        return self._group.leads

    def _decide(self, seconds: float) -> _Decision:
        habits = self._habits
        wishes = [
            seconds,
            seconds - self._last_save >= habits.checkpoint_seconds,
            seconds - self._last_score >= habits.score_seconds,
            habits.wants_to_stop(),
        ]
        # The leader's clock and wishes: processes that disagree would wait for each other forever.
        agreed, *others = self._group.from_leader(wishes, self._arithmetic.device)
        saves, scores, stops = (wish > 0 for wish in others)
        return _Decision(agreed, saves, scores, stops)

    def _advance(self, done: float, log: RunLog | None, report: Callable[[Report], None]) -> None:
        """One step, and what is to be told of it."""
        phase = phase_at(self._recipe, done)
        factor = rate_factor(self._recipe.schedule, done)
        rate = factor * self._recipe.optimiser.learning_rate
        at_row = (self.place.step + 1) % self._habits.log_steps == 0
        result = self._learner.step(self.place.step, phase, rate, gauged=at_row)
        if not math.isfinite(result.loss):
            raise TrainingError(
                f"The loss is no number any more at step {self.place.step}; "
                "lower the recipe's learning rate."
            )
        self._tally.add(result)
        self.place = replace(
            self.place,
            step=self.place.step + 1,
            pictures=self.place.pictures + result.pictures,
        )
        report(self._report(done, phase))
        if at_row:
            self._end_row(log, done, phase, rate)

    def _end_row(self, log: RunLog | None, done: float, phase: Phase, rate: float) -> None:
        place, tally = self.place, self._tally
        if log is not None:
            accuracy = 100 * tally.right / tally.pictures
            loss = tally.loss / tally.pictures
            row = StepRow(
                place.step, place.pictures, place.seconds, done, phase.size, rate, loss, accuracy
            )
            log.add_step(row, self._learner.gauge)
        self._tally = _Tally()

    def _report(self, done: float, phase: Phase) -> Report:
        place, count = self.place, len(self._pictures.training)
        speed = self._speed.after(place.pictures)
        left = seconds_left(self._recipe, done, count, speed, place.seconds)
        loss = self._tally.loss / self._tally.pictures
        return Report(place, done, phase, loss, speed, left)

    def _score(self, log: RunLog | None) -> None:
        _, scores = self.finish()
        self._last_score = self.place.seconds
        if log is not None:
            place, size = self.place, self._recipe.evaluation_size
            log.add_score(
                ScoreRow(place.step, place.pictures, place.seconds, size, scores.top1, scores.top5)
            )
            _LOG.info("Top-1 %.2f %%, top-5 %.2f %% at %d pixels", scores.top1, scores.top5, size)
