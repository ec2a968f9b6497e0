"""Which picture is of which class, and which are held out: from the names of the files alone.

Two layouts are understood, at the top of the tree or below folders that hold nothing else:
``train/CLASS/**`` with ``val/CLASS/**`` (or no ``val``, or only ``CLASS/**``: then every twentieth
picture of a class is held out), and Tiny ImageNet's own, whose validation pictures lie in one
folder with their labels in ``val_annotations.txt``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from resnet_core.errors import DataError
from resnet_core.labelled.trees import Tree

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
ANNOTATIONS = "val/val_annotations.txt"
WORDS = "words.txt"
HOLD_OUT_EVERY = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Labels of pictures by file name; a label is a place in ``classes``.

    classes: the folders' names, sorted; names: what people call them (the folders' names, where
    nothing tells more).
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    training: dict[str, int]
    validation: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Splits:
    """The class folder of each picture by file name, as the tree parts them."""

    training: dict[str, str]
    validation: dict[str, str]
    words: dict[str, str]  # synonyms by WordNet's number, where the tree tells them


def find_layout(tree: Tree) -> Layout:
    """Tell training and validation pictures and their classes.

    Raises DataError if there are fewer than two classes, or no pictures to validate on.
    """
    splits = _splits(tree)
    training, validation = splits.training, splits.validation
    if not validation:
        training, validation = _hold_out(training)
    classes = tuple(sorted(set(training.values())))
    if len(classes) < 2:
        raise DataError("There are no two folders of classes with pictures in the data.")
    labels = {name: number for number, name in enumerate(classes)}
    layout = Layout(
        classes,
        tuple(splits.words.get(name, name).split(",")[0] for name in classes),
        {name: labels[kind] for name, kind in training.items()},
        # Tiny ImageNet's redistributed copy lists pictures of classes that are not its own.
        {name: labels[kind] for name, kind in validation.items() if kind in labels},
    )
    if not layout.validation:
        raise DataError("The data holds no validation pictures, so nothing could be measured.")
    return layout


def find_measured(tree: Tree) -> tuple[dict[str, str], dict[str, str]]:
    """What to measure on: the class folder of each picture, and synonyms of the folders' names.

    The validation pictures where the tree tells them apart, else all pictures.
    Raises DataError if there are none.
    """
    splits = _splits(tree)
    measured = splits.validation or splits.training
    known = set(splits.training.values())
    if splits.validation and known:
        measured = {name: kind for name, kind in measured.items() if kind in known}
    if not measured:
        raise DataError("There are no pictures in folders of classes in the data.")
    return measured, splits.words


def _splits(tree: Tree) -> _Splits:
    names = tree.names()
    pictures = [name for name in names if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES]
    top = _top(pictures)
    below = {name: PurePosixPath(name).parts[len(top) :] for name in pictures}
    split = any(parts[0] in ("train", "val") and len(parts) > 2 for parts in below.values())
    training, validation = {}, {}
    for name, parts in below.items():
        if split and parts[0] == "train" and len(parts) > 2:
            training[name] = parts[1]
        elif split and parts[0] == "val" and len(parts) > 2:
            validation[name] = parts[1]
        elif not split and len(parts) > 1:
            training[name] = parts[0]
    annotations, words = "/".join((*top, ANNOTATIONS)), "/".join((*top, WORDS))
    if annotations in names:
        present = set(pictures)
        labels = _annotated(tree, annotations)
        validation = {name: kind for name, kind in labels.items() if name in present}
    synonyms = {row[0]: row[1] for row in _rows(tree, words)} if words in names else {}
    return _Splits(training, validation, synonyms)


def _top(pictures: list[str]) -> tuple[str, ...]:
    """The folders that all pictures share, up to the one that holds train or the classes."""
    folders = [PurePosixPath(name).parts[:-1] for name in pictures]
    top: list[str] = []
    while folders:
        level = {parts[len(top)] if len(parts) > len(top) else "" for parts in folders}
        if len(level) != 1 or level <= {"", "train"}:
            break
        top.append(level.pop())
    return tuple(top)


def _annotated(tree: Tree, annotations: str) -> dict[str, str]:
    folder = annotations.rsplit("/", 1)[0] + "/images/"
    return {folder + row[0]: row[1] for row in _rows(tree, annotations)}


def _rows(tree: Tree, name: str) -> Iterator[list[str]]:
    """The rows of a file whose columns are parted by tabs, two or more of them."""
    _, contents = next(iter(tree.read({name})))
    rows = (line.split("\t") for line in contents.decode("utf-8", "replace").splitlines())
    return (row for row in rows if len(row) > 1)


def _hold_out(training: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    kept: dict[str, str] = {}
    held: dict[str, str] = {}
    seen: dict[str, int] = {}
    for name, kind in sorted(training.items()):
        seen[kind] = seen.get(kind, 0) + 1
        (held if seen[kind] % HOLD_OUT_EVERY == 0 else kept)[name] = kind
    return kept, held
