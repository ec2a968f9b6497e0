"""``skiplens train`` as a user meets it."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

import pytest

from resnet_core.commands import train
from resnet_core.errors import EngineError, TrainingError
from resnet_core.training.run import Habits
from resnet_core.training.sitting import Outcome
from tests.training.conftest import PIXELS, write_picture

RECIPE = f"""
name = "colours"
title = "Colours"
precision = "float32"
data_pixels = {PIXELS}
evaluation_size = 32
[network]
depth = 18
classes = 2
[[phases]]
share = 1
size = 32
[optimiser]
batch = 4
[schedule]
epochs = 1
[averaging]
statistics_pictures = 4
"""


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train.add_parser(parser.add_subparsers())
    return parser.parse_args(["train", *map(str, words)])


@pytest.fixture
def words(tmp_path: Path) -> list[object]:
    for split in ("train", "val"):
        for colour, name in enumerate(("green", "red"), start=1):
            for number in range(2):
                path = tmp_path / "data" / split / name / f"{number}.png"
                write_picture(path, number, colour)
    (tmp_path / "colours.toml").write_text(RECIPE, encoding="utf-8")
    folders = ["--data", tmp_path / "data", "--folder", tmp_path / "run"]
    return [tmp_path / "colours.toml", *folders, "--cache", tmp_path, "--processes", 1]


def test_training_prints_one_json_document_and_nothing_else(
    words: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.run(parse(*words, "--json")) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["name"] == "colours"
    assert err == ""


def test_interrupted_training_stops_after_its_step_and_can_go_on(
    words: list[object], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_job: object, habits: Habits, *_rest: object) -> Outcome:
        assert not habits.wants_to_stop()
        signal.raise_signal(signal.SIGINT)
        assert habits.wants_to_stop()
        return Outcome(finished=False)

    with monkeypatch.context() as patch:
        patch.setattr("resnet_core.training.sitting.sit", interrupted)
        assert train.run(parse(*words)) == 1
    assert "go on with --resume" in capsys.readouterr().err
    assert train.run(parse(*words)) == 0
    assert "Top-1" in capsys.readouterr().out


def test_terminal_shows_a_progress_line(
    words: list[object], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert train.run(parse(*words)) == 0
    assert "pictures/s" in capsys.readouterr().err


def test_unknown_recipe_is_told_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match=r"one of .*resnet18-B-tiny-imagenet"):
        train.run(parse("resnet19", "--data", "nowhere"))


def test_missing_torch_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineError, match=r"skiplens\[torch\]"):
        train.run(parse("resnet18-B-tiny-imagenet", "--data", "nowhere"))
