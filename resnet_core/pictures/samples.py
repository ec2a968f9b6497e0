"""The pictures that ship with the program, all in the public domain or CC0."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from resnet_core.bundled import bundled


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundled picture. truth: the classes that would be right answers, if a network has any."""

    name: str
    title: str
    path: Path
    licence: str
    source: str
    truth: tuple[str, ...]


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """Every bundled picture, those that a newcomer should see first in front."""
    folder = bundled("samples")
    return tuple(
        Sample(
            name=entry["name"],
            title=entry["title"],
            path=folder / entry["file"],
            licence=entry["licence"],
            source=entry["source"],
            truth=tuple(entry["truth"]),
        )
        for entry in json.loads((folder / "samples.json").read_text("utf-8"))
    )
