"""Files of weights as others write them, without torch and without running anything in them."""

from __future__ import annotations

import io
import mmap
import struct
import zipfile
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
from safetensors import SafetensorError, deserialize

from resnet_core.arrays import Array
from resnet_core.errors import WeightsError
from resnet_core.weights.unpickling import Storage, TensorRecord, unpickle

_LEGACY_MAGIC = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")  # torch's number, pickled
_TAR_MAGIC = b"ustar"
_PICKLES_BEFORE_THE_OBJECT = 3  # magic number, version, machine
_SAFETENSORS_KINDS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


class StoredTensor(Protocol):
    """A tensor that is still in its file: its shape is known, its numbers are read on demand."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @abstractmethod
    def read(self) -> Array:
        """The numbers; bfloat16, which numpy lacks, becomes float32."""


Tree = Any  # dictionaries and lists, at whose ends tensors and plain values stand


def open_checkpoint(path: Path) -> Tree:
    """What the file holds: a dictionary, however nested, with a StoredTensor for each tensor.

    Reads safetensors and what ``torch.save`` writes, as a zip and in its older form.
    Raises WeightsError naming the file if it is none of these, damaged, or asks to run code.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError as error:
        raise WeightsError(
            f"{path.name} cannot be read ({error.strerror}); check that it is there."
        ) from error
    if head.startswith(b"PK"):
        return _open_zip(path)
    if head.startswith(_LEGACY_MAGIC):
        return _open_legacy(path)
    if len(head) > 8 and head[8:9] == b"{":
        return _open_safetensors(path)
    if head[257:262] == _TAR_MAGIC:
        raise WeightsError(f"{path.name} was written by a torch before 0.2; save it with a newer.")
    raise WeightsError(
        f"{path.name} is no file of weights; SkipLens reads .safetensors and what torch.save "
        "writes (.pth, .pt)."
    )


