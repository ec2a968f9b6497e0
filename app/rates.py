"""How often something happens."""

from __future__ import annotations

from collections.abc import Sequence


def per_second(times: Sequence[float]) -> float:
    """Events per second between the first and the last of their times, in seconds, growing."""
    if len(times) < 2 or times[-1] <= times[0]:
        return 0.0
    return (len(times) - 1) / (times[-1] - times[0])
