"""Tensors of a safetensors file that stay in the file until somebody reads them.

A network whose compiled graph is kept needs none of them: the window answers without having them
in memory. The format is a length, that many bytes of JSON, and the tensors one after the other
(https://huggingface.co/docs/safetensors).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import safe_open

from resnet_core.weights.model import Tensors

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8"}
_LENGTH_BYTES = 8


def mapped(path: Path) -> Tensors:
    """All tensors by name, read-only. Raises SafetensorError if the file is damaged.

    As long as they live the file cannot be removed on Windows: for files that stay.
    """
    with safe_open(path, "numpy"):  # checks the header and the places of all tensors
        pass
    whole = np.memmap(path, np.uint8, "r")
    length = int.from_bytes(whole[:_LENGTH_BYTES].tobytes(), "little")
    start = _LENGTH_BYTES + length
    header = json.loads(whole[_LENGTH_BYTES:start].tobytes())
    header.pop("__metadata__", None)
    return {
        name: whole[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]]
        .view(_DTYPES[entry["dtype"]])
        .reshape(entry["shape"])
        for name, entry in header.items()
    }
