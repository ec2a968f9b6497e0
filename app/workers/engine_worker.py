"""The one thread that loads models and asks the engine."""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QThread, Signal, Slot

from app.live_pace import Pace
from app.workers.better_engines import BetterEngines
from app.workers.engines_in_use import EnginesInUse
from app.workers.live_streams import STREAMS, LiveStreams
from app.workers.mailbox import Mailbox
from app.workers.niceness import step_back
from resnet_core.arrays import Floats
from resnet_core.engines.choice import AUTO, Choice, choose
from resnet_core.engines.engine import Engine, EngineDescription, Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import EngineError, SkipLensError, UsageError, WeightsError
from resnet_core.explained.values import Explained, Target, softmax
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import prepare
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model

logger = logging.getLogger(__name__)

CHUNK = 4
"""Forward passes with different strengths that run as one batch."""

LESIONS_SECONDS = 0.5
"""How often a live picture is asked what lesions do: that takes several forward passes."""

SLIDE_SECONDS = 0.05
"""Without a newer frame for so long it is a slide, and there is time for them."""

KEPT_MODELS = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the window wants to know. frame None: only get ready.

    lesions: blocks whose residual branch is off, beside the intact network.
    live: the picture moves on; what each block's loss would do waits until it stands still.
    """

    frame: Frame | None
    card: Card
    target: Target
    lesions: frozenset[str]
    engine: str = AUTO
    live: bool = False

    def same_question(self, other: Wish) -> bool:
        """Whether the intact network's answer is the same one, whatever is lesioned beside it."""
        return (self.frame is other.frame and self.card == other.card
                and self.target == other.target and self.engine == other.engine)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """The intact network's answer to a wish."""

    wish: Wish
    explained: Explained


