"""Long things one after the other, told about, stopped, and left in time."""

import threading

import pytest

from app.workers.job_worker import Job, JobWorker
from resnet_core.errors import WeightsError

PATIENCE_MS = 5_000


@pytest.fixture
def worker(qtbot):
    made = JobWorker()
    yield made
    made.finish()
    assert made.wait(PATIENCE_MS)


def test_jobs_are_done_in_their_order_and_tell_how_far_they_are(qtbot, worker):
    told = []
    worker.progressed.connect(lambda key, far: told.append((key, far)))
    worker.done.connect(lambda key, result: told.append((key, result)))

    def work(report, stop):
        report(0.5)
        return "ready"

    with qtbot.waitSignals([worker.done, worker.done], timeout=PATIENCE_MS):
        worker.put(Job("first", work))
        worker.put(Job("second", work))

    assert told == [("first", 0.5), ("first", "ready"), ("second", 0.5), ("second", "ready")]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(WeightsError("It is gone."), "It is gone."), (KeyError("x"), "unexpected went wrong")],
)
def test_failure_is_told_and_the_next_job_is_done(qtbot, worker, error, sentence):
    def fail(report, stop):
        raise error

    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as failed:
        worker.put(Job("bad", fail))
    assert failed.args[0] == "bad"
    assert sentence in failed.args[1]
    with qtbot.waitSignal(worker.done, timeout=PATIENCE_MS):
        worker.put(Job("good", lambda report, stop: 1))


def test_running_and_waiting_jobs_can_be_stopped(qtbot, worker):
    def wait(report, stop):
        report("running")
        stop.wait(10)
        raise WeightsError("stopped")

    with qtbot.waitSignal(worker.progressed, timeout=PATIENCE_MS):
        worker.put(Job("long", wait))
    worker.put(Job("waiting", lambda report, stop: 1))
    worker.cancel("waiting")
    with qtbot.waitSignals([worker.stopped, worker.stopped], timeout=PATIENCE_MS):
        worker.cancel("long")


def test_leaving_stops_what_runs(qtbot):
    worker, seen = JobWorker(), threading.Event()

    def wait(report, stop):
        seen.set()
        stop.wait(10)

    worker.put(Job("long", wait))
    assert seen.wait(5)
    worker.finish()

    assert worker.wait(PATIENCE_MS)
