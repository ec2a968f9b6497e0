"""Painting of maps: the one place where they are normalised, and where the scale is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resnet_core.explained.values import Identity, MapKind
from resnet_core.pictures.colormaps import Colormap


@dataclass(frozen=True, slots=True, eq=False)
class PaintedMap:
    """One map in colours, at its own resolution.

    pixels: uint8 (h, w, 3), RGB, read-only; low and high: the values that the first and the last
    colour stand for. values: float32 (h, w) that were painted, for smooth enlarging.
    """

    name: str
    pixels: npt.NDArray[np.uint8]
    values: npt.NDArray[np.float32]
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """All maps of one kind of one explained picture, by the name of their block."""

    identity: Identity
    kind: MapKind
    colormap: Colormap
    shared_scale: bool
    maps: Mapping[str, PaintedMap]
