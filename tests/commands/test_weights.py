"""The catalogue on the command line: list, pull, import, verify, remove."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch

import main
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.networks.modules import build
from resnet_core.weights.published import published_cards

NAME = "resnet18-B-imagenet1k-v1"


pytestmark = pytest.mark.usefixtures("own_weights")


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main.main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_list_tells_what_is_here(run):
    code, out, _ = run("weights", "list")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["resnet18-B-tiny-imagenet"].endswith("here")
    assert lines[NAME].endswith("to fetch")

    documents = json.loads(run("weights", "list", "--json")[1])
    assert {one["name"]: one["here"] for one in documents}[NAME] is False


def test_pulled_weights_answer(run, tmp_path, monkeypatch):
    card = published_cards()[0]
    stick = tmp_path / "stick"
    stick.mkdir()
    torch.save(build(card.network, seed=3).state_dict(), stick / card.file)
    code, _, err = run("weights", "pull", NAME, "--mirror", stick)
    assert code == 1
    assert "is not that file" in err

    digest = hashlib.sha256((stick / card.file).read_bytes()).hexdigest()
    for module in ("pulling", "catalogue"):
        monkeypatch.setattr(f"resnet_core.weights.{module}.sha256_prefix", lambda name: digest[:8])
    code, out, _ = run("weights", "pull", NAME, "--mirror", stick, "--json")
    assert code == 0
    assert json.loads(out)[0]["path"].endswith(card.file)
    assert run("weights", "verify", NAME)[1] == f"{NAME}: good\n"
    code, out, _ = run("classify", "assets/samples/coffee.jpg", "--weights", NAME, "--json")
    assert code == 0
    assert json.loads(out)[0]["top"][0]["name"] in card.classes

    assert run("weights", "remove", NAME)[0] == 0
    listed = run("weights", "list")[1].splitlines()
    assert next(line for line in listed if NAME in line).endswith("to fetch")


def test_pull_without_names_and_of_what_is_not_published_is_refused(run):
    assert run("weights", "pull")[0] == 2
    code, _, err = run("weights", "pull", "resnet18-B-tiny-imagenet")
    assert code == 1
    assert "tells no published file" in err


def test_imported_weights_answer_with_their_names(run, tmp_path):
    path = tmp_path / "flowers.pth"
    torch.save({"state_dict": build(NetworkConfig(18, classes=2)).state_dict()}, path)
    (tmp_path / "names.txt").write_text("rose\ntulip\n")

    code, out, _ = run("weights", "import", path, "--names", tmp_path / "names.txt")

    assert code == 0
    assert out.startswith("flowers: ResNet-18 B, 2 classes;")
    out = run("classify", "assets/samples/coffee.jpg", "--weights", "flowers", "--json")[1]
    assert {one["name"] for one in json.loads(out)[0]["top"]} == {"rose", "tulip"}
    assert run("weights", "verify")[0] == 0
    assert run("weights", "remove", "flowers")[0] == 0
    assert run("weights", "show", "flowers")[0] == 3


def test_what_tensors_cannot_tell_is_said_on_the_command_line(run, tmp_path):
    path = tmp_path / "plain.pth"
    torch.save(build(NetworkConfig(18, Shortcut.NONE, classes=2)).state_dict(), path)

    code, _, err = run("weights", "import", path)
    assert code == 3
    assert "--shortcut none" in err

    code, out, _ = run("weights", "import", path, "--shortcut", "none", "--json")
    assert json.loads(out)["network"]["shortcut"] == "none"


def test_bundled_weights_are_not_removed(run):
    code, _, err = run("weights", "remove", "resnet18-B-tiny-imagenet")
    assert code == 3
    assert "comes with SkipLens" in err
