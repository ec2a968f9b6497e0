"""What tests of the window share: a clock of their own, and live sources."""

import pytest

from app.workers.source_worker import SourceWorker, make_source


class Clock:
    """Seconds that pass only when a test says so."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def running(qtbot):
    """Starts a worker on a request; gives it, its states and its frames."""
    workers = []

    def begin(request, make=make_source):
        worker = SourceWorker(request, make)
        states, frames = [], []
        worker.state_changed.connect(states.append)
        worker.frame_arrived.connect(lambda: frames.append(worker.take()))
        workers.append(worker)
        worker.start()
        return worker, states, frames

    yield begin
    for worker in workers:
        worker.finish()
        assert worker.wait(5000)
