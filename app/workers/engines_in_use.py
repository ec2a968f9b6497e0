"""Which engine answers now: the one that was wished for, a better one, or what is left."""

from __future__ import annotations

import logging
from collections.abc import Callable

from resnet_core.engines.choice import Choice, fallbacks
from resnet_core.engines.engine import Engine
from resnet_core.errors import EngineError

logger = logging.getLogger(__name__)


class EnginesInUse:
    """Belongs to the worker's thread. make: from a wish to an engine; EngineError if none is."""

    def __init__(self, make: Callable[[str], Choice]) -> None:
        self._make = make
        self._wish: str | None = None
        self._engine: Engine | None = None
        self._preferred: dict[str, Engine] = {}
        self._failed: set[str] = set()
        self.reason = ""  # why it is this engine

    def take_wish(self, wish: str) -> bool:
        """Whether the wish is another one; then what failed before gets another chance.

        Raises EngineError, keeping the engine of before, if it cannot be had.
        """
        if wish == self._wish and self._engine is not None:
            return False
        made = self._make(wish)
        self.close()
        self._wish, self._engine, self.reason = wish, made.engine, made.reason
        self._failed.clear()
        return True

    def prefer(self, model: str, engine: Engine) -> None:
        """Answer for the model of that identity with another engine, unless its device failed."""
        if engine.describe().name in self._failed:
            _close(engine)
        else:
            self._preferred[model] = engine

    def engine_for(self, model: str) -> Engine:
        """What answers for the model of that identity."""
        assert self._engine is not None
        return self._preferred.get(model, self._engine)

    def fall_back(self, failed: Engine) -> Engine | None:
        """The next engine for everything, after one failed; None if nothing is left."""
        name = failed.describe().name
        self._failed.add(name)
        self._preferred = {
            model: engine for model, engine in self._preferred.items() if engine is not failed
        }
        if failed is not self._engine:
            _close(failed)
            return self._engine
        for candidate in fallbacks(name):
            if candidate.name in self._failed:
                continue
            try:
                following = self._make(candidate.name).engine
            except EngineError as error:
                logger.info("%s cannot go on: %s", candidate.name, error)
                continue
            _close(failed)
            self._engine = following
            return following
        return None

    def close(self) -> None:
        """Free what the engines hold."""
        for engine in self._preferred.values():
            _close(engine)
        self._preferred.clear()
        if self._engine is not None:
            _close(self._engine)
            self._engine = None


def _close(engine: Engine) -> None:
    try:
        engine.close()
    except Exception:
        # A device that has just failed may fail at this as well.
        logger.exception("%s could not be closed", engine.describe().name)
