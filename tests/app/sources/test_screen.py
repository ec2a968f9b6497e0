"""The screen as a source, with Qt's own offscreen screen."""

from app.sources.requests import ScreenRequest
from app.sources.states import Lost
from app.workers.source_worker import SourceWorker


def test_region_of_the_screen_is_grabbed_while_the_window_runs(qtbot):
    worker = SourceWorker(ScreenRequest(region=(10, 10, 101, 50)))
    frames, states = [], []
    worker.frame_arrived.connect(lambda: frames.append(worker.take()))
    worker.state_changed.connect(states.append)
    worker.start()
    qtbot.waitUntil(lambda: len(frames) > 2 or any(isinstance(s, Lost) for s in states))
    worker.finish()
    assert worker.wait(1000)

    assert frames, states
    assert frames[0].pixels.shape == (50, 101, 3)


def test_region_outside_the_screen_is_told(qtbot):
    worker, states = SourceWorker(ScreenRequest(region=(90_000, 0, 10, 10))), []
    worker.state_changed.connect(states.append)
    worker.start()
    qtbot.waitUntil(lambda: any(isinstance(state, Lost) for state in states))
    worker.finish()
    assert worker.wait(1000)
    assert "outside the screen" in states[-1].sentence
