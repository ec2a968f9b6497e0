"""Hostile and damaged files: they are refused by name, and nothing in them ever runs."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from resnet_core.errors import WeightsError
from resnet_core.weights.checkpoints import open_checkpoint
from resnet_core.weights.unpickling import unpickle


class Calls:
    """Pickles as a call of anything with anything."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def attacks(trace):
    """Objects whose unpickling would leave a file behind."""
    write = f"open({str(trace)!r}, 'w').close()"
    return {
        "os.system": Calls(os.system, f"touch {trace}"),
        "eval": Calls(eval, write),
        "exec": Calls(exec, write),
        "import": Calls(__import__, "os"),
        "getattr": Calls(getattr, Calls(__import__, "os"), "system"),
        "open": Calls(open, str(trace), "w"),
        "nested": {"state_dict": [(Calls(os.mkdir, str(trace)),)]},
        "key": {Calls(os.mkdir, str(trace)): 1},
    }


NAMES = tuple(attacks("trace"))


def as_zip(contents: bytes, path, **entries: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", contents)
        for name, entry in entries.items():
            archive.writestr(f"archive/{name}", entry)


@pytest.fixture
def plain_import(monkeypatch):
    """An ``__import__`` that pickles under its own name: Qt for Python may put another there."""
    here = builtins.__import__

    def importing(*arguments, **named):
        return here(*arguments, **named)

    importing.__module__, importing.__qualname__ = "builtins", "__import__"
    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.usefixtures("plain_import")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["zip", "legacy", "protocol 0"])
def test_malicious_pickle_does_nothing_but_raise_the_refusal(tmp_path, name, form):
    trace, path = tmp_path / "trace", tmp_path / "innocent.pth"
    attack = attacks(trace)[name]
    if form == "protocol 0":
        as_zip(pickle.dumps(attack, protocol=0), path)
    else:
        torch.save(attack, path, _use_new_zipfile_serialization=form == "zip")

    with pytest.raises(
        WeightsError, match=r"innocent.pth is refused: its pickle asks for \w+\.\w+"
    ):
        open_checkpoint(path)
    assert not trace.exists()


def test_whole_modules_are_refused_with_what_to_do(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "module.pt")

    with pytest.raises(WeightsError, match=r"save model.state_dict\(\) instead"):
        open_checkpoint(tmp_path / "module.pt")


def test_torchscript_is_refused(tmp_path):
    as_zip(pickle.dumps({}), tmp_path / "script.pt", **{"constants.pkl": b""})

    with pytest.raises(WeightsError, match="TorchScript"):
        open_checkpoint(tmp_path / "script.pt")


def test_harmless_company_of_weights_is_passed_over(tmp_path):
    import argparse
    from pathlib import PurePosixPath

    torch.save(
        {
            "state_dict": {"weight": torch.arange(6.0).reshape(2, 3)},
            "args": argparse.Namespace(lr=0.1, out="x"),
            "accuracy": np.float64(71.5),
            "curve": np.arange(3),
            "device": torch.device("cpu"),
            "kind": torch.float32,
        },
        tmp_path / "company.pth",
    )

    tree = open_checkpoint(tmp_path / "company.pth")

    assert tree["state_dict"]["weight"].read().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert PurePosixPath("kept") not in tree


@pytest.mark.parametrize("legacy", [False, True])
def test_views_of_shared_storages_are_read(tmp_path, legacy):
    whole = torch.arange(24.0).reshape(4, 6)
    state = {"part": whole[1:3, ::2], "turned": whole.T, "one": whole[2, 3], "none": whole[:0]}
    torch.save(state, tmp_path / "views.pth", _use_new_zipfile_serialization=not legacy)

    tree = open_checkpoint(tmp_path / "views.pth")

    for name, tensor in state.items():
        np.testing.assert_array_equal(tree[name].read(), tensor.numpy())


class _TorchName:
    """Pickles as a global of torch by name."""

    def __init__(self, module, name):
        self.names = (module, name)


class _Pickler(pickle._Pickler):
    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, _TorchName):
            module, name = obj.names
            self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
            return
        super().save(obj, save_persistent_id)

    def persistent_id(self, obj):
        return obj["pid"] if isinstance(obj, dict) and "pid" in obj else None


