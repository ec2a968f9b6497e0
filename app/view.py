"""How the maps are shown: what the user turned, apart from what is computed."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_core.explained.values import MapKind
from resnet_core.pictures.colormaps import Colormap


@dataclass(frozen=True, slots=True)
class View:
    """The user's choices for looking; changing one never computes anything again.

    kind: which map, None for the picture alone. opacity: of the map over the picture, 0 to 1.
    shared_scale: all maps on one scale, or each on its own.
    """

    kind: MapKind | None = MapKind.GRAD_CAM
    opacity: float = 0.6
    colormap: Colormap = Colormap.VIRIDIS
    shared_scale: bool = False
