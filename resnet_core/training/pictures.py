"""Training pictures, decoded once into one memory map of bytes.

A run reads every picture many times; decoding costs more than a small network's step. The map is
written beside its final place and renamed, so that a broken build is never taken for a whole one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from resnet_core.arrays import Bytes, Integers
from resnet_core.errors import TrainingError
from resnet_core.labelled.layouts import find_layout
from resnet_core.labelled.trees import Tree, open_tree

_LOG = logging.getLogger(__name__)
_CHUNK = 1024
_FORMAT = 2


@dataclass(frozen=True, slots=True, eq=False)
class PictureSet:
    """pictures: uint8 (N, 3, pixels, pixels), RGB, read-only; labels: int64 (N,)."""

    pictures: Bytes
    labels: Integers

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Decoded data: the classes' folders and names in the order of the labels, and the two sets."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    pixels: int
    training: PictureSet
    validation: PictureSet


def load_pictures(data: Path, pixels: int, cache: Path) -> Pictures:
    """Decode the pictures of a folder, tar or zip, or open what was decoded before.

    data: what to read; pixels: the side of the stored squares; cache: the folder for the maps.
    Each picture's shorter side is brought to ``pixels`` and its centre cut out.
    Raises DataError if the data is no set of labelled pictures, and TrainingError if it is not
    there or cannot be read, or the disk cannot hold it.
    """
    if not data.exists():
        raise TrainingError(f"The training pictures at {data} are missing; name where they are.")
    place = cache / f"{data.stem}-{pixels}-{_key(data, pixels)}"
    if not (place / "index.json").is_file():
        _build(open_tree(data), pixels, place)
    index = json.loads((place / "index.json").read_text(encoding="utf-8"))
    return Pictures(
        tuple(index["classes"]),
        tuple(index["names"]),
        pixels,
        _open_set(place, "training"),
        _open_set(place, "validation"),
    )


def _key(data: Path, pixels: int) -> str:
    """Changes with the place, the size or the date of the data, and with our format."""
    status = data.stat()
    words = [_FORMAT, data.resolve(), pixels, status.st_size, status.st_mtime_ns]
    return hashlib.sha256("|".join(map(str, words)).encode()).hexdigest()[:12]


def _open_set(place: Path, split: str) -> PictureSet:
    pictures = np.load(place / f"{split}-pictures.npy", mmap_mode="r")
    return PictureSet(pictures, np.load(place / f"{split}-labels.npy"))


def _build(tree: Tree, pixels: int, place: Path) -> None:
    layout = find_layout(tree)
    place.parent.mkdir(parents=True, exist_ok=True)
    _check_room(place.parent, (len(layout.training) + len(layout.validation)) * 3 * pixels**2)
    unfinished = place.with_name(f"{place.name}.{os.getpid()}.partial")
    unfinished.mkdir()
    try:
        for split, labels in (("training", layout.training), ("validation", layout.validation)):
            _LOG.info("Decoding %d %s pictures", len(labels), split)
            _write_set(tree, labels, pixels, unfinished, split)
        index = {"pixels": pixels, "classes": layout.classes, "names": layout.names}
        (unfinished / "index.json").write_text(json.dumps(index), encoding="utf-8")
        unfinished.rename(place)
    except OSError as error:
        if (place / "index.json").is_file():
            return  # another process was faster
        raise TrainingError(f"The decoded pictures cannot be kept in {place}: {error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TrainingError(
            f"Decoding needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are "
            "free; name another cache folder or fewer pixels."
        )


def _write_set(tree: Tree, labels: dict[str, int], pixels: int, folder: Path, split: str) -> None:
    # Sorted, so that a folder and a tar of it give the same order and with it the same run.
    places = {name: number for number, name in enumerate(sorted(labels))}
    shape = (len(labels), 3, pixels, pixels)
    target = np.lib.format.open_memmap(folder / f"{split}-pictures.npy", "w+", np.uint8, shape)
    decode = partial(_decode, pixels=pixels)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = tree.read(labels.keys())
        while chunk := list(islice(files, _CHUNK)):
            decoded = pool.map(decode, chunk)
            for (name, _), picture in zip(chunk, decoded, strict=True):
                target[places[name]] = picture
    target.flush()
    np.save(folder / f"{split}-labels.npy", np.array([labels[name] for name in places], np.int64))


def _decode(file: tuple[str, bytes], pixels: int) -> Bytes:
    """RGB (3, pixels, pixels): the shorter side resized, the centre cut out."""
    name, contents = file
    picture = cv2.imdecode(np.frombuffer(contents, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise TrainingError(f"The training picture {name} cannot be read; replace or remove it.")
    height, width = picture.shape[:2]
    if min(height, width) != pixels:
        scale = pixels / min(height, width)
        size = (max(pixels, round(width * scale)), max(pixels, round(height * scale)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    top, left = (height - pixels) // 2, (width - pixels) // 2
    square = picture[top : top + pixels, left : left + pixels, ::-1]
    return np.ascontiguousarray(square.transpose(2, 0, 1), np.uint8)
