"""Where the weights are kept that the user fetched and imported."""

from __future__ import annotations

from pathlib import Path

from resnet_core.folders import data_folder


def weights_folder() -> Path:
    """All of them."""
    return data_folder() / "weights"


def published_folder() -> Path:
    """Published files, under their own names."""
    return weights_folder() / "published"


def imported_folder() -> Path:
    """The user's own weights, each with its card."""
    return weights_folder() / "imported"
