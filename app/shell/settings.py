"""What the program remembers, as a small JSON file; a bad value gives the default."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from app.sources.requests import RESOLUTIONS
from app.theme import ThemeWish
from app.view import View
from resnet_core.engines.choice import AUTO, WISHES
from resnet_core.explained.values import MapKind
from resnet_core.files import whole_file
from resnet_core.pictures.colormaps import Colormap

logger = logging.getLogger(__name__)

MOST_RECENT = 12


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything with its default. geometry: Qt's own bytes of the window's place, as hex."""

    theme: str = ThemeWish.SYSTEM.value
    zoom: float = 1.0
    geometry: str = ""
    weights: str = ""  # a card's name; the default's if it is empty
    engine: str = AUTO
    map_kind: str = MapKind.GRAD_CAM.value  # empty: the picture alone
    opacity: float = 0.6
    colormap: str = Colormap.VIRIDIS.value
    shared_scale: bool = False
    steady: float = 1.0  # seconds over which live answers are averaged
    camera: str = ""  # the identity of the camera that was used last
    mirror: bool = True
    resolution: str = ""  # WIDTHxHEIGHT to ask a camera for; the driver's choice if it is empty
    live_floor: float = 10.0  # frames per second under which live drawing is thinned; 0: never
    recent: tuple[str, ...] = ()

    @property
    def view(self) -> View:
        """How maps are shown."""
        kind = MapKind(self.map_kind) if self.map_kind else None
        return View(kind, self.opacity, Colormap(self.colormap), self.shared_scale)


_ALLOWED: dict[str, frozenset[str]] = {
    "theme": frozenset(wish.value for wish in ThemeWish),
    "engine": frozenset(WISHES),
    "map_kind": frozenset(["", *(kind.value for kind in MapKind)]),
    "resolution": frozenset(RESOLUTIONS),
    "colormap": frozenset(colormap.value for colormap in Colormap),
}
_RANGES = {
    "zoom": (0.8, 2.0),
    "opacity": (0.0, 1.0),
    "steady": (0.0, 3.0),
    "live_floor": (0.0, 60.0),
}


def default_path() -> Path:
    """The settings file in the platform's folder for it."""
    return user_config_path("SkipLens", appauthor=False) / "settings.json"


def read_settings(path: Path) -> Settings:
    """Read settings; what is missing or wrong takes its default and a line in the log."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        logger.warning("The settings cannot be read (%s); the defaults are used.", error)
        return Settings()
    return _checked(document if isinstance(document, dict) else {})


def write_settings(settings: Settings, path: Path) -> None:
    """Write settings, whole or not at all; a full or read-only disk costs only the memory."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            stream.write(json.dumps(asdict(settings), indent=1).encode())
    except OSError as error:
        logger.warning("The settings cannot be kept (%s).", error)


def _checked(document: Mapping[str, Any]) -> Settings:
    good: dict[str, Any] = {}
    for field in fields(Settings):
        if field.name not in document:
            continue
        value = document[field.name]
        if _fits(field.name, value):
            good[field.name] = tuple(value) if field.name == "recent" else value
        else:
            logger.warning("The setting %s is not %r; its default is used.", field.name, value)
    return Settings(**good)


def _fits(name: str, value: Any) -> bool:
    if name in _ALLOWED:
        return value in _ALLOWED[name]
    if name in _RANGES:
        low, high = _RANGES[name]
        return isinstance(value, int | float) and low <= value <= high
    if name in {"shared_scale", "mirror"}:
        return isinstance(value, bool)
    if name == "recent":
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    return isinstance(value, str)
