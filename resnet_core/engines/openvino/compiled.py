"""Compiled models on the disk: importing one skips folding, building and compiling its graph."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import mmap
import os
import struct
import time
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import openvino

from resnet_core.files import whole_file
from resnet_core.folders import cache_folder

logger = logging.getLogger(__name__)

MEGABYTES_VARIABLE = "SKIPLENS_CACHE_MEGABYTES"
MOST_MEGABYTES = 2048
_ABANDONED_SECONDS = 3600
_MAGIC = b"SkipLens compiled 1\n"
_HEAD = struct.Struct("<20sIQ")  # magic, CRC-32 and length of what follows


class CompiledCache:
    """Blobs of compiled models by everything that decides what is in them.

    Never raises: what cannot be read, was damaged or is refused by OpenVINO is compiled anew, and
    what cannot be written is not kept. The least recently used go when there is too much: two
    gigabytes, or what ``SKIPLENS_CACHE_MEGABYTES`` says; 0 keeps nothing. What is loaded reads its
    constants in the file, so a cache has to live as long as the models that it gave.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int | None = None) -> None:
        self._folder = folder or cache_folder() / "compiled"
        self._most_bytes = _most_bytes() if most_bytes is None else most_bytes
        self._mapped: dict[Path, mmap.mmap] = {}

    def load(
        self, core: openvino.Core, device: str, properties: Mapping[str, Any], parts: object
    ) -> openvino.CompiledModel | None:
        """The model that was kept for the same device, properties and parts, or None."""
        path = self._path(core, device, properties, parts)
        try:
            with path.open("rb") as file:
                _check(file)
                if path not in self._mapped:
                    # Nothing is written, but OpenVINO shares no memory that could not be.
                    self._mapped[path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            mapping = self._mapped[path]
            blob = openvino.Tensor(np.frombuffer(mapping, np.uint8)[_HEAD.size :], True)
            compiled = core.import_model(blob, device, dict(properties))
            if hasattr(mmap, "MADV_DONTNEED"):
                # OpenVINO has packed the weights; what it reads again is in the file.
                mapping.madvise(mmap.MADV_DONTNEED)
            os.utime(path)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001  # drivers refuse old blobs in any way
            logger.info("The compiled model %s is made anew: %s", path.name, error)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        return compiled

    def keep(
        self,
        core: openvino.Core,
        device: str,
        properties: Mapping[str, Any],
        parts: object,
        compiled: openvino.CompiledModel,
    ) -> None:
        """Write a compiled model for the next time."""
        if self._most_bytes <= 0:
            return
        path = self._path(core, device, properties, parts)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(path, sync=False) as file:  # the checksum finds half of one
                file.write(bytes(_HEAD.size))
                blob = _Blob(file, self._most_bytes)
                compiled.export_model(blob)
                if blob.trouble is not None:
                    raise blob.trouble
                file.seek(_HEAD.size)
                crc, length = _sum(file)
                self._make_room(length)
                file.seek(0)
                file.write(_HEAD.pack(_MAGIC, crc, length))
        except (OSError, RuntimeError) as error:
            logger.info("The compiled model is not kept: %s", error)

    def _make_room(self, needed: int) -> None:
        for left in self._folder.glob(".*.part"):  # of a process that was ended
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                    left.unlink()
        kept = sorted(self._folder.glob("*.blob"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in kept)
        for path in kept:
            if total + needed <= self._most_bytes:
                return
            size = path.stat().st_size
            with contextlib.suppress(PermissionError):  # Windows keeps what is mapped
                path.unlink(missing_ok=True)
                total -= size

    def _path(
        self, core: openvino.Core, device: str, properties: Mapping[str, Any], parts: object
    ) -> Path:
        name = core.get_property(device, "FULL_DEVICE_NAME")
        decides = (openvino.__version__, device, name, sorted(properties.items()), parts, _source())
        return self._folder / f"{hashlib.sha256(repr(decides).encode()).hexdigest()[:32]}.blob"


class _Blob(io.BytesIO):
    """What follows in a file from where it is, as the kind of stream that OpenVINO writes to.

    A stream in memory gets the whole blob in one go, a hundred megabytes that are copied while no
    other thread of Python can run, the window's among them; this one gets it part by part.
    trouble: why not all of it was written, or would be more than most_bytes.
    """

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        super().__init__()
        self._file, self._start = file, file.tell()
        self._most_bytes = most_bytes
        self.trouble: OSError | None = None

    def write(self, part: Any) -> int:
        # OpenVINO passes over what is raised here and writes on.
        if self.trouble is None:
            try:
                if self.tell() + len(part) > self._most_bytes:
                    raise OSError("it is larger than all may be together")
                return self._file.write(part)
            except OSError as error:
                self.trouble = error
        return 0

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = self._start if whence == os.SEEK_SET else 0
        return self._file.seek(start + offset, whence) - self._start


def _check(file: BinaryIO) -> None:
    """Raise ValueError unless the file is whole."""
    magic, crc, length = _HEAD.unpack(file.read(_HEAD.size))
    if (magic, crc, length) != (_MAGIC, *_sum(file)):
        raise ValueError("it was damaged")


def _sum(file: BinaryIO) -> tuple[int, int]:
    """CRC-32 and length of what follows. In parts, which do not all stay in memory."""
    found, read = 0, 0
    while part := file.read(2**20):
        found, read = zlib.crc32(part, found), read + len(part)
    return found, read


def _most_bytes() -> int:
    wanted = os.environ.get(MEGABYTES_VARIABLE, "")
    return (int(wanted) if wanted.isdecimal() else MOST_MEGABYTES) * 2**20


@cache
def _source() -> str:
    """The checksum of the code that makes the graph: another graph is another model."""
    here = Path(__file__).resolve()
    core = here.parent.parent.parent
    files = [*(core / "explained").glob("*.py"), *here.parent.glob("*.py")]
    files.append(core / "networks" / "config.py")
    digest = hashlib.sha256()
    for path in sorted(files):
        # A packaged program may have no sources; then its version alone has to tell.
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()
