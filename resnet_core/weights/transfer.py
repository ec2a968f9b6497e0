"""How far a file has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transfer:
    """done, total: bytes, total None where the server does not tell; bytes_per_second: of this
    sitting.
    """

    done: int
    total: int | None
    bytes_per_second: float

    @property
    def seconds_left(self) -> float | None:
        if self.total is None or self.bytes_per_second <= 0:
            return None
        return (self.total - self.done) / self.bytes_per_second


Report = Callable[[Transfer], None]
