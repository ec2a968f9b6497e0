"""Maps as a NumPy archive, float32 and signed as they were computed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from resnet_core.arrays import Array
from resnet_core.explained.values import Explained, MapKind
from resnet_core.files import output_file


def map_arrays(explained: Explained) -> dict[str, Array]:
    """Every map of every block, as ``conv4_2/grad_cam``."""
    return {
        f"{block.name}/{kind.value}": block.map(kind)
        for block in explained.blocks
        for kind in MapKind
    }


def write_archive(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write a compressed NPZ. Raises UsageError if the file cannot be written."""
    with output_file(path) as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
