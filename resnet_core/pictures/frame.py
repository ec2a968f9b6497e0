"""One picture on its way to an engine, whatever it came from."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np

from resnet_core.arrays import Bytes
from resnet_core.errors import PictureError

Pixels = Bytes

_numbers = count(1)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture as it was captured or decoded, upright.

    pixels: uint8 (H, W, 3), RGB, read-only. number: unique in the process, growing.
    captured: ``time.monotonic()`` in seconds. name: for captions; path: where it was read, if so.
    """

    pixels: Pixels
    name: str
    path: Path | None = None
    number: int = field(default_factory=lambda: next(_numbers))
    captured: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise PictureError(
                f"{self.name} is not a picture of RGB bytes but {self.pixels.dtype} "
                f"{self.pixels.shape}; decode it first."
            )
        self.pixels.flags.writeable = False

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])
