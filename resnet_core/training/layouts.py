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

from resnet_core.errors import TrainingError
from resnet_core.training.trees import Tree

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


def find_layout(tree: Tree) -> Layout:
    """Tell training and validation pictures and their classes.

    Raises TrainingError if there are fewer than two classes, or no pictures to validate on.
    """
    names = tree.names()
    pictures = [name for name in names if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES]
    top = _top(pictures)
    below = {name: PurePosixPath(name).parts[len(top) :] for name in pictures}
    split = any(parts[0] == "train" for parts in below.values())
    training, validation = {}, {}
    for name, parts in below.items():
        if split and parts[0] == "train" and len(parts) > 2:
            training[name] = parts[1]
        elif split and parts[0] == "val" and len(parts) > 2:
            validation[name] = parts[1]
        elif not split and len(parts) > 1:
            training[name] = parts[0]
    annotations = "/".join((*top, ANNOTATIONS))
    if annotations in names:
        validation = _annotated(tree, annotations)
    elif not validation:
        training, validation = _hold_out(training)
    classes = tuple(sorted(set(training.values())))
    if len(classes) < 2:
        raise TrainingError("There are no two folders of classes with pictures in the data.")
    labels = {name: number for number, name in enumerate(classes)}
    present = set(pictures)
    words = "/".join((*top, WORDS))
    layout = Layout(
        classes,
        _names(tree, words, classes) if words in names else classes,
        {name: labels[kind] for name, kind in training.items()},
        # Tiny ImageNet's redistributed copy lists pictures of classes that are not its own.
        {
            name: labels[kind]
            for name, kind in validation.items()
            if kind in labels and name in present
        },
    )
    if not layout.validation:
        raise TrainingError("The data holds no validation pictures, so nothing could be measured.")
    return layout


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


def _names(tree: Tree, words: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """The first of WordNet's synonyms for each class, as Tiny ImageNet lists them."""
    synonyms = {row[0]: row[1] for row in _rows(tree, words)}
    return tuple(synonyms.get(name, name).split(",")[0] for name in classes)


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
