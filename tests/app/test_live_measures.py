"""What a live run is measured by: exact enough, and of constant size."""

import multiprocessing
from types import SimpleNamespace

import numpy as np
import pytest

from app.live_measures import Distribution, Measures, use
from app.shell.live_controller import Figures, LiveController


def test_percentiles_are_those_of_numpy_to_a_step():
    values = np.random.default_rng(0).gamma(2, 10, 5000)
    found = Distribution()
    for value in values:
        found.add(value)

    for share in (0.5, 0.95, 0.99):
        assert found.percentile(share) == pytest.approx(np.quantile(values, share), abs=0.11)
    assert found.worst == values.max()
    assert found.count == 5000


def test_what_is_longer_than_the_scale_counts_as_its_end():
    found = Distribution()
    found.add(7200.0)

    assert found.percentile(0.5) == pytest.approx(2000, abs=0.2)
    assert found.worst == 7200


def test_nothing_has_no_percentile():
    assert Distribution().percentile(0.99) == 0


def test_what_comes_between_stop_and_begin_counts_nowhere(qtbot):
    live = LiveController()
    measures = Measures(SimpleNamespace(live=live))

    def tell(dropped, seen):
        live.figures_changed.emit(Figures(30.0, 25.0, 0.05, dropped, seen))

    for dropped in (0, 50):
        measures.begin()
        tell(dropped, 100 + dropped)
        tell(dropped + 2, 110 + dropped)
        measures.stop()
        so_far = measures.seconds
        tell(dropped + 40, 150 + dropped)

    assert (measures.dropped, measures.seen) == (4, 20)
    assert measures.source == 30
    assert measures.source_rates.count == 4
    assert measures.seconds == so_far > 0


def test_a_child_can_be_left_out_of_what_is_held():
    if use() is None:
        pytest.skip("only Linux tells what a process holds")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=theirs.recv, daemon=True)
    child.start()
    assert use().children > use(but=child.pid).children
    ours.send(None)
    child.join()


def test_a_file_that_is_held_open_is_counted(tmp_path):
    before = use()
    if before is None:
        pytest.skip("only Linux tells what a process holds")
    with (tmp_path / "held").open("w"):
        during = use()

    assert during.files == before.files + 1
    assert during.memory > 10
