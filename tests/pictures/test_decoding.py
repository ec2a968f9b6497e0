"""Every odd file gives the right picture or one clear sentence."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageCms

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


def png_of_16_bits(values):
    """Pillow writes no 16-bit colour: the chunks by hand, from an array (H, W, 3)."""

    def chunk(kind, contents):
        check = struct.pack(">I", zlib.crc32(kind + contents))
        return struct.pack(">I", len(contents)) + kind + contents + check

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def profile_with_red_and_green_swapped():
    """An ICC profile by hand: sRGB's primaries (D50) in another order, gamma 2.2."""

    def xyz(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in values))

    gamma = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(2.2 * 256))
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    tags = {
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(*green), b"gXYZ": xyz(*red), b"bXYZ": xyz(*blue),
        b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma,
    }  # fmt: skip
    offset, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, contents in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(contents))
        body += contents
    header = struct.pack(">I4xI4s4s4s12x4s", offset + len(body), 0x02400000, b"mntr", b"RGB ",
                         b"XYZ ", b"acsp")  # fmt: skip
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


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


def test_dark_16_bits_stay_dark():
    dark = np.full((8, 8), 200, np.uint16)

    assert decode(encoded(Image.fromarray(dark), "PNG")).pixels.max() <= 1


def test_16_bit_colour_keeps_its_high_byte():
    frame = decode(png_of_16_bits(np.full((4, 6, 3), [0xC8FF, 0x1E80, 0x2800])))

    assert frame.pixels.shape == (4, 6, 3)
    assert np.abs(frame.pixels.astype(int) - RED).max() <= 1


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e6])
def test_fractions_are_scaled_to_the_white_they_suggest(white):
    values = np.array([[0, 0.25], [0.5, 1]], np.float32) * np.float32(white)

    frame = decode(encoded(Image.fromarray(values), "TIFF"))

    np.testing.assert_allclose(frame.pixels[:, :, 0], [[0, 64], [128, 255]], atol=1)


def test_ycck_jpeg_gives_its_colour():
    cmyk = picture("CMYK")
    cyan, magenta, yellow, black = cmyk.split()
    luma = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    stored = Image.merge("CMYK", [*(ImageChops.invert(band) for band in luma), black])
    contents = bytearray(encoded(stored, "JPEG", quality=95))
    contents[contents.index(b"Adobe") + 11] = 2  # from here on the same bytes say YCCK

    frame = decode(bytes(contents))

    assert np.abs(frame.pixels.astype(int).mean(axis=(0, 1)) - RED).max() < 12


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_other_colour_spaces_become_srgb(mode):
    """A space whose red is what sRGB calls green: the same bytes mean another colour."""
    image = picture().quantize(8) if mode == "P" else picture(mode)
    contents = encoded(image, "PNG", icc_profile=profile_with_red_and_green_swapped())

    swapped = decode(contents).pixels.astype(int)

    assert np.abs(swapped - (RED[1], RED[0], RED[2])).max() < 10


def test_broken_or_foreign_profile_costs_only_exact_colour():
    for profile in (b"not a profile", profile_with_red_and_green_swapped()[:200]):
        broken = encoded(picture(), "JPEG", quality=95, icc_profile=profile)
        assert np.abs(decode(broken).pixels.astype(int) - RED).max() < 8
    grey = encoded(picture("L"), "PNG", icc_profile=profile_with_red_and_green_swapped())
    assert (decode(grey).pixels == picture("L").getpixel((0, 0))).all()


def test_lab_gives_its_colour():
    lab = ImageCms.profileToProfile(
        picture(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )

    assert np.abs(decode(encoded(lab, "TIFF")).pixels.astype(int) - RED).max() < 8


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
    bomb = bytearray(png_of_16_bits(np.zeros((1, 1, 3))))
    bomb[16:24] = struct.pack(">II", 30_000, 30_000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))

    with pytest.raises(PictureError, match=r"bomb\.png has over 178 million pixels"):
        decode(bytes(bomb), "bomb.png")


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


def test_devices_pipes_and_videos_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "MOST_BYTES", 10)
    path = tmp_path / "film.mkv"
    path.write_bytes(b"film" * 10)
    with pytest.raises(PictureError, match="too much for a picture"):
        decode(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(PictureError, match="is not a file"):
            decode(tmp_path / "pipe.png")


def test_path_that_no_system_takes_gets_a_sentence():
    with pytest.raises(PictureError, match="cannot be read"):
        decode(Path("a\0b.png"))


def test_name_that_is_no_text_can_be_shown():
    assert decode(encoded(picture(), "PNG"), "caf\udce9.png").name.encode("utf-8")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF"])
def test_damage_anywhere_gives_a_picture_or_a_sentence(form):
    turned = Image.Exif()
    turned[0x0112] = 6
    options = {"exif": turned} if form in {"PNG", "JPEG", "WEBP"} else {}
    whole = encoded(Image.effect_noise((24, 16), 80).convert("RGB"), form, **options)
    draw = np.random.default_rng(7)
    sentences = []

    for _ in range(60):
        damaged = bytearray(whole)
        for place in draw.integers(0, len(whole), 4):
            damaged[place] = draw.integers(0, 256)
        try:
            assert decode(bytes(damaged), "holiday").pixels.ndim == 3
        except PictureError as error:
            sentences.append(str(error))

    assert all(sentence.startswith("holiday ") for sentence in sentences)


def test_folders_give_their_pictures_in_natural_order(tmp_path):
    for name in ("b10.png", "b9.PNG", ".hidden.png", "notes.txt", "sub/a.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    os.symlink(tmp_path, tmp_path / "sub" / "loop")

    found = [str(path.relative_to(tmp_path)) for path in find_pictures([tmp_path])]

    assert found == ["b9.PNG", "b10.png", os.path.join("sub", "a.jpg")]
    assert find_pictures([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]