def _open_safetensors(path: Path) -> Tree:
    try:
        entries = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]  # a compiled one
        return {name: _Loose.of(entry) for name, entry in entries}
    except (SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(f"{path.name} is damaged ({error}).") from error


@dataclass(frozen=True, slots=True)
class _Loose:
    """A tensor whose bytes are in memory."""

    kind: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> _Loose:
        kind = _SAFETENSORS_KINDS.get(entry["dtype"])
        if kind is None:
            raise ValueError(f"it holds numbers of the kind {entry['dtype']}")
        return cls(kind, tuple(entry["shape"]), entry["data"])

    def read(self) -> Array:
        return _numbers(self.data, self.kind).reshape(self.shape)


class _Container(Protocol):
    """Where the bytes of storages come from."""

    def storage(self, storage: Storage) -> bytes | memoryview: ...


@dataclass(frozen=True, slots=True)
class _Stored:
    """A tensor of a pickle."""

    record: TensorRecord
    container: _Container

    @property
    def shape(self) -> tuple[int, ...]:
        return self.record.shape

    def read(self) -> Array:
        record = self.record
        numbers = _numbers(self.container.storage(record.storage), record.storage.kind.dtype)
        strides = [stride * numbers.itemsize for stride in record.strides]
        view = np.lib.stride_tricks.as_strided(
            numbers[record.offset :], record.shape, strides, writeable=False
        )
        return np.ascontiguousarray(view)


def _open_zip(path: Path) -> Tree:
    container = _Zip(path)
    return _with_tensors(container.object(), container)


class _Zip:
    """torch's zip: ``NAME/data.pkl`` and a stored entry ``NAME/data/KEY`` for each storage."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise WeightsError(f"{path.name} is damaged ({error}).") from error
        names = self._archive.namelist()
        pickles = [name for name in names if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise WeightsError(
                f"{path.name} is a zip, but not one that torch.save writes; choose the file of "
                "weights itself."
            )
        self._root = pickles[0].removesuffix("data.pkl")
        if f"{self._root}constants.pkl" in names:
            raise WeightsError(
                f"{path.name} holds a TorchScript program, which is not opened because that would "
                "run its code; save model.state_dict() instead."
            )

    def object(self) -> Any:
        """What the pickle holds."""
        order = f"{self._root}byteorder"
        if order in self._archive.namelist() and self._entry(order) != b"little":
            raise WeightsError(f"{self._name} comes from a big-endian machine; save it anew.")
        return unpickle(io.BytesIO(self._entry(f"{self._root}data.pkl")), self._name)

    def storage(self, storage: Storage) -> bytes:
        data = self._entry(f"{self._root}data/{storage.key}")
        if len(data) != storage.count * storage.kind.bytes:
            raise WeightsError(f"{self._name} is damaged: a tensor is cut short.")
        return data

    def _entry(self, name: str) -> bytes:
        try:
            entry = self._archive.getinfo(name)
            # torch stores and never compresses; a compressed entry could be a bomb.
            if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                raise WeightsError(f"{self._name} was packed by something else than torch.")
            return self._archive.read(entry)
        except KeyError as error:
            raise WeightsError(f"{self._name} is damaged: it has no {name}.") from error
        except (OSError, zipfile.BadZipFile, ValueError, EOFError, RuntimeError) as error:
            raise WeightsError(f"{self._name} is damaged ({error}).") from error


def _open_legacy(path: Path) -> Tree:
    container = _Legacy(path)
    return _with_tensors(container.object, container)


class _Legacy:
    """torch's form before 1.6: pickles one after the other, then the storages."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise WeightsError(f"{path.name} cannot be read ({error}).") from error
        stream = cast(BinaryIO, self._bytes)  # reads, seeks and tells as a file does
        for _ in range(_PICKLES_BEFORE_THE_OBJECT):
            unpickle(stream, path.name)
        self.object = unpickle(stream, path.name)
        keys = unpickle(stream, path.name)
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise WeightsError(f"{path.name} is damaged: its list of storages makes no sense.")
        self._places = self._find(stream.tell(), keys, _storages(self.object))

    def storage(self, storage: Storage) -> memoryview:
        place = self._places.get(storage.key)
        size = storage.count * storage.kind.bytes
        if place is None or place + size > len(self._bytes):
            raise WeightsError(f"{self._path.name} is damaged: a tensor is cut short.")
        return memoryview(self._bytes)[place : place + size]

    def _find(self, place: int, keys: list[str], storages: dict[str, Storage]) -> dict[str, int]:
        """Each storage is its count as an int64 and then its numbers, in the order of the keys."""
        places: dict[str, int] = {}
        for key in keys:
            storage = storages.get(key)
            if storage is None:
                raise WeightsError(f"{self._path.name} is damaged: it has a storage of nothing.")
            count = self._bytes[place : place + 8]
            if len(count) < 8 or struct.unpack("<q", count)[0] != storage.count:
                raise WeightsError(f"{self._path.name} is damaged: a tensor is cut short.")
            places[key] = place + 8
            place += 8 + storage.count * storage.kind.bytes
        return places


def _storages(tree: Any) -> dict[str, Storage]:
    found: dict[str, Storage] = {}
    for value in _ends(tree):
        if isinstance(value, TensorRecord):
            found[value.storage.key] = value.storage
    return found


def _ends(tree: Any) -> list[Any]:
    """Everything that dictionaries, lists and tuples hold at last, each container once."""
    ends: list[Any] = []
    waiting, seen = [tree], set[int]()
    while waiting:
        value = waiting.pop()
        if not isinstance(value, (dict, list, tuple)):
            ends.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return ends


def _with_tensors(tree: Any, container: _Container, depth: int = 0) -> Tree:
    """Dictionaries down to some depth, with tensors that know where their numbers lie."""
    if isinstance(tree, TensorRecord):
        return _Stored(tree, container)
    if isinstance(tree, dict) and depth < 8:
        return {key: _with_tensors(value, container, depth + 1) for key, value in tree.items()}
    return tree


def _numbers(data: bytes | memoryview, kind: str) -> Array:
    if kind != "bfloat16":
        return np.frombuffer(data, np.dtype(kind).newbyteorder("<"))
    high = np.frombuffer(data, "<u2").astype(np.uint32)
    return (high << 16).view(np.float32)
