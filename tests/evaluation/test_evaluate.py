"""Counts that are right by hand, labels that are matched, pictures that are bad."""

from __future__ import annotations

import csv
import io
import json
import threading
import zipfile

import numpy as np
import pytest
from PIL import Image

import main
from resnet_core.errors import DataError, UsageError
from resnet_core.evaluation.evaluate import Shard, Stopped, evaluate
from resnet_core.evaluation.evaluation import Evaluation, joined
from resnet_core.evaluation.matching import match
from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.model import Model

COLOURS = ("red", "green", "blue")


class Colourist:
    """Answers the strongest channel of a picture, and takes violet for red."""

    def __init__(self):
        self.batches = []

    def logits(self, model, inputs, strengths=None):
        self.batches.append(len(inputs))
        return inputs.mean(axis=(2, 3))


@pytest.fixture
def model():
    card = Card(
        name="colours",
        title="Colours",
        provenance=Provenance.YOURS,
        network=NetworkConfig(18, classes=3),
        classes=COLOURS,
        preprocessing=Preprocessing(
            crop=(32, 32), resize=32, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)
        ),
        licence="",
        limits="",
    )
    return Model(card, {}, "colours")


def paint(path, colour):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 36), colour).save(path)


@pytest.fixture
def folder(tmp_path):
    """Nine red, six green of which two look red, one blue, one broken, one foreign."""
    root = tmp_path / "pictures"
    for number in range(9):
        paint(root / "Red" / f"{number}.png", "#d01010")
    for number in range(6):
        paint(root / "green" / f"{number}.png", "#c02020" if number < 2 else "#10d010")
    paint(root / "2" / "only.png", "#1010d0")
    paint(root / "violet" / "0.png", "#8010d0")
    (root / "2" / "broken.png").write_bytes(b"no picture")
    return root


def test_counts_are_those_made_by_hand(model, folder):
    seen = []
    engine = Colourist()

    found = evaluate(engine, model, folder, report=seen.append)

    assert found.pictures.tolist() == [9, 6, 1]
    assert found.top1.tolist() == [9, 4, 1]
    assert found.top5.tolist() == [9, 6, 1]
    assert found.top1_error == pytest.approx(100 * 2 / 16)
    assert found.top5_error == 0
    assert [(pair.label, pair.answer, pair.count) for pair in found.confusions(5)] == [
        ("green", "red", 2)
    ]
    assert found.unmatched == ("violet",)
    assert len(found.unreadable) == 1
    assert "broken.png" in found.unreadable[0]
    assert (seen[-1].done, seen[-1].total) == (17, 17)
    assert set(engine.batches) <= {8, 1}


def test_archive_gives_what_its_folder_gives(model, folder, tmp_path):
    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(folder.rglob("*.png"), reverse=True):
            target.write(path, path.relative_to(folder.parent))

    found = evaluate(Colourist(), model, archive)

    expected = evaluate(Colourist(), model, folder)
    assert found.as_csv() == expected.as_csv()
    assert found.answers == expected.answers


def test_shards_join_to_the_whole(model, folder):
    whole = evaluate(Colourist(), model, folder)
    parts = [evaluate(Colourist(), model, folder, shard=Shard(n, 3)) for n in (1, 2, 3)]
    documents = [json.loads(json.dumps(part.as_document())) for part in parts]

    together = joined(map(Evaluation.of_document, documents))

    assert together.as_document() == whole.as_document()
    other = {**documents[0], "weights": "others"}
    with pytest.raises(DataError, match="of colours and of others"):
        joined([parts[0], Evaluation.of_document(other)])
    with pytest.raises(UsageError, match="form I/N"):
        Shard.parse("4/3")


def test_table_has_a_row_for_each_measured_class(model, folder):
    rows = list(csv.DictReader(io.StringIO(evaluate(Colourist(), model, folder).as_csv())))

    assert [row["name"] for row in rows] == ["green", "red", "blue"]
    assert rows[0]["top1_error"] == "33.33"
    assert rows[0]["most_often_taken_for"] == "red"
    assert rows[1]["most_often_taken_for"] == ""


def test_validation_pictures_are_measured_where_they_are_told_apart(model, tmp_path):
    for split, count in (("train", 3), ("val", 2)):
        for number in range(count):
            paint(tmp_path / "data" / split / "red" / f"{number}.png", "red")
            paint(tmp_path / "data" / split / "blue" / f"{number}.png", "blue")

    assert evaluate(Colourist(), model, tmp_path / "data").count == 4


def test_measuring_can_be_stopped(model, folder):
    stop = threading.Event()

    with pytest.raises(Stopped):
        evaluate(Colourist(), model, folder, report=lambda done: stop.set(), cancelled=stop)


def test_folder_without_classes_of_the_network_is_refused(model, tmp_path):
    paint(tmp_path / "data" / "sofa" / "0.png", "red")
    paint(tmp_path / "data" / "lamp" / "0.png", "red")

    with pytest.raises(DataError, match=r"None of the 2 folders \(lamp, sofa ...\)"):
        evaluate(Colourist(), model, tmp_path / "data")
    with pytest.raises(DataError, match="no folder, tar or zip"):
        evaluate(Colourist(), model, tmp_path / "gone")


def test_folders_are_matched_by_name_synonym_and_number():
    classes = ("tabby", "Egyptian cat", "crane", "crane")
    words = {"n02123045": "tabby, tabby cat", "n09999999": "nothing"}

    assert match(["egyptian_cat", "n02123045", "3", "crane"], classes, words) == {
        "egyptian_cat": 1,
        "n02123045": 0,
        "3": 3,
    }
    assert match(["n01443537"], ("other", "goldfish"), {}) == {"n01443537": 1}


def test_wordnet_numbers_of_all_classes_are_in_their_order():
    assert match(["n00000002", "n00000001"], ("a", "b"), {}) == {"n00000001": 0, "n00000002": 1}


def test_command_prints_errors_and_writes_the_table(tmp_path, capsys):
    samples = "assets/samples"
    for name, kind in (("coffee.jpg", "espresso"), ("persian_cat.jpg", "n02123394")):
        with Image.open(f"{samples}/{name}") as picture:
            (tmp_path / "data" / kind).mkdir(parents=True)
            picture.convert("RGB").save(tmp_path / "data" / kind / "0.jpg", quality=95)
    table = tmp_path / "table.csv"

    code = main.main(["evaluate", str(tmp_path / "data"), "--per-class", str(table), "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["pictures"] == 2
    assert document["top1_error"] == 0
    assert len(table.read_text().splitlines()) == 3
    (tmp_path / "shard.json").write_text(json.dumps(document))
    assert main.main(["evaluate", "--join", str(tmp_path / "shard.json")]) == 0
    assert "top-1 error   0.00 %" in capsys.readouterr().out
    assert main.main(["evaluate"]) == 2


def test_evaluation_of_nothing_has_no_figures(model):
    empty = np.zeros(3, np.int64)
    document = Evaluation("colours", COLOURS, empty, empty, empty, {}).as_document()

    assert document["top1_error"] is None
