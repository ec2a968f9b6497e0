"""Saving the view as PNG and the maps as NPZ."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from app.workers.engine_worker import Explanation
from resnet_core.errors import UsageError
from resnet_core.explained.archive import map_arrays, write_archive


def ask_for_file(parent: QWidget, title: str, proposal: str, kinds: str) -> Path | None:
    """The file that the user names, None if they change their mind."""
    name, _ = QFileDialog.getSaveFileName(parent, title, proposal, kinds)
    return Path(name) if name else None


def save_view(window: QWidget, path: Path) -> None:
    """Write what the window shows, at the display's own pixels. Raises UsageError."""
    if not window.grab().save(str(path), "PNG"):
        raise UsageError(f"{path.name} cannot be written there; choose another folder.")


def save_maps(explanation: Explanation, path: Path) -> None:
    """Write all maps, float32 and signed, as ``conv4_2/grad_cam``, with a note of what they are.

    Raises UsageError if the file cannot be written.
    """
    explained, wish = explanation.explained, explanation.wish
    about = {
        "picture": wish.frame.name if wish.frame else None,
        "weights": wish.card.name,
        "target": wish.card.classes[explained.target_class],
        "engine": explained.engine,
        "precision": explained.precision,
    }
    write_archive(path, {**map_arrays(explained), "about": np.array(json.dumps(about))})
