"""The command line: what it prints, what it ends with, and what it never imports."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import main
from resnet_core.pictures.samples import samples

ROOT = Path(__file__).resolve().parents[2]
COFFEE = next(sample.path for sample in samples() if sample.name == "coffee")


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main.main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_coffee_is_an_espresso(run):
    code, out, _ = run("classify", COFFEE, "--json", "--top", 3)

    document = json.loads(out)
    assert code == 0
    assert document[0]["path"] == str(COFFEE)
    assert document[0]["top"][0]["name"] == "espresso"
    assert len(document[0]["top"]) == 3
    assert document[0]["engine"] == "openvino:cpu"
    assert document[0]["error"] is None


def test_a_folder_survives_its_bad_files_and_keeps_the_order(run, tmp_path):
    for number in range(11):
        if number % 4 == 1:
            (tmp_path / f"{number}.jpg").write_bytes(b"broken")
        else:
            shutil.copy(COFFEE, tmp_path / f"{number}.jpg")

    code, out, _ = run("classify", tmp_path, "--json")

    document = json.loads(out)
    assert code == 1
    assert [Path(entry["path"]).stem for entry in document] == [str(n) for n in range(11)]
    for number, entry in enumerate(document):
        if number % 4 == 1:
            assert "is not a picture" in entry["error"]
        else:
            assert entry["top"][0]["name"] == "espresso"


def test_two_forms_at_once_are_refused(run):
    with pytest.raises(SystemExit) as ended:
        run("classify", COFFEE, "--json", "--format", "csv")
    assert ended.value.code == 2


def test_bare_and_explained_answers_are_the_same(run, tmp_path):
    bare = json.loads(run("classify", COFFEE, "--json")[1])[0]["top"]
    maps = tmp_path / "maps.npz"
    sheet = tmp_path / "sheet.png"

    full = json.loads(
        run("classify", COFFEE, "--json", "--maps", maps, "--sheet", sheet)[1]
    )[0]["top"]  # fmt: skip

    for one, other in zip(bare, full, strict=True):
        assert one["name"] == other["name"]
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-3)
    with np.load(maps) as stored:
        assert stored["coffee.jpg/conv5_2/layer_cam"].shape == (4, 4)
    with Image.open(sheet) as drawn:
        assert drawn.width == 448


def test_shards_part_the_work(run):
    paths = [sample.path for sample in samples()]
    found = []
    for part in (1, 2, 3):
        out = run("classify", *paths, "--shard", f"{part}/3", "--format", "csv", "--top", 1)[1]
        found += [line.split(",")[0] for line in out.splitlines()[1:]]

    assert sorted(found) == sorted(map(str, paths))


def test_explain_gives_all_numbers_and_writes_all_maps(run, tmp_path):
    code, out, _ = run(
        "explain", COFFEE, "--json", "--lesion", "conv4_2,conv5_1", "--strength", 0.5,
        "--out", tmp_path / "maps", "--target", "teapot",
    )  # fmt: skip

    document = json.loads(out)
    assert code == 0
    assert document["target"]["name"] == "teapot"
    assert [block["name"] for block in document["blocks"]][::4] == ["conv1", "conv3_2", "conv5_2"]
    block = document["blocks"][3]
    assert block["shortcut_kind"] == "projection"
    assert block["shape"] == [128, 16, 16]
    assert block["gradient_share_shortcut"] + block["gradient_share_residual"] == pytest.approx(1)
    names = {path.name for path in (tmp_path / "maps").iterdir()}
    assert {"conv4_2.grad_cam.png", "maps.npz", "explained.json"} <= names
    assert len(names) == 9 * 4 + 2


def test_explain_can_be_about_one_block(run):
    document = json.loads(run("explain", COFFEE, "--json", "--block", "conv4_1")[1])

    assert [block["name"] for block in document["blocks"]] == ["conv4_1"]


def test_census_is_printed(run):
    document = json.loads(run("info", "--census", "--json", "--depth", 50, "--stride", "v1")[1])

    assert document["total"]["parameters"] == 25_557_032
    assert document["total"]["multiply_adds"] == 3_857_973_248
    assert document["layers"][0]["name"] == "conv1"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["classify", "x.jpg", "--depth", "50"], 2, "no trained weights for ResNet-50 B"),
        (["classify", "x.jpg", "--weights", "resnet18-B-tiny-imagnet"], 3, "did you mean resnet18"),
        (["explain", "gone.jpg"], 1, "gone.jpg is not there any more"),
        (["explain", str(COFFEE), "--block", "conv9_9"], 2, "conv2_1 to conv5_2"),
        (["explain", str(COFFEE), "--target", "dragon"], 2, "knows no class 'dragon'"),
        (["explain", str(COFFEE), "--target", "fly"], 0, ""),
        (["classify", str(COFFEE), "--shard", "3/2"], 2, "I from 1 to N"),
        (["classify", str(COFFEE), "--engine", "openvino:gpu"], 3, "finds no device GPU"),
        (["info", "--census", "--size", "100x100"], 2, "multiples of 32"),
    ],
)
def test_failures_are_one_sentence_and_an_exit_code(run, words, code, sentence):
    found, _, err = run(*words)

    assert found == code
    assert sentence in err
    assert len(err.strip().splitlines()) == (0 if code == 0 else 1)


def test_untrained_networks_answer_only_who_asks_for_them(run):
    code, out, _ = run("classify", COFFEE, "--json", "--weights", "untrained-34-A")

    assert code == 0
    assert json.loads(out)[0]["top"][0]["probability"] < 0.2


def in_a_fresh_process(code, *, without=()):
    """Run code in a process where some modules cannot be imported, as if not installed."""
    block = f"import sys\nfor name in {tuple(without)!r}: sys.modules[name] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", block + code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_classify_works_without_torch_and_without_qt():
    code = f"import main; sys.exit(main.main(['classify', {str(COFFEE)!r}, '--json']))"

    out = in_a_fresh_process(code, without=["torch", "torchvision", "PySide6", "cv2", "pyqtgraph"])

    assert json.loads(out)[0]["top"][0]["name"] == "espresso"


def test_torch_is_never_imported_on_the_way_to_an_answer():
    code = (
        f"import main; main.main(['classify', {str(COFFEE)!r}])\n"
        "heavy = {'torch', 'torchvision', 'PySide6', 'cv2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    in_a_fresh_process(code)


def test_public_front_explains_and_imports_nothing_before_it_must():
    code = (
        "import resnet_core\n"
        "assert not {'numpy', 'openvino', 'torch'} & set(sys.modules)\n"
        "model = resnet_core.load()\n"
        f"explained = resnet_core.explain({str(COFFEE)!r}, model, strengths={{'conv4_2': 0}})\n"
        "assert explained.block('conv4_2').grad_cam.shape == (8, 8)\n"
        "assert explained.block('conv4_2').numbers.residual_norm == 0\n"
        "assert resnet_core.census(model.config).total.parameters == model.parameters\n"
    )

    in_a_fresh_process(code, without=["PySide6"])


def test_smoke_opens_the_window_and_answers():
    done = subprocess.run(
        [sys.executable, "main.py", "--smoke"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "coffee: espresso" in done.stdout


def test_screenshot_draws_the_real_window(tmp_path):
    file = tmp_path / "shot.png"
    done = subprocess.run(
        [sys.executable, "main.py", "screenshot", "explore", str(file), "--size", "1024x700",
         "--theme", "dark", str(COFFEE)], cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    with Image.open(file) as drawn:
        assert drawn.size == (1024, 700)
