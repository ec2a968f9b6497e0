"""How weights learned: the loss over the pictures seen, kept beside their card."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from resnet_core.bundled import bundled

_MOST_POINTS = 80


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The mean training loss around the moment when so many pictures had been seen."""

    pictures: int
    loss: float


def read_curve(name: str, folder: Path | None = None) -> tuple[CurvePoint, ...]:
    """The learning curve of bundled weights, empty where none is kept."""
    path = (folder or bundled("weights")) / f"{name}.curve.csv"
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        return tuple(CurvePoint(int(row["pictures"]), float(row["loss"])) for row in rows)
    except (OSError, KeyError, ValueError):
        return ()


def write_curve(steps: Path, name: str, folder: Path) -> None:
    """Thin the log of a run to a curve: means over equal stretches, eighty points at most."""
    with steps.open(newline="", encoding="utf-8") as stream:
        rows = [(int(row["pictures"]), float(row["loss"])) for row in csv.DictReader(stream)]
    stretch = -(-len(rows) // _MOST_POINTS) or 1
    with (folder / f"{name}.curve.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("pictures", "loss"))
        for start in range(0, len(rows), stretch):
            part = rows[start : start + stretch]
            writer.writerow((part[-1][0], f"{sum(loss for _, loss in part) / len(part):.4f}"))
