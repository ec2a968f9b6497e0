"""Cameras as Linux lists them, in a folder laid out like sysfs."""

from dataclasses import replace
from pathlib import Path

from app.sources.cameras import _linux, found_again, remembered

DEVICES = Path("/dev")


def plug(root, number, place, index="0", name="Desk camera", part="1.0"):
    device = root / "devices" / place
    interface = device / f"{place}:{part}"
    interface.mkdir(parents=True, exist_ok=True)
    for file, text in (("idVendor", "046d"), ("idProduct", "0825"), ("serial", "A1")):
        (device / file).write_text(text + "\n")
    node = root / "class" / f"video{number}"
    node.mkdir(parents=True)
    (node / "name").write_text(name + "\n")
    (node / "index").write_text(index + "\n")
    (node / "device").symlink_to(interface)


def test_camera_has_its_real_name_and_metadata_nodes_are_left_out(tmp_path):
    plug(tmp_path, 2, "1-4")
    plug(tmp_path, 3, "1-4", index="1")
    found = _linux(tmp_path / "class", DEVICES)

    assert [(camera.index, camera.name) for camera in found] == [(2, "Desk camera")]
    assert found[0].identity == "046d:0825:A1@1-4:1.0"
    assert found[0].device == "/dev/video2"


def test_choice_is_found_again_under_another_number_and_at_another_place(tmp_path):
    plug(tmp_path, 0, "1-4")
    plug(tmp_path, 5, "2-1")
    found = _linux(tmp_path / "class", DEVICES)

    assert remembered("046d:0825:A1@2-1:1.0", found).index == 5
    assert remembered("046d:0825:A1@9-9:1.0", found).index == 0
    assert remembered("ffff:0000:@1-4:1.0", found) is None


def test_two_cameras_of_one_device_are_told_apart_also_at_another_place(tmp_path):
    plug(tmp_path, 0, "1-4", name="Laptop camera")
    plug(tmp_path, 2, "1-4", name="Laptop infrared", part="1.2")
    found = _linux(tmp_path / "class", DEVICES)

    assert len({camera.identity for camera in found}) == 2
    assert remembered("046d:0825:A1@1-4:1.2", found).name == "Laptop infrared"
    assert remembered("046d:0825:A1@2-1:1.2", found).name == "Laptop infrared"


def test_camera_that_comes_back_is_asked_for_as_before(tmp_path):
    plug(tmp_path, 0, "1-4")
    camera = replace(_linux(tmp_path / "class", DEVICES)[0], width=640, height=480, mirror=False)

    plug(tmp_path, 3, "1-4")
    again = found_again(camera, _linux(tmp_path / "class", DEVICES)[1:])

    assert again == replace(camera, index=3, device="/dev/video3")


def test_camera_that_was_beside_it_is_another_one_though_of_the_same_kind(tmp_path):
    plug(tmp_path, 0, "1-4")
    plug(tmp_path, 1, "2-1")
    first, second = _linux(tmp_path / "class", DEVICES)

    assert found_again(first, (second,), {second.identity}) is None
    assert found_again(first, (second,)).index == 1


def test_no_camera_gives_an_empty_list(tmp_path):
    assert _linux(tmp_path / "nothing", DEVICES) == ()
