"""Folders, tar and zip files of pictures, read alike and without unpacking by hand."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from resnet_core.errors import DataError


class Tree(Protocol):
    """Files under a folder or in an archive, named by their path with forward slashes."""

    def names(self) -> list[str]:
        """Every file, in the order in which reading is cheapest."""

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of the wanted files, in the order of ``names``."""


class FolderTree:
    """A folder on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        found = (path for path in self._root.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for name in sorted(wanted):
            yield name, (self._root / name).read_bytes()


class TarTree:
    """A tar file, compressed or not: read front to back, since it has no table of contents."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        with tarfile.open(self._path) as archive:
            return [_clean(member.name) for member in archive if member.isfile()]

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        with tarfile.open(self._path) as archive:
            for member in archive:
                name = _clean(member.name)
                if name in wanted and (stream := archive.extractfile(member)) is not None:
                    yield name, stream.read()


class ZipTree:
    """A zip file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        with zipfile.ZipFile(self._path) as archive:
            return [_clean(entry.filename) for entry in archive.infolist() if not entry.is_dir()]

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        with zipfile.ZipFile(self._path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and _clean(entry.filename) in wanted:
                    yield _clean(entry.filename), archive.read(entry)


def open_tree(path: Path) -> Tree:
    """Open a folder, a tar or a zip of pictures.

    Raises DataError if the path is none of them.
    """
    if path.is_dir():
        return FolderTree(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipTree(path)
    if path.is_file() and tarfile.is_tarfile(path):
        return TarTree(path)
    raise DataError(f"{path} is no folder, tar or zip of pictures; name one of these.")


def _clean(name: str) -> str:
    return name.removeprefix("./")
