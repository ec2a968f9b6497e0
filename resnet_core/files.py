"""Writing files so that a reader finds the old one or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from resnet_core.errors import UsageError


@contextmanager
def whole_file(path: Path, *, sync: bool = True) -> Iterator[BinaryIO]:
    """A stream to and from a file beside ``path``, renamed over it at the end.

    sync: wait until the disk has it; without, a power cut may leave half of it under its name.
    If anything fails on the way, the file beside it is removed and ``path`` stays as it was.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("w+b") as stream:
            yield stream
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A ``whole_file`` that the user named. Raises UsageError if it cannot be written."""
    try:
        with whole_file(path) as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error
