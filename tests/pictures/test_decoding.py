"""Every odd file gives the right picture or one clear sentence."""

import io
import os

import numpy as np
import pytest
from PIL import Image, ImageCms

from resnet_core.errors import PictureError
from resnet_core.pictures import decoding
from resnet_core.pictures.decoding import decode, find_pictures

RED = (200, 30, 40)


def picture(mode="RGB", size=(40, 20), colour=RED):
    return Image.new("RGB", size, colour).convert(mode)


def encoded(image, form, **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "contents",
    [
        encoded(picture(), "PNG"),
        encoded(picture(), "BMP"),
        encoded(picture(), "TIFF"),
        encoded(picture(), "WEBP", lossless=True),
        encoded(picture().quantize(8), "PNG"),
        encoded(picture("RGBA"), "PNG"),
        encoded(picture(), "GIF"),
    ],
    ids=["png", "bmp", "tiff", "webp", "palette", "alpha", "gif"],
)
def test_common_files_give_their_colour(contents):
    frame = decode(contents)

    assert frame.pixels.shape == (20, 40, 3)
    assert np.abs(frame.pixels.astype(int) - RED).max() <= 4
    assert not frame.pixels.flags.writeable


def test_cmyk_jpeg_gives_its_colour():
    frame = decode(encoded(picture("CMYK"), "JPEG", quality=95))

    assert np.abs(frame.pixels.astype(int).mean(axis=(0, 1)) - RED).max() < 12


def test_grey_stays_grey():
    frame = decode(encoded(Image.new("L", (8, 8), 77), "PNG"))

    assert (frame.pixels == 77).all()


def test_16_bits_are_scaled_and_not_cut_off():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)

    frame = decode(encoded(Image.fromarray(ramp), "PNG"))

    assert np.abs(frame.pixels[:, :, 0].astype(float) - ramp / 257).max() <= 1


def test_transparency_lies_on_white():
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))

    assert (decode(encoded(image, "PNG")).pixels == 255).all()


def test_transparent_grey_lies_on_white():
    image = Image.new("LA", (8, 8), (0, 128))

    assert np.abs(decode(encoded(image, "PNG")).pixels.astype(int) - 127).max() <= 1


def test_other_colour_spaces_become_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    del profile  # a profile that does not fit the pixels must not do harm
    broken = encoded(picture(), "JPEG", quality=95, icc_profile=b"not a profile")

    assert np.abs(decode(broken).pixels.astype(int) - RED).max() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_made_upright(orientation):
    upright = np.zeros((32, 64, 3), np.uint8)
    upright[:16, :32] = 255  # the upper left quarter is white
    turn = {
        1: lambda p: p, 2: np.fliplr, 3: lambda p: np.rot90(p, 2), 4: np.flipud,
        5: lambda p: p.transpose(1, 0, 2), 6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).transpose(1, 0, 2), 8: lambda p: np.rot90(p, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turn(upright)))

    frame = decode(encoded(stored, "JPEG", quality=100, exif=exif))

    assert frame.pixels.shape == (32, 64, 3)
    assert frame.pixels[4, 8].min() > 240
    assert frame.pixels[4, 56].max() < 15
    assert frame.pixels[28, 8].max() < 15


def test_first_picture_of_an_animation_is_taken():
    first, second = picture(colour=(255, 255, 255)), picture(colour=(0, 0, 0))

    frame = decode(encoded(first, "GIF", save_all=True, append_images=[second]))

    assert (frame.pixels == 255).all()


@pytest.mark.parametrize("name", ["Ночь.png", "写真.png", "😀 😀.png", "a'b\"c.png"])
def test_names_in_any_script_are_read(tmp_path, name):
    path = tmp_path / name
    picture().save(path)

    assert decode(path).name == name


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (b"", "is empty"),
        (b"%PDF-1.4 text", "is not a picture that can be read"),
        (b"hello", "is not a picture that can be read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC photo"),
        (encoded(picture(size=(400, 300)), "JPEG")[:700], "is damaged or cut short"),
        (encoded(Image.effect_noise((200, 200), 90), "PNG")[:9000], "is damaged or cut short"),
    ],
    ids=["empty", "pdf", "text", "heic", "cut jpeg", "cut png"],
)
def test_what_cannot_be_read_gets_one_sentence(contents, sentence):
    with pytest.raises(PictureError, match=f"^holiday.jpg {sentence}"):
        decode(contents, "holiday.jpg")


def test_decompression_bomb_is_refused_before_it_is_decoded(monkeypatch):
    bomb = encoded(Image.new("1", (30_000, 30_000)), "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))

    with pytest.raises(PictureError, match=r"bomb\.png has over 178 million pixels"):
        decode(bomb, "bomb.png")


def test_large_photo_is_decoded_at_a_reduced_size():
    contents = encoded(Image.new("RGB", (9000, 6000), RED), "JPEG")

    frame = decode(contents)

    assert decoding._DRAFT_SIDE <= frame.height < 6000
    assert frame.width / frame.height == pytest.approx(1.5, rel=0.01)


def test_missing_forbidden_and_folder_get_a_sentence(tmp_path, monkeypatch):
    with pytest.raises(PictureError, match="not there any more"):
        decode(tmp_path / "gone.png")
    with pytest.raises(PictureError, match="is a folder"):
        decode(tmp_path)
    path = tmp_path / "secret.png"
    picture().save(path)

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(PictureError, match="may not be read"):
        decode(path)


def test_folders_give_their_pictures_in_natural_order(tmp_path):
    for name in ("b10.png", "b9.PNG", ".hidden.png", "notes.txt", "sub/a.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    os.symlink(tmp_path, tmp_path / "sub" / "loop")

    found = [str(path.relative_to(tmp_path)) for path in find_pictures([tmp_path])]

    assert found == ["b9.PNG", "b10.png", os.path.join("sub", "a.jpg")]
    assert find_pictures([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]
