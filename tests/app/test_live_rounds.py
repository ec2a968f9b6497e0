"""How a live run is cut into rounds."""

import pytest

from app.live_rounds import ROUNDS, SHORTEST_SECONDS, lengths


@pytest.mark.parametrize(
    ("seconds", "count"), [(1, 1), (4, 1), (12, 3), (20, ROUNDS), (300, 5), (3600, 60)]
)
def test_rounds_are_few_and_neither_short_nor_longer_than_a_minute(seconds, count):
    found = lengths(seconds)

    assert len(found) == count
    assert sum(found) == pytest.approx(seconds)
    assert min(seconds, SHORTEST_SECONDS) <= found[0] <= 60
