"""Checkpoints: whole or not there, and never a program."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_core.errors import TrainingError
from resnet_core.training.checkpoint import CHECKPOINT_NAME, read_checkpoint, write_checkpoint


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path) is None


def test_full_disk_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checkpoint(tmp_path, {"weights": torch.ones(3)})

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TrainingError, match="No space left"):
        write_checkpoint(tmp_path, {"weights": torch.zeros(3)})
    state = read_checkpoint(tmp_path)
    assert state is not None
    assert torch.equal(state["weights"], torch.ones(3))
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_NAME]


@pytest.mark.skipif(os.name != "posix", reason="limits on files are POSIX's")
def test_disk_that_fills_up_midway_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    import resource

    write_checkpoint(tmp_path, {"weights": torch.ones(3)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(TrainingError, match="cannot be written"):
            write_checkpoint(tmp_path, {"weights": torch.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    state = read_checkpoint(tmp_path)
    assert state is not None
    assert torch.equal(state["weights"], torch.ones(3))
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_NAME]


def test_half_written_file_beside_it_is_not_read(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, {"weights": torch.ones(3)})
    (tmp_path / CHECKPOINT_NAME).with_suffix(".partial").write_bytes(b"half")
    state = read_checkpoint(tmp_path)
    assert state is not None
    assert torch.equal(state["weights"], torch.ones(3))


def test_damaged_checkpoint_is_told_in_a_sentence(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, {"weights": torch.ones(3000)})
    whole = (tmp_path / CHECKPOINT_NAME).read_bytes()
    (tmp_path / CHECKPOINT_NAME).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainingError, match="is damaged"):
        read_checkpoint(tmp_path)


def test_program_in_a_checkpoint_is_not_executed(tmp_path: Path) -> None:
    target = tmp_path / "executed"

    class Program:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(target),))

    torch.save({"format": 1, "weights": Program()}, tmp_path / CHECKPOINT_NAME)
    with pytest.raises(TrainingError, match="is damaged"):
        read_checkpoint(tmp_path)
    (tmp_path / CHECKPOINT_NAME).write_bytes(pickle.dumps(Program(), protocol=2))
    with pytest.raises(TrainingError, match="is damaged"):
        read_checkpoint(tmp_path)
    assert not target.exists()


def test_other_format_is_refused(tmp_path: Path) -> None:
    torch.save({"format": 0}, tmp_path / CHECKPOINT_NAME)
    with pytest.raises(TrainingError, match="of another release"):
        read_checkpoint(tmp_path)
