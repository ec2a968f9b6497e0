"""Painting of maps: the one place where they are normalised, and where the scale is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from resnet_core.arrays import Bytes, Floats
from resnet_core.explained.values import Explained, Identity, MapKind
from resnet_core.pictures.colormaps import Colormap, table
from resnet_core.pictures.frame import Pixels
from resnet_core.pictures.preprocessing import Region

OUTSIDE = 0.4
"""How bright the part of a picture is that the network did not get."""


@dataclass(frozen=True, slots=True, eq=False)
class PaintedMap:
    """One map that is to be coloured, at its own resolution.

    values: float32 (h, w). low and high: the values that the first and the last colour stand for.
    """

    name: str
    values: Floats
    low: float
    high: float
    colormap: Colormap

    @property
    def pixels(self) -> Bytes:
        """In colours: uint8 (h, w, 3), RGB, read-only. Made when asked for: a strip that is thinned
        shows few maps.
        """
        return colour(self.values, self.high, self.colormap)


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """All maps of one kind of one explained picture, by the name of their block."""

    identity: Identity
    kind: MapKind
    colormap: Colormap
    shared_scale: bool
    maps: Mapping[str, PaintedMap]


def paint(
    explained: Explained, kind: MapKind, colormap: Colormap, *, shared_scale: bool = False
) -> Painted:
    """The maps of one kind to be coloured, from zero to the largest value.

    Only the positive part is shown: it is all that activations, gradient maps and LayerCAM have,
    and what speaks for the target in Grad-CAM. shared_scale: the largest value of all maps instead
    of each one's own, so that a silent block looks silent.
    """
    maps = {block.name: np.maximum(block.map(kind), 0) for block in explained.blocks}
    peaks = {name: _peak(values) for name, values in maps.items()}
    if shared_scale:
        peaks = dict.fromkeys(peaks, max(peaks.values()))
    painted = {
        name: PaintedMap(name, values, 0.0, peaks[name], colormap) for name, values in maps.items()
    }
    return Painted(explained.identity, kind, colormap, shared_scale, painted)


def colour(values: Floats, peak: float, colormap: Colormap) -> Pixels:
    """Colour values from 0 to peak: float32 (h, w) -> uint8 (h, w, 3), read-only.

    What is not a finite number is hatched in grey, so that a broken map never looks like a map.
    """
    known = np.isfinite(values)
    whole = bool(known.all())
    steps = _steps(values if whole else np.where(known, values, np.float32(0)), peak)
    rounded = np.clip(steps + np.float32(0.5), 0, 255).astype(np.uint8)
    # `take` is four times as fast as the plain spelling on 1000 x 1000 pixels.
    pixels: Pixels = table(colormap).take(rounded, axis=0)
    if not whole:
        pixels[~known] = _hatched(*values.shape)[~known]
    pixels.flags.writeable = False
    return pixels


def smooth(painted: PaintedMap, height: int, width: int, colormap: Colormap) -> Pixels:
    """The map enlarged to uint8 (height, width, 3): values are blended first, then coloured."""
    pixels: Pixels = table(colormap).take(smooth_steps(painted, height, width), axis=0)
    known = np.isfinite(painted.values)
    if not known.all():
        holes = Image.fromarray(~known).resize((width, height), Image.Resampling.NEAREST)
        unknown = np.asarray(holes)
        pixels[unknown] = _hatched(height, width)[unknown]
    pixels.flags.writeable = False
    return pixels


def smooth_steps(painted: PaintedMap, height: int, width: int) -> Bytes:
    """The enlarged map as steps of a colormap, uint8 (height, width); 0 where it is not finite."""
    values = np.where(np.isfinite(painted.values), painted.values, np.float32(0))
    # Scaled, and moved up by what rounding down takes, while it is small: enlarging only blends.
    steps = _steps(values, painted.high) + np.float32(0.5)
    rows, columns = values.shape
    enlarged = _blending(height, rows) @ steps @ _blending(width, columns).T
    # Bicubic blending goes a little beyond what was measured.
    return np.clip(enlarged, 0, 255, out=enlarged).astype(np.uint8)


def overlay(
    pixels: Pixels, region: Region, painted: PaintedMap, colormap: Colormap, opacity: float
) -> Pixels:
    """The picture in grey under the map, which covers what the network got; dimmed outside.

    pixels: uint8 (H, W, 3). Returns a new uint8 (H, W, 3).
    """
    grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    mixed = np.repeat((grey * OUTSIDE)[:, :, None], 3, axis=2)
    # A crop that is larger than the resized picture reaches beyond it; so does its map.
    upper, left = round(region.top), round(region.left)
    colours = smooth(painted, max(1, round(region.height)), max(1, round(region.width)), colormap)
    colours = colours[max(0, -upper) :, max(0, -left) :]
    inside = grey[max(0, upper) :, max(0, left) :][: colours.shape[0], : colours.shape[1], None]
    height, width = inside.shape[:2]
    upper, left = max(0, upper), max(0, left)
    shown = inside + opacity * (colours[:height, :width] - inside)
    mixed[upper : upper + height, left : left + width] = shown
    return np.rint(mixed).astype(np.uint8)


def _steps(values: Floats, peak: float) -> Floats:
    """Values from 0 to peak as 0 to 255, not yet whole."""
    return values * (np.float32(255) / np.float32(peak if peak > 0 else np.inf))


@lru_cache(maxsize=16)
def _blending(new: int, old: int) -> Floats:
    """Bicubic resizing of a column as a matrix, float32 (new, old): what it makes of the identity.

    Two products of matrices enlarge a map to 460 x 460 in a fourth of the time of resizing it.
    """
    identity = Image.fromarray(np.eye(old, dtype=np.float32))
    return np.asarray(identity.resize((old, new), Image.Resampling.BICUBIC))


def _hatched(height: int, width: int) -> Pixels:
    """Diagonal stripes in two greys, uint8 (height, width, 3)."""
    stripe = max(1, max(height, width) // 16)
    diagonal = np.add.outer(np.arange(height), np.arange(width)) // stripe % 2
    greys = np.array([[96] * 3, [176] * 3], np.uint8)
    pixels: Pixels = greys[diagonal]
    return pixels


def _peak(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max(initial=0.0))
