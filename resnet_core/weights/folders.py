"""Where what the user fetched and imported is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

DATA_VARIABLE = "SKIPLENS_DATA"


def data_folder() -> Path:
    """The user's data folder: ``SKIPLENS_DATA`` where that is set, else the platform's."""
    wanted = os.environ.get(DATA_VARIABLE)
    if wanted:
        return Path(wanted).expanduser()
    return user_data_path("SkipLens", appauthor=False)


def published_folder() -> Path:
    """Published files, under their own names."""
    return data_folder() / "weights" / "published"


def imported_folder() -> Path:
    """The user's own weights, each with its card."""
    return data_folder() / "weights" / "imported"
