"""Cameras as Linux lists them, in a folder laid out like sysfs."""

from app.sources.cameras import _linux, remembered


def plug(root, number, place, index="0", name="Desk camera"):
    device = root / "devices" / place
    (device / "1.0").mkdir(parents=True, exist_ok=True)
    for file, text in (("idVendor", "046d"), ("idProduct", "0825"), ("serial", "A1")):
        (device / file).write_text(text + "\n")
    node = root / "class" / f"video{number}"
    node.mkdir(parents=True)
    (node / "name").write_text(name + "\n")
    (node / "index").write_text(index + "\n")
    (node / "device").symlink_to(device / "1.0")


def test_camera_has_its_real_name_and_metadata_nodes_are_left_out(tmp_path):
    plug(tmp_path, 2, "1-4")
    plug(tmp_path, 3, "1-4", index="1")
    found = _linux(tmp_path / "class")

    assert [(camera.index, camera.name) for camera in found] == [(2, "Desk camera")]
    assert found[0].identity == "046d:0825:A1@1-4"


def test_choice_is_found_again_under_another_number_and_at_another_place(tmp_path):
    plug(tmp_path, 0, "1-4")
    plug(tmp_path, 5, "2-1")
    found = _linux(tmp_path / "class")

    assert remembered("046d:0825:A1@2-1", found).index == 5
    assert remembered("046d:0825:A1@9-9", found).index == 0
    assert remembered("ffff:0000:@1-4", found) is None


def test_no_camera_gives_an_empty_list(tmp_path):
    assert _linux(tmp_path / "nothing") == ()
