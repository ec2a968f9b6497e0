"""The screen or window that was shared last, as the desktop remembers it: a token of its own."""

from __future__ import annotations

import logging
from pathlib import Path

from resnet_core.files import whole_file
from resnet_core.folders import data_folder

logger = logging.getLogger(__name__)


def remembered_choice() -> str | None:
    """The token of the last choice; None if the desktop gave none."""
    try:
        return _path().read_text("utf-8").strip() or None
    except (OSError, ValueError):
        return None


def remember_choice(token: str) -> None:
    """Keep a token: each is good for one time, and brings the next."""
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path, sync=False) as stream:
            # It opens the screen without asking anybody.
            Path(stream.name).chmod(0o600)
            stream.write(token.encode())
    except OSError as error:
        logger.warning("The choice of a screen cannot be kept (%s).", error)


def _path() -> Path:
    return data_folder() / "shared-screen"