@dataclass(frozen=True, slots=True, eq=False)
class Lesioned:
    """What the answers are without the wish's lesioned branches, and without each block's.

    then: probabilities (K,), None where nothing is lesioned. losses: by block, how the target's
    probability would change.
    """

    wish: Wish
    then: Floats | None
    losses: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A sentence for the user, and the wish that it is about.

    engine_missing: the engine that was wished for cannot be had at all.
    """

    wish: Wish
    sentence: str
    engine_missing: bool = False


class EngineWorker(QThread):
    """Answers the newest wish; what is asked while it works replaces what waited."""

    engine_ready = Signal(EngineDescription)
    measured = Signal(str)  # why it is this engine: what was found, and what is missing
    fell_back = Signal(str)  # an engine failed, another goes on
    room_changed = Signal(int)  # how many live frames are explained at once
    frame_explained = Signal(Explanation)
    lesion_explained = Signal(Lesioned)
    failed = Signal(Failure)

    def __init__(
        self,
        catalogue: Catalogue,
        make_engine: Callable[[str], Choice] = choose,
        better: BetterEngines | None = None,
    ) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._engines = EnginesInUse(make_engine)
        self._better = better
        self._mailbox: Mailbox[Wish] = Mailbox()
        self._streams = LiveStreams()
        self._pace = Pace.ONE
        self._room = 1
        self._newest_beside: Wish | None = None
        self._asked = 0
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._told: EngineDescription | None = None
        self._why = ""
        self._last: Explanation | None = None
        self._losses: dict[str, float] | None = None
        self._lesioned: tuple[frozenset[str], float] = (frozenset(), -math.inf)  # asked last, when

    @property
    def replaced(self) -> int:
        """Wishes that were replaced before they were begun."""
        return self._mailbox.replaced

    def ask(self, wish: Wish) -> None:
        """Leave a wish; never waits."""
        self._asked += 1
        self._mailbox.put(wish)

    @Slot(Pace)
    def set_pace(self, pace: Pace) -> None:
        """How live frames are explained, where the engine can; never waits."""
        self._pace = pace

    def finish(self) -> None:
        """End the thread after what it is at; never waits."""
        if self._better is not None:
            self._better.leave()
        self._mailbox.close()

    def run(self) -> None:
        step_back()
        while (wish := self._mailbox.take()) is not None:
            try:
                self._answer(wish)
            except SkipLensError as error:
                self.failed.emit(Failure(wish, str(error)))
            except Exception as error:
                logger.exception("Unexpected failure while explaining")
                self.failed.emit(
                    Failure(wish, f"Something unexpected went wrong ({error}); the log has more.")
                )
        self._streams.finish()
        self._engines.close()

    def _answer(self, wish: Wish) -> None:
        model = self._model(wish.card)
        try:
            engine = self._engine_for(wish, model)
        except EngineError as error:
            self.failed.emit(Failure(wish, str(error), engine_missing=True))
            return
        if self._begins_beside(engine, model, wish):
            return
        if wish.frame is None:
            self._falling_back(engine, lambda one: one.prepare(model))
            return
        if self._last is None or not self._last.wish.same_question(wish):
            request = Request(wish.frame, model, wish.target)
            engine, explained = self._falling_back(engine, lambda one: one.explain(request))
            self._last, self._losses = Explanation(wish, explained), None
        explanation = Explanation(wish, self._last.explained)
        self.frame_explained.emit(explanation)
        if self._lesions_are_due(wish):
            try:
                self._falling_back(engine, lambda one: self._lesions(one, model, explanation))
            except EngineError:
                logger.exception("The lesions of %s could not be computed", model.card.name)
            self._lesioned = (wish.lesions, time.monotonic())
        if self._better is not None and wish.engine == AUTO and not wish.live:
            self._better.look(model, lambda: self._asked)

    def _lesions_are_due(self, wish: Wish) -> bool:
        """A picture is asked when nothing newer waits; a live one, where something newer nearly
        always does, now and then.
        """
        if not wish.live:
            return not self._mailbox.waiting
        if not wish.lesions:
            return False
        lesions, asked_at = self._lesioned
        if lesions != wish.lesions or time.monotonic() - asked_at >= LESIONS_SECONDS:
            return True
        return not self._mailbox.wait(SLIDE_SECONDS)

    def _begins_beside(self, engine: Engine, model: Model, wish: Wish) -> bool:
        """Whether the wish is explained beside another one; then this does not wait for it."""
        if wish.live:
            self._streams.leave_others(engine, model)
        else:
            self._newest_beside = None
            self._streams.close()
        wanted = self._pace is not Pace.ONE and wish.live and not wish.lesions
        ready = wanted and self._streams.ready(engine, model)
        room = STREAMS if ready and self._pace is Pace.TWO else 1
        self._set_room(room)
        known = self._last is not None and self._last.wish.same_question(wish)
        if room == 1 or wish.frame is None or known:
            self._newest_beside = None
            self._streams.wait()
            return False

        def told(explained: Explained) -> None:
            self._last, self._losses = Explanation(wish, explained), None
            self.frame_explained.emit(self._last)

        def failed() -> None:
            # Alone, then. The answer to the newest one stands for those before it, too.
            if wish is self._newest_beside:
                self._mailbox.offer(wish)

        self._newest_beside = wish
        self._streams.begin(Request(wish.frame, model, wish.target), told, failed)
        return True

    def _set_room(self, room: int) -> None:
        if room != self._room:
            self._room = room
            self.room_changed.emit(room)

    def _engine_for(self, wish: Wish, model: Model) -> Engine:
        if self._engines.take_wish(wish.engine):
            self._last = None
            self._say_why(self._engines.reason)
        if self._better is not None and wish.engine == AUTO:
            found = self._better.take(model)
            if found is not None:
                self._engines.prefer(model.identity, found.engine)
            verdict = self._better.verdict(model)
            if verdict is not None:
                self._say_why(verdict.sentence)
        engine = self._engines.engine_for(model.identity)
        self._tell(engine)
        return engine

    def _say_why(self, sentence: str) -> None:
        if sentence != self._why:
            self._why = sentence
            self.measured.emit(sentence)

    def _tell(self, engine: Engine) -> None:
        description = engine.describe()
        if description != self._told:
            self._told = description
            self.engine_ready.emit(description)

    def _falling_back(self, engine: Engine, work: Callable[[Engine], T]) -> tuple[Engine, T]:
        """What the work gives, by the next engine if one fails at it."""
        while True:
            try:
                return engine, work(engine)
            except (UsageError, WeightsError):
                raise
            except Exception as error:
                logger.exception("%s failed in use", engine.describe().name)
                following = self._engines.fall_back(engine)
                if following is None:
                    raise
                name = following.describe().title
                self.fell_back.emit(f"{_reason(error)} {name} goes on with the same picture.")
                engine = following
                self._tell(engine)

    def _model(self, card: Card) -> Model:
        model = self._models.get(card.name)
        if model is None or model.card != card:
            while len(self._models) >= KEPT_MODELS:
                self._models.popitem(last=False)
            model = self._models[card.name] = load_ready(self._catalogue, card)
        self._models.move_to_end(card.name)
        return model

    def _lesions(self, engine: Engine, model: Model, explanation: Explanation) -> None:
        """What the wish's lesions do, then what each block's loss would do, unless that is known.

        Forward passes in chunks, given up when a newer wish arrives, but for a live picture.
        """
        wish = explanation.wish
        names = [block.name for block in model.config.blocks]
        then = None
        if wish.lesions:
            answers = self._without(engine, model, wish, [wish.lesions])
            if answers is None:
                return
            then = answers[0]
            self.lesion_explained.emit(Lesioned(wish, then, self._losses))
        if self._losses is None and not wish.live:
            answers = self._without(engine, model, wish, [frozenset([name]) for name in names])
            if answers is None:
                return
            target = explanation.explained.target_class
            before = float(explanation.explained.probabilities[target])
            self._losses = {
                name: float(answer[target]) - before
                for name, answer in zip(names, answers, strict=True)
            }
        self.lesion_explained.emit(Lesioned(wish, then, self._losses))

    def _without(
        self, engine: Engine, model: Model, wish: Wish, cases: list[frozenset[str]]
    ) -> list[Floats] | None:
        """Probabilities (K,) without the branches of each case; None if a newer wish came."""
        assert wish.frame is not None
        names = [block.name for block in model.config.blocks]
        picture = prepare(wish.frame, model.card.preprocessing)
        # Always whole chunks: another batch would have to be compiled.
        inputs = np.repeat(picture[None], CHUNK, axis=0)
        answers: list[Floats] = []
        for first in range(0, len(cases), CHUNK):
            if self._mailbox.waiting and not wish.live:
                return None
            strengths = np.ones((CHUNK, len(names)), np.float32)
            for row, case in enumerate(cases[first : first + CHUNK]):
                for name in case:
                    strengths[row, names.index(name)] = 0
            answers.extend(softmax(engine.logits(model, inputs, strengths)))
        return answers[: len(cases)]


def _reason(error: Exception) -> str:
    if isinstance(error, SkipLensError):
        return str(error)
    return f"The engine failed in a way that it should not ({type(error).__name__}: {error})."
