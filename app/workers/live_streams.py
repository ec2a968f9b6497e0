"""Explaining live frames side by side, each on a share of the processors."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from app.workers.niceness import step_back
from resnet_core.engines.engine import Engine, EngineDescription, Request
from resnet_core.explained.values import Explained
from resnet_core.weights.model import Model

logger = logging.getLogger(__name__)

STREAMS = 2
"""More would each take as many times as long, and a live answer comes late enough with two."""


@dataclass(slots=True, eq=False)
class _Streams:
    """The engines of one model, empty until they are ready."""

    engine: Engine
    model: Model
    engines: tuple[Engine, ...] = ()
    free: SimpleQueue[Engine] = field(default_factory=SimpleQueue)

    def are_of(self, engine: Engine, model: Model) -> bool:
        return self.engine is engine and self.model is model

    @property
    def key(self) -> tuple[EngineDescription, str]:
        return self.engine.describe(), self.model.identity


@dataclass(slots=True, eq=False)
class _Begun:
    """A request on its way. explained: for good None where it failed."""

    request: Request
    told: Callable[[Explained], None]
    failed: Callable[[], None]
    explained: Explained | None = None
    done: bool = False

    def tell(self) -> None:
        if self.explained is None:
            self.failed()
        else:
            self.told(self.explained)


class LiveStreams:
    """Explains some requests of one model at once; answers keep the requests' order.

    An engine gives each processor a part of every layer and waits for the slowest: what else runs
    on one of them holds up all. Side by side nobody waits for a processor that is held up. One
    thread calls it.
    """

    def __init__(self) -> None:
        self._streams: _Streams | None = None
        self._coming: _Streams | None = None  # what the thread below compiles, wanted or not
        self._thread: threading.Thread | None = None
        self._declined: set[tuple[EngineDescription, str]] = set()
        self._pool = ThreadPoolExecutor(STREAMS, "live stream", step_back)
        self._begun: deque[_Begun] = deque()
        self._changed = threading.Condition()

    def ready(self, engine: Engine, model: Model) -> bool:
        """Whether requests can begin. What they need is compiled in a thread of its own, one at a
        time. Never where the engine has no streams, or one failed with this model.
        """
        self.leave_others(engine, model)
        with self._changed:
            if self._streams is None:
                wanted = _Streams(engine, model)
                if wanted.key in self._declined:
                    return False
                if self._coming is None:
                    self._coming = wanted
                    self._thread = threading.Thread(
                        target=self._prepare, args=(wanted,), name="live streams", daemon=True
                    )
                    self._thread.start()
                if self._coming.are_of(engine, model):
                    self._streams = self._coming
            return self._streams is not None and bool(self._streams.engines)

    def leave_others(self, engine: Engine, model: Model) -> None:
        """Free what is of another engine or model, or has failed."""
        streams = self._streams
        if streams is not None and (
            not streams.are_of(engine, model) or streams.key in self._declined
        ):
            self.close()

    def begin(
        self, request: Request, told: Callable[[Explained], None], failed: Callable[[], None]
    ) -> None:
        """Explain once a stream is free. told or failed: called then, in another thread."""
        assert self._streams is not None
        begun = _Begun(request, told, failed)
        with self._changed:
            self._changed.wait_for(lambda: len(self._begun) < STREAMS)
            self._begun.append(begun)
        self._pool.submit(self._explain, self._streams, begun)

    def wait(self) -> None:
        """Until all that was begun is told."""
        with self._changed:
            self._changed.wait_for(lambda: not self._begun)

    def close(self) -> None:
        """Wait, and free what the streams hold."""
        self.wait()
        with self._changed:
            streams, self._streams = self._streams, None
        if streams is not None:
            _close(streams.engines)

    def finish(self) -> None:
        """Close, and wait for what is still compiled: a process that ends meanwhile may crash."""
        self.close()
        self._pool.shutdown()
        if self._thread is not None:
            self._thread.join()

    def _prepare(self, streams: _Streams) -> None:
        step_back()
        engines: tuple[Engine, ...] = ()
        try:
            engines = streams.engine.streams(streams.model, STREAMS)
        except Exception:
            logger.exception("%s explains one picture at a time", streams.engine.describe().name)
        with self._changed:
            self._coming = None
            if not engines:
                self._declined.add(streams.key)
            wanted = streams is self._streams
            if wanted:
                for engine in engines:
                    streams.free.put(engine)
                streams.engines = engines
        if not wanted:
            _close(engines)

    def _explain(self, streams: _Streams, begun: _Begun) -> None:
        engine = streams.free.get()
        try:
            begun.explained = engine.explain(begun.request)
        except Exception:
            logger.exception("%s failed beside another", engine.describe().name)
            with self._changed:
                self._declined.add(streams.key)
        finally:
            streams.free.put(engine)
            with self._changed:
                begun.done = True
                while self._begun and self._begun[0].done:
                    self._begun.popleft().tell()
                self._changed.notify_all()


def _close(engines: tuple[Engine, ...]) -> None:
    for engine in engines:
        engine.close()
