"""The folders of the user that the program keeps things in."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

_PROGRAM = "SkipLens"
DATA_VARIABLE = "SKIPLENS_DATA"
CACHE_VARIABLE = "SKIPLENS_CACHE"


def data_folder() -> Path:
    """For what must last: ``SKIPLENS_DATA`` where that is set, else the platform's own place."""
    wanted = os.environ.get(DATA_VARIABLE)
    return Path(wanted).expanduser() if wanted else user_data_path(_PROGRAM, appauthor=False)


def cache_folder() -> Path:
    """For what can be made again: ``SKIPLENS_CACHE``, else the platform's own place."""
    wanted = os.environ.get(CACHE_VARIABLE)
    return Path(wanted).expanduser() if wanted else user_cache_path(_PROGRAM, appauthor=False)
