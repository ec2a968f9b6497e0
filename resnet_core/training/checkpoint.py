"""Checkpoints that survive a full disk and a killed process, and that execute nothing.

A checkpoint is written beside its place, brought to the disk, and renamed over the old one: what
is there is always whole. It is read with torch's restricted reader, which makes tensors and plain
values and calls no code of the file's.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from resnet_core.errors import TrainingError
from resnet_core.files import whole_file

CHECKPOINT_NAME = "checkpoint.pt"
FORMAT = 1


def write_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Keep the state of a run, in place of the one before.

    Raises TrainingError if the disk does not take it; the checkpoint before stays as it was.
    """
    place = folder / CHECKPOINT_NAME
    try:
        with whole_file(place) as stream:
            torch.save({"format": FORMAT, **state}, stream)
        _sync_folder(folder)
    except (OSError, RuntimeError) as error:
        raise TrainingError(
            f"The checkpoint {place} cannot be written ({error}); the one before is kept: "
            "make room, then go on with --resume."
        ) from error


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The state that was kept, or None where there is none yet.

    Raises TrainingError if the file is damaged or of another format.
    """
    place = folder / CHECKPOINT_NAME
    if not place.is_file():
        return None
    try:
        state = torch.load(place, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainingError(
            f"The checkpoint {place} is damaged; remove it to start anew."
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise TrainingError(f"The checkpoint {place} is of another release; remove it.")
    return state


def _sync_folder(folder: Path) -> None:
    """The rename itself has to reach the disk; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
