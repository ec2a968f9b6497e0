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
from resnet_core.engines.engine import Engine, Request
from resnet_core.explained.values import Explained
from resnet_core.weights.model import Model

logger = logging.getLogger(__name__)

STREAMS = 2
"""More would each take as many times as long, and a live answer comes late enough with two."""


@dataclass(slots=True, eq=False)
class _Streams:
    """The engines of one model, empty until they are ready. failed: that one of them did."""

    engine: Engine
    model: Model
    engines: tuple[Engine, ...] = ()
    free: SimpleQueue[Engine] = field(default_factory=SimpleQueue)
    failed: bool = False


@dataclass(slots=True, eq=False)
class _Begun:
    """A request on its way. explained: for good None where it failed."""

    request: Request
    told: Callable[[Explained], None]
    failed: Callable[[], None]
    explained: Explained | None = None
    done: bool = False


class LiveStreams:
    """Explains some requests of one model at once; answers keep the requests' order.

    An engine gives each processor a part of every layer and waits for the slowest: what else runs
    on one of them holds up all. Side by side nobody waits for a processor that is held up. One
    thread calls it.
    """

    def __init__(self) -> None:
        self._streams: _Streams | None = None
        self._pool = ThreadPoolExecutor(STREAMS, "live stream", step_back)
        self._preparing: threading.Thread | None = None
        self._begun: deque[_Begun] = deque()
        self._changed = threading.Condition()

    def ready(self, engine: Engine, model: Model) -> bool:
        """Whether requests can begin. What they need is compiled in a thread of its own.

        Never where the engine has no streams; where one failed not until engine or model change.
        """
        streams = self._streams
        if streams is None or streams.engine is not engine or streams.model is not model:
            self.close()
            streams = self._streams = _Streams(engine, model)
            self._preparing = threading.Thread(
                target=self._prepare, args=(streams,), name="live streams", daemon=True
            )
            self._preparing.start()
        return bool(streams.engines) and not streams.failed

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
        if self._preparing is not None:
            self._preparing.join()

    def _prepare(self, streams: _Streams) -> None:
        step_back()
        try:
            engines = streams.engine.streams(streams.model, STREAMS)
        except Exception:
            logger.exception("%s explains one picture at a time", streams.engine.describe().name)
            return
        with self._changed:
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
            streams.failed = True
        streams.free.put(engine)
        with self._changed:
            begun.done = True
            while self._begun and self._begun[0].done:
                first = self._begun.popleft()
                if first.explained is None:
                    first.failed()
                else:
                    first.told(first.explained)
            self._changed.notify_all()


def _close(engines: tuple[Engine, ...]) -> None:
    for engine in engines:
        engine.close()
