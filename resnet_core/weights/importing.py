"""The user's own weights: read from whatever file they lie in, kept as safetensors with a card."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import safetensors.numpy

from resnet_core.arrays import Array
from resnet_core.errors import WeightsError
from resnet_core.files import whole_file
from resnet_core.networks.config import BlockKind, NetworkConfig, Shortcut, StridePlacement
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.weights.card import Card, Provenance, Scores, Training
from resnet_core.weights.checkpoints import StoredTensor, open_checkpoint
from resnet_core.weights.documents import document_of, read_card, read_class_names
from resnet_core.weights.published import published_cards, published_name, sha256_prefix
from resnet_core.weights.recognition import Recognised, recognise

SUFFIXES = frozenset({".safetensors", ".pth", ".pt"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says of a file where its tensors cannot.

    names: a text or JSON file of class names; stride, shortcut: see ``recognise``; name: what the
    weights are called here (else the file's name); ask_stride: rather ask for a bottleneck's
    stride placement than take torchvision's.
    """

    names: Path | None = None
    stride: StridePlacement | None = None
    shortcut: Shortcut | None = None
    name: str | None = None
    ask_stride: bool = False


def import_file(
    path: Path, folder: Path, wishes: Wishes | None = None, taken: frozenset[str] = frozenset()
) -> Card:
    """Keep the network of a ``.safetensors``, ``.pth`` or ``.pt`` file in ``folder``.

    taken: names that other weights have. Numbers stay float16 or float32; other kinds become
    float32. Nothing in the file is executed. Raises WeightsError, and of it Undecided where
    the user has to say more; then nothing was written.
    """
    wishes = wishes or Wishes()
    tree = open_checkpoint(path)
    published = _published_original(path)
    stride = published.network.stride if published else wishes.stride
    found = recognise(tree, path.name, stride, wishes.shortcut, ask_stride=wishes.ask_stride)
    name = _name(path, wishes.name, taken)
    classes, named = _classes(found.network, wishes.names, published)
    # The mark of the layout is what torch's readers of safetensors ask for.
    contents = safetensors.numpy.save(_tensors(found), metadata={"format": "pt"})
    digest = hashlib.sha256(contents).hexdigest()
    card = Card(
        name=name,
        title=path.name,
        provenance=Provenance.YOURS,
        network=found.network,
        classes=classes,
        preprocessing=published.preprocessing if published else Preprocessing(),
        licence="yours to know",
        limits=_limits(found, named, published),
        file=f"{name}.safetensors",
        sha256=digest,
        bytes=len(contents),
        training=Training(data="not told by the file", recipe=_origin(path, found)),
    )
    _keep(card, contents, folder)
    return card


def read_tensors(path: Path, network: NetworkConfig) -> dict[str, Array]:
    """The tensors of a file that must hold this network, by torchvision's names.

    Raises WeightsError if it does not.
    """
    found = recognise(open_checkpoint(path), path.name, network.stride, network.shortcut)
    if found.network != network:
        raise WeightsError(
            f"{path.name} is a {found.network.title} of {found.network.classes} classes where "
            f"a {network.title} of {network.classes} is needed."
        )
    return _tensors(found)


def with_scores(card: Card, scores: Scores, folder: Path) -> Card:
    """Write what an imported network scored on its card. Raises WeightsError."""
    measured = replace(card, scores=scores)
    try:
        _write_card(measured, folder)
    except OSError as error:
        raise WeightsError(f"The card of {card.name} cannot be written: {error}.") from error
    return measured


def remove_imported(card: Card, folder: Path) -> None:
    """Remove what ``import_file`` kept. Raises WeightsError if the disk refuses."""
    try:
        (folder / f"{card.name}.json").unlink(missing_ok=True)
        (folder / str(card.file)).unlink(missing_ok=True)
    except OSError as error:
        raise WeightsError(f"{card.name} cannot be removed: {error.strerror}.") from error


def _name(path: Path, wanted: str | None, taken: frozenset[str]) -> str:
    name = re.sub(r"[^\w.+-]+", "-", wanted or path.stem).strip(".-")[:100]
    if not name or name.startswith("untrained-"):
        raise WeightsError(f"{wanted or path.stem} cannot name weights; give another with --name.")
    if name in taken:
        raise WeightsError(f"There are other weights named {name}; give another with --name.")
    return name


def _published_original(path: Path) -> Card | None:
    """The published card whose very file this is: by its name and by the checksum in the name."""
    published = published_name(path.name)
    if published is None:
        return None
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if not found.startswith(sha256_prefix(path.name)):
        return None
    return next(card for card in published_cards() if card.file == published)


def _classes(
    network: NetworkConfig, names: Path | None, published: Card | None
) -> tuple[tuple[str, ...], bool]:
    """The class names, and whether they are real ones."""
    if names is None:
        if published is not None:
            return published.classes, True
        return tuple(f"class {number}" for number in range(network.classes)), False
    try:
        classes = read_class_names(names)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"The class names in {names.name} cannot be read ({error}).") from error
    if len(classes) != network.classes:
        raise WeightsError(
            f"{names.name} has {len(classes)} class names and the network {network.classes} "
            "classes; give one name for each, in the order of the outputs."
        )
    return classes, True


def _tensors(found: Recognised) -> dict[str, Array]:
    tensors = {name: _floats(tensor) for name, tensor in found.tensors.items()}
    tensors.setdefault("fc.bias", np.zeros(found.network.classes, np.float32))
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise WeightsError(f"The tensor {name} holds numbers that are not finite; train anew.")
    return tensors


def _floats(tensor: StoredTensor) -> Array:
    numbers = tensor.read()
    return numbers if numbers.dtype in (np.float16, np.float32) else numbers.astype(np.float32)


def _limits(found: Recognised, named: bool, published: Card | None) -> str:
    if published is not None:
        return f"the very file that torchvision publishes as {published.name}"
    parts = ["what it was trained on is not known, so its pictures are prepared as for ImageNet"]
    if not named:
        parts.append("its class names are missing")
    if not found.stride_told and found.network.kind is BlockKind.BOTTLENECK:
        parts.append("its stride placement is taken to be torchvision's v1.5, tensors do not tell")
    return "; ".join(parts)


def _origin(path: Path, found: Recognised) -> str:
    inside = f", from its {found.wrapper}" if found.wrapper else ""
    before = f", names without {found.prefix!r}" if found.prefix else ""
    return f"your file {path.name}{inside}{before}"


def _keep(card: Card, contents: bytes, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = folder / f"{card.name}.json"
        if there.exists() and read_card(there).sha256 != card.sha256:
            raise WeightsError(
                f"You have other weights named {card.name}; remove them or give another name "
                "with --name."
            )
        with whole_file(folder / str(card.file)) as stream:
            stream.write(contents)
        _write_card(card, folder)
    except OSError as error:
        raise WeightsError(
            f"{card.name} cannot be kept in {folder}: {error.strerror or error}."
        ) from error


def _write_card(card: Card, folder: Path) -> None:
    document = json.dumps(document_of(card), indent=1, ensure_ascii=False) + "\n"
    with whole_file(folder / f"{card.name}.json") as stream:
        stream.write(document.encode())
