"""Compiled models that are kept: used, not mixed up, mended, bounded."""

import errno
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from resnet_core.engines.engine import Request
from resnet_core.engines.openvino import compiled
from resnet_core.engines.openvino import engine as module
from resnet_core.engines.openvino.compiled import CompiledCache
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.explained.values import MapKind
from resnet_core.files import whole_file
from resnet_core.networks.config import NetworkConfig
from tests.engines.conftest import frame, model_of
from tests.processes import output_of


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "compiled"


@pytest.fixture
def builds(monkeypatch):
    """How many graphs were built."""
    seen = []
    original = module.build

    def build(*arguments, **named):
        seen.append(arguments)
        return original(*arguments, **named)

    monkeypatch.setattr(module, "build", build)
    return seen


def explain(folder, model, most_bytes=2**30):
    engine = OpenVINOEngine(cache=CompiledCache(folder, most_bytes))
    return engine.explain(Request(frame(), model))


def test_second_start_builds_nothing_and_answers_the_same(folder, builds, small_model):
    first = explain(folder, small_model)
    second = explain(folder, small_model)

    assert len(builds) == 1
    np.testing.assert_array_equal(first.logits, second.logits)
    for one, other in zip(first.blocks, second.blocks, strict=True):
        for kind in MapKind:
            np.testing.assert_array_equal(one.map(kind), other.map(kind))


def test_other_weights_sizes_and_threads_are_other_entries(folder, builds, small_model):
    explain(folder, small_model)
    explain(folder, replace(small_model, identity="other weights"))
    explain(folder, model_of(NetworkConfig(18, classes=10), size=(96, 64)))
    one_thread = OpenVINOEngine(threads=1, cache=CompiledCache(folder, 2**30))
    one_thread.explain(Request(frame(), small_model))

    assert len(builds) == len(list(folder.glob("*.blob"))) == 4


def test_a_disk_that_becomes_full_keeps_nothing(folder, builds, small_model, monkeypatch):
    class Full:
        """A file on it: the last bytes do not fit, and what comes after is not even tried."""

        def __init__(self, file):
            self._file = file

        def __getattr__(self, name):
            return getattr(self._file, name)

        def write(self, part):
            if self._file.tell() > 2**20:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(part)

    @contextmanager
    def on_a_full_disk(path, *, sync):
        with whole_file(path, sync=sync) as file:
            yield Full(file)

    monkeypatch.setattr(compiled, "whole_file", on_a_full_disk)
    explain(folder, small_model)

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "foreign"])
def test_damaged_entry_is_made_anew(folder, builds, small_model, damage):
    expected = explain(folder, small_model)
    (path,) = folder.glob("*.blob")
    contents = bytearray(path.read_bytes())
    if damage == "cut":
        del contents[len(contents) // 2 :]
    elif damage == "flipped":
        contents[-1000] ^= 1
    else:
        contents = bytearray() if damage == "emptied" else bytearray(b"something else" * 9)
    path.write_bytes(contents)

    found = explain(folder, small_model)

    assert len(builds) == 2
    np.testing.assert_array_equal(found.logits, expected.logits)
    explain(folder, small_model)
    assert len(builds) == 2, "the new one is kept"


def test_entry_that_openvino_refuses_is_made_anew(folder, builds, small_model, monkeypatch):
    explain(folder, small_model)
    monkeypatch.setattr("openvino.Core.import_model", lambda *_: (_ for _ in ()).throw(
        RuntimeError("of another version")))  # fmt: skip

    explain(folder, small_model)

    assert len(builds) == 2


def test_least_recently_used_goes_when_there_is_too_much(folder, small_model):
    explain(folder, small_model)
    (first,) = folder.glob("*.blob")
    room = 2 * first.stat().st_size + 1_000_000
    for name in ("second", "third"):
        explain(folder, replace(small_model, identity=name), room)

    kept = list(folder.glob("*.blob"))
    assert len(kept) == 2
    assert first not in kept


def test_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path, small_model):
    (tmp_path / "file").write_text("")

    assert explain(tmp_path / "file" / "compiled", small_model).blocks


def test_loaded_model_does_not_need_its_file_any_more_for_answers(folder, small_model):
    expected = explain(folder, small_model)
    engine = OpenVINOEngine(cache=CompiledCache(folder, 2**30))
    engine.prepare(small_model)
    for path in folder.glob("*.blob"):
        path.unlink()

    found = engine.explain(Request(frame(), small_model))

    np.testing.assert_array_equal(found.logits, expected.logits)


MEMORY = """
from pathlib import Path
from resnet_core.engines.openvino.compiled import CompiledCache
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.networks.config import NetworkConfig
from tests.engines.conftest import model_of

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

engine = OpenVINOEngine(cache=CompiledCache(Path({folder!r}), 2**30))
model = model_of(NetworkConfig(18, classes=10))
before = held()
engine.prepare(model)
print(held() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_weights_of_a_loaded_model_are_in_memory_once(folder):
    program = MEMORY.format(folder=str(folder))
    output_of(program)
    (grown,) = output_of(program)

    (path,) = folder.glob("*.blob")
    assert int(grown) < 1.7 * path.stat().st_size
