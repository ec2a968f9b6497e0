"""What a live run is measured by: exact enough, and of constant size."""

import numpy as np
import pytest

from app.live_measures import Distribution, use


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


def test_a_file_that_is_held_open_is_counted(tmp_path):
    before = use()
    if before is None:
        pytest.skip("only Linux tells what a process holds")
    with (tmp_path / "held").open("w"):
        during = use()

    assert during.files == before.files + 1
    assert during.memory > 10
