"""Looking, beside the worker, for an engine that answers sooner than the quick one and agrees."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from resnet_core.engines import choice
from resnet_core.engines.choice import QUICK, Candidate, Choice
from resnet_core.engines.trial import Verdict
from resnet_core.errors import SkipLensError
from resnet_core.weights.model import Model

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.5
"""A trial takes the whole computer for a second: it begins when nobody has asked for so long."""


class BetterEngines:
    """One search at a time, in a thread of its own: a framework may take seconds to load.

    What is found is an engine that has prepared the model. It belongs to who takes it.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._left = threading.Event()
        self._thread: threading.Thread | None = None
        self._searched: set[str] = set()
        self._found: dict[str, Choice] = {}
        self._verdicts: dict[str, Verdict] = {}

    def look(self, model: Model, asked: Callable[[], int]) -> None:
        """Search for a model, unless that was done or something is searched for already.

        asked: how many wishes there were so far; a search is given up when there is another.
        """
        busy = self._thread is not None and self._thread.is_alive()
        if busy or model.identity in self._searched or self._left.is_set():
            return
        self._thread = threading.Thread(
            target=self._search, args=(model, asked), name="better engines", daemon=True
        )
        self._thread.start()

    def take(self, model: Model) -> Choice | None:
        """The better engine for a model, once; None while there is none."""
        return self._found.pop(model.identity, None)

    def verdict(self, model: Model) -> Verdict | None:
        """What was measured with a model, None while nothing was."""
        return self._verdicts.get(model.identity)

    def leave(self) -> None:
        """Give up; never waits."""
        self._left.set()

    def _search(self, model: Model, asked: Callable[[], int]) -> None:
        before = asked()

        def given_up() -> bool:
            return self._left.is_set() or asked() != before

        try:
            verdict = choice.remembered(model)
            if verdict is None:
                self._left.wait(self._idle_seconds)
                if given_up() or len(choice.candidates()) < 2:
                    return
                verdict = choice.decide(model, given_up)
            if verdict is None:
                return
            self._verdicts[model.identity] = verdict
            self._searched.add(model.identity)
            winner = choice.chosen(verdict)
            if winner != Candidate(QUICK):
                engine = choice.make(winner)
                engine.prepare(model)
                self._found[model.identity] = Choice(engine, verdict.chosen.reason, verdict)
        except SkipLensError as error:
            self._searched.add(model.identity)
            logger.warning("No better engine: %s", error)
        except Exception:
            self._searched.add(model.identity)
            logger.exception("No better engine")
