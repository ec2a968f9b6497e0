"""A promise of speed or size, and what it came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A promise. at_least: whether more is better."""

    name: str
    limit: float
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a target came to; value is None where it cannot be measured, and the note says why."""

    target: Target
    value: float | None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None where it was not measured."""
        if self.value is None:
            return None
        if self.target.at_least:
            return self.value >= self.target.limit
        return self.value <= self.target.limit

    @property
    def line(self) -> str:
        """For people."""
        relation = "at least" if self.target.at_least else "at most"
        promise = f"{self.target.name:72} {relation} {self.target.limit:5}"
        if self.value is None:
            return f"{promise}   not measured: {self.note}"
        return f"{promise}   {self.value:6.2f}   {'met' if self.met else 'missed'}"

    def as_document(self) -> dict[str, object]:
        """For programs."""
        return {**asdict(self.target), "value": self.value, "met": self.met, "note": self.note}
