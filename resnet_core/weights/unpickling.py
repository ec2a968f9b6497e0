"""Pickles of tensors, read as data: nothing that they name is ever imported or called.

Every global of a pickle is looked up in a short list of stand-ins that only hold what they are
given. Whatever is not in the list is refused by its name.
"""

from __future__ import annotations

import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from resnet_core.errors import WeightsError

_MOST_TUPLES = 50_000  # a ResNet-152 with its optimiser needs 15,000; deep nests crash Python
_MOST_OPCODES = 5_000_000


@dataclass(frozen=True, slots=True)
class StorageKind:
    """The numbers of a storage, by numpy's name, ``bfloat16`` included; bytes: of one number."""

    dtype: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of numbers that lies elsewhere in the file."""

    kind: StorageKind
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """Where a tensor's numbers lie. offset and strides: in numbers of its storage."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Ignored:
    """Stands for an object that is no tensor and of no interest; holds nothing, does nothing."""

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __setstate__(self, _state: Any) -> None:
        pass

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def append(self, _value: Any) -> None:
        """Take an element and forget it."""

    def extend(self, _values: Any) -> None:
        """Take elements and forget them."""


def unpickle(stream: BinaryIO, name: str) -> Any:
    """The next pickle of ``stream`` with tensors as TensorRecord; ``name`` is for messages.

    Raises WeightsError if it names anything but tensors and plain values, or is damaged.
    """
    start = stream.tell()
    _check_opcodes(stream, name)
    stream.seek(start)
    try:
        return _TensorUnpickler(stream, name).load()
    except WeightsError:
        raise
    except Exception as error:  # a damaged pickle can fail in any way at all
        raise WeightsError(f"{name} is damaged or no file of weights ({error}).") from error


def _check_opcodes(stream: BinaryIO, name: str) -> None:
    """Refuse what could exhaust memory or the stack while it is read."""
    tuples = 0
    try:
        for number, (opcode, argument, _position) in enumerate(pickletools.genops(stream)):
            tuples += opcode.name.startswith("TUPLE")
            far = opcode.name.endswith("PUT") and int(argument or 0) > number
            if far or tuples > _MOST_TUPLES or number > _MOST_OPCODES:
                raise WeightsError(f"{name} is refused: its pickle is built to exhaust memory.")
    except WeightsError:
        raise
    except Exception as error:  # pickletools fails in many ways on damaged bytes
        raise WeightsError(f"{name} is damaged or no file of weights ({error}).") from error


class _TensorUnpickler(pickle.Unpickler):
    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__(stream, encoding="utf-8")
        self._name = name

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in _STAND_INS:
            return _STAND_INS[full]
        kind = _STORAGES.get(name) if module in ("torch", "torch.storage") else None
        if kind is not None:
            return _StorageName(kind)
        if (
            full.split(".", maxsplit=1)[0] in ("torch", "torchvision") and ".nn." in full
        ) or "models" in full:
            raise WeightsError(
                f"{self._name} holds a whole program object ({full}), which is not opened because "
                "that would run its code; save model.state_dict() instead."
            )
        raise WeightsError(
            f"{self._name} is refused: its pickle asks for {full}, which is no part of a file of "
            "weights and could run code."
        )

    def persistent_load(self, pid: Any) -> Storage:
        if not (isinstance(pid, tuple) and len(pid) >= 5 and pid[0] == "storage"):
            raise WeightsError(f"{self._name} is damaged: it refers to something unknown.")
        _, kind, key, _location, count = pid[:5]
        if len(pid) > 5 and pid[5] is not None:
            raise WeightsError(f"{self._name} has views of storages; save it anew with torch.")
        good = isinstance(kind, _StorageName) and isinstance(key, str) and isinstance(count, int)
        if not good or count < 0:
            raise WeightsError(f"{self._name} is damaged: one of its storages makes no sense.")
        return Storage(kind.kind, key, count)


@dataclass(frozen=True, slots=True)
class _StorageName:
    """What ``torch.FloatStorage`` stands for in a reference to a storage."""

    kind: StorageKind


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_rest: Any) -> TensorRecord:
    """A record of ``torch._utils._rebuild_tensor_v2``'s arguments, once they make sense."""
    numbers = (offset, *shape, *strides)
    whole = all(type(number) is int and number >= 0 for number in numbers)
    if not isinstance(storage, Storage) or not whole or len(shape) != len(strides):
        raise ValueError("a tensor whose shape makes no sense")
    count, last = 1, offset
    for side, stride in zip(shape, strides, strict=True):
        count *= side
        last += (side - 1) * stride
    if count and (last >= storage.count or count > storage.count):
        raise ValueError("a tensor that reaches beyond its storage")
    return TensorRecord(storage, offset, tuple(shape), tuple(strides))


def _parameter(tensor: Any, *_rest: Any) -> Any:
    return tensor


def _wrapped(make: Any, _kind: Any, arguments: Any, _state: Any) -> Any:
    """``torch._tensor._rebuild_from_type_v2``: a tensor with attributes, without them."""
    if make is not _tensor and make is not _parameter:
        raise ValueError("a tensor of an unknown kind")
    return make(*arguments)


_STORAGES = {
    "FloatStorage": StorageKind("float32", 4),
    "DoubleStorage": StorageKind("float64", 8),
    "HalfStorage": StorageKind("float16", 2),
    "BFloat16Storage": StorageKind("bfloat16", 2),
    "LongStorage": StorageKind("int64", 8),
    "IntStorage": StorageKind("int32", 4),
    "ShortStorage": StorageKind("int16", 2),
    "CharStorage": StorageKind("int8", 1),
    "ByteStorage": StorageKind("uint8", 1),
    "BoolStorage": StorageKind("bool", 1),
    "UntypedStorage": StorageKind("uint8", 1),
}

_STAND_INS: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": _wrapped,
    # What stands beside the weights in a training checkpoint, and is passed over.
    **dict.fromkeys(
        (
            "torch.Tensor",
            "torch.nn.parameter.Parameter",
            "torch.Size",
            "torch.device",
            "torch.float32",
            "torch.float16",
            "torch.bfloat16",
            "torch.float64",
            "torch.int64",
            "argparse.Namespace",
            "collections.Counter",
            "collections.defaultdict",
            "datetime.datetime",
            "datetime.timedelta",
            "pathlib.PosixPath",
            "pathlib.WindowsPath",
            "pathlib.Path",
            "numpy.dtype",
            "numpy.ndarray",
            "numpy.core.multiarray.scalar",
            "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "numpy._core.multiarray._reconstruct",
            "_codecs.encode",
        ),
        Ignored,
    ),
}
