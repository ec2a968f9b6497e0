"""The eight files of ImageNet weights that torchvision publishes, and where they lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from resnet_core.bundled import bundled
from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.weights.card import Card, Provenance, Scores, Training
from resnet_core.weights.documents import read_class_names

BASE_ADDRESS = "https://download.pytorch.org/models/"
_CLASSES = "imagenet-1k.classes.json"
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class _File:
    """A row of torchvision's table; the digits in the name are the first of the SHA-256."""

    depth: int
    version: int
    name: str
    mebibytes: float
    top1: float
    top5: float
    older_name: str | None = None


_FILES = (
    _File(18, 1, "resnet18-f37072fd.pth", 44.661, 69.758, 89.078, "resnet18-5c106cde.pth"),
    _File(34, 1, "resnet34-b627a593.pth", 83.275, 73.314, 91.420, "resnet34-333f7ec4.pth"),
    _File(50, 1, "resnet50-0676ba61.pth", 97.781, 76.130, 92.862, "resnet50-19c8e357.pth"),
    _File(50, 2, "resnet50-11ad3fa6.pth", 97.790, 80.858, 95.434),
    _File(101, 1, "resnet101-63fe2227.pth", 170.511, 77.374, 93.546, "resnet101-5d3b4d8f.pth"),
    _File(101, 2, "resnet101-cd907fc2.pth", 170.530, 81.886, 95.780),
    _File(152, 1, "resnet152-394f9c45.pth", 230.434, 78.312, 94.046, "resnet152-b121ed2d.pth"),
    _File(152, 2, "resnet152-f82ba261.pth", 230.474, 82.284, 96.002),
)
_OLDER_NAMES = {file.name: file.older_name for file in _FILES if file.older_name}


@cache
def published_cards() -> tuple[Card, ...]:
    """A card for each published file, by depth and version.

    ``bytes`` is as exact as the published size, a thousandth of a MiB; nothing is checked by it.
    """
    classes = read_class_names(bundled("weights", _CLASSES))
    return tuple(_card(file, classes) for file in _FILES)


def sha256_prefix(file_name: str) -> str:
    """The first digits of the SHA-256 that a published file tells in its name.

    ``resnet50-0676ba61.pth`` -> ``0676ba61``.
    """
    return Path(file_name).stem.rpartition("-")[2]


def published_name(file_name: str) -> str | None:
    """The present name of a published file, whichever of its names is given; None for others."""
    for file in _FILES:
        if file_name in (file.name, file.older_name):
            return file.name
    return None


def find_published(card: Card, folder: Path) -> Path | None:
    """Where the card's file lies: in ``folder``, else in torch hub's cache, else None.

    Only looks; what it finds is checked when it is loaded.
    """
    names = [str(card.file), _OLDER_NAMES.get(str(card.file))]
    places = [folder, torch_hub_folder()]
    for place in places:
        for name in names:
            if name is not None and (place / name).is_file():
                return place / name
    return None


def torch_hub_folder() -> Path:
    """Where torch keeps what it downloads, by torch's own rules."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or os.path.join(caches, "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def _card(file: _File, classes: tuple[str, ...]) -> Card:
    config = NetworkConfig(file.depth, Shortcut.B, StridePlacement.V1_5, classes=len(classes))
    recipes = {1: "torchvision's simple recipe, like the paper's", 2: "torchvision's new recipe"}
    return Card(
        name=f"resnet{file.depth}-B-imagenet1k-v{file.version}",
        title=f"ImageNet-1k V{file.version}",
        provenance=Provenance.PUBLISHED,
        network=config,
        classes=classes,
        preprocessing=Preprocessing(crop=(224, 224), resize={1: 256, 2: 232}[file.version]),
        licence="BSD 3-clause for torchvision's files; the training pictures come from ImageNet "
        "and its terms (research, education) apply to them",
        limits="knows ImageNet's 1000 things",
        file=file.name,
        bytes=round(file.mebibytes * _MEBIBYTE),
        training=Training(data="ImageNet-1k", recipe=recipes[file.version]),
        scores=Scores(
            data="ImageNet-1k validation pictures, one crop, as published by torchvision",
            pictures=50_000,
            top1=file.top1,
            top5=file.top5,
        ),
        url=BASE_ADDRESS + file.name,
        sha256_prefix=sha256_prefix(file.name),
    )
