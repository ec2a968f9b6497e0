"""Folders, archives and Tiny ImageNet's layout give the same labelled pictures."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from resnet_core.errors import DataError, TrainingError
from resnet_core.training.pictures import load_pictures
from tests.training.conftest import PIXELS, write_picture


def test_class_folders_give_labelled_pictures(class_folders: Path, tmp_path: Path) -> None:
    pictures = load_pictures(class_folders, PIXELS, tmp_path)
    assert pictures.classes == pictures.names == ("green", "red")
    assert pictures.training.pictures.shape == (40, 3, PIXELS, PIXELS)
    assert len(pictures.validation) == 8
    means = pictures.training.pictures.mean(axis=(2, 3))
    # RGB: the picture of class 0 is green, of class 1 red.
    assert (means[pictures.training.labels == 0].argmax(axis=1) == 1).all()
    assert (means[pictures.training.labels == 1].argmax(axis=1) == 0).all()


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip", "flat zip"])
def test_archive_gives_what_its_folder_gives(
    kind: str, class_folders: Path, tmp_path: Path
) -> None:
    archive = tmp_path / f"colours.{kind.rsplit(maxsplit=1)[-1]}"
    inside = "" if kind == "flat zip" else "some/folder"
    files = sorted(path for path in class_folders.rglob("*.png"))[::-1]
    names = [Path(inside) / path.relative_to(class_folders) for path in files]
    if "zip" in kind:
        with zipfile.ZipFile(archive, "w") as target:
            for path, name in zip(files, names, strict=True):
                target.write(path, name)
    else:
        with tarfile.open(archive, "w:gz" if kind == "tar.gz" else "w") as target:
            for path, name in zip(files, names, strict=True):
                target.add(path, f"./{name}")
    expected = load_pictures(class_folders, PIXELS, tmp_path)
    found = load_pictures(archive, PIXELS, tmp_path)
    assert found.classes == expected.classes
    np.testing.assert_array_equal(found.training.pictures, expected.training.pictures)
    np.testing.assert_array_equal(found.training.labels, expected.training.labels)
    np.testing.assert_array_equal(found.validation.pictures, expected.validation.pictures)


def test_tiny_imagenets_layout_is_read_without_its_foreign_labels(tmp_path: Path) -> None:
    root = tmp_path / "tiny"
    for colour, wnid in ((1, "n01"), (2, "n02")):
        write_picture(root / "train" / wnid / "images" / f"{wnid}_0.JPEG", colour, colour)
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text("n01_0.JPEG\t0\t0\t9\t9\n")
    for number in range(3):
        write_picture(root / "val" / "images" / f"val_{number}.JPEG", number, 1)
    write_picture(root / "test" / "images" / "test_0.JPEG", 1, 1)
    rows = ["val_0.JPEG\tn02\t0\t0\t9\t9", "val_1.JPEG\tn01\t0\t0\t9\t9", "val_2.JPEG\tn99\t0\t0"]
    (root / "val" / "val_annotations.txt").write_text("\n".join(rows) + "\n")
    (root / "words.txt").write_text("n01\tgoldfish, Carassius auratus\nn02\tbullfrog\n")
    pictures = load_pictures(root, PIXELS, tmp_path / "cache")
    assert pictures.classes == ("n01", "n02")
    assert pictures.names == ("goldfish", "bullfrog")
    assert len(pictures.training) == 2
    assert pictures.validation.labels.tolist() == [1, 0]


def test_twentieth_picture_is_held_out_where_there_is_no_validation_folder(
    class_folders: Path, tmp_path: Path
) -> None:
    root = tmp_path / "plain"
    shutil.copytree(class_folders / "train", root)
    pictures = load_pictures(root, PIXELS, tmp_path / "cache")
    assert len(pictures.training) == 38
    assert pictures.validation.labels.tolist() == [0, 1]


def test_large_pictures_keep_their_centre(tmp_path: Path) -> None:
    root = tmp_path / "wide"
    import cv2

    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 32:96] = 200
    for split in ("train", "val"):
        for name in ("a", "b"):
            (root / split / name).mkdir(parents=True)
            cv2.imwrite(str(root / split / name / "1.png"), picture)
    pictures = load_pictures(root, PIXELS, tmp_path / "cache")
    assert (pictures.training.pictures == 200).all()


def test_decoded_pictures_are_kept_and_read_again(class_folders: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(class_folders, copy)
    first = load_pictures(copy, PIXELS, tmp_path / "cache")
    shutil.rmtree(copy / "train" / "red")
    second = load_pictures(copy, PIXELS, tmp_path / "cache")
    assert second.classes == first.classes
    assert not first.training.pictures.flags.writeable


def test_unreadable_picture_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_picture(tmp_path / "broken" / name / "1.png", 1, 1)
    for number in range(2, 22):
        write_picture(tmp_path / "broken" / "a" / f"{number}.png", 1, 1)
    (tmp_path / "broken" / "a" / "5.png").write_bytes(b"no picture")
    with pytest.raises(TrainingError, match=r"a/5\.png cannot be read"):
        load_pictures(tmp_path / "broken", PIXELS, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_missing_or_empty_data_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="are missing"):
        load_pictures(tmp_path / "nowhere", PIXELS, tmp_path)
    (tmp_path / "notes.txt").write_text("no archive")
    with pytest.raises(DataError, match="is no folder, tar or zip"):
        load_pictures(tmp_path / "notes.txt", PIXELS, tmp_path)
    with pytest.raises(DataError, match="no two folders of classes"):
        load_pictures(tmp_path, PIXELS, tmp_path / "cache")