def tensor_pickle(pid, offset=0, shape=(2,), strides=(1,)):
    stream = io.BytesIO()
    pickler = _Pickler(stream, protocol=2)
    stream.write(b"\x80\x02")
    pickler.proto, pickler.bin = 2, True
    pickler.save(_TorchName("torch._utils", "_rebuild_tensor_v2"))
    pickler.save(({"pid": pid}, offset, shape, strides, False, OrderedDict()))
    stream.write(pickle.REDUCE + pickle.STOP)
    return stream.getvalue()


STORAGE = _TorchName("torch", "FloatStorage")


@pytest.mark.parametrize(
    "contents",
    [
        tensor_pickle(("storage", STORAGE, "0", "cpu", 2), offset=1),
        tensor_pickle(("storage", STORAGE, "0", "cpu", 2), offset=-1),
        tensor_pickle(("storage", STORAGE, "0", "cpu", 2), shape=(3,)),
        tensor_pickle(("storage", STORAGE, "0", "cpu", 2), shape=(10**9,), strides=(0,)),
        tensor_pickle(("storage", STORAGE, "0", "cpu", 2), shape=(2, 2)),
        tensor_pickle(("storage", STORAGE, "0", "cpu", -2)),
        tensor_pickle(("storage", "os.system", "0", "cpu", 2)),
        tensor_pickle(("storage", STORAGE, 5, "cpu", 2)),
        tensor_pickle("storage"),
        b"\x80\x02N" + pickle.LONG_BINPUT + struct.pack("<I", 2**32 - 1) + b".",
        b"\x80\x02)" + pickle.TUPLE1 * 200_000 + b"}\x85.",
        b"\x80\x04" + pickle.BINBYTES8 + struct.pack("<Q", 2**40) + b"x.",
        b"\x80\x02cos\nsystem\n.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"",
    ],
)
def test_nonsense_in_a_pickle_is_refused(contents):
    with pytest.raises(WeightsError, match=r"file\.pth"):
        unpickle(io.BytesIO(contents), "file.pth")


def test_good_hand_made_tensor_is_read():
    record = unpickle(io.BytesIO(tensor_pickle(("storage", STORAGE, "0", "cpu", 2))), "good.pth")

    assert (record.shape, record.storage.count, record.storage.kind.dtype) == ((2,), 2, "float32")


def test_zips_that_torch_did_not_write_are_refused(tmp_path):
    path = tmp_path / "file.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"")
    with pytest.raises(WeightsError, match="not one that torch"):
        open_checkpoint(path)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(list(range(1000))))
    with pytest.raises(WeightsError, match="packed by something else"):
        open_checkpoint(path)

    as_zip(pickle.dumps({}), path, byteorder=b"big")
    with pytest.raises(WeightsError, match="big-endian"):
        open_checkpoint(path)


@pytest.mark.parametrize("suffix", ["pth", "legacy.pth", "safetensors"])
def test_damage_anywhere_ends_in_one_sentence(tmp_path, suffix):
    from safetensors.torch import save_file

    path = tmp_path / f"small.{suffix}"
    state = {f"layer{number}.weight": torch.rand(3, 4) for number in range(4)}
    if suffix == "safetensors":
        save_file(state, path)
    else:
        torch.save({"model": state}, path, _use_new_zipfile_serialization="legacy" not in suffix)
    good = path.read_bytes()
    generator = np.random.default_rng(11)
    refused = []
    for number in range(150):
        contents = bytearray(good)
        place = int(generator.integers(len(good)))
        if number % 3 == 0:
            del contents[place:]
        else:
            contents[place] ^= int(generator.integers(1, 256))
        path.write_bytes(contents)
        try:
            _read_all(open_checkpoint(path))
        except WeightsError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all(path.name in sentence for sentence in refused)


def _read_all(tree):
    if hasattr(tree, "read"):
        tree.read()
    elif isinstance(tree, dict):
        for value in tree.values():
            _read_all(value)


def test_files_of_other_kinds_are_refused(tmp_path):
    for name, contents in {"a.pth": b"\x89PNG", "b.pt": b"", "c.safetensors": b"text"}.items():
        (tmp_path / name).write_bytes(contents)
        with pytest.raises(WeightsError, match=f"{name} is no file of weights"):
            open_checkpoint(tmp_path / name)
    with pytest.raises(WeightsError, match="cannot be read"):
        open_checkpoint(tmp_path / "gone.pth")
