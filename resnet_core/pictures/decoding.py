"""Reading pictures: any common file becomes an upright RGB frame, or one clear sentence."""

from __future__ import annotations

import io
import os
import re
import stat
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from resnet_core.errors import PictureError
from resnet_core.pictures.colour import srgb, upright
from resnet_core.pictures.frame import Frame, Pixels

SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".avif", ".tif", ".tiff",
    ".ppm", ".pgm", ".pbm",
})  # fmt: skip

KINDS = "JPEG, PNG, WebP, AVIF, GIF, BMP and TIFF"

MOST_BYTES = 2**30
"""A longer file is no picture but a video or an archive; it is refused before it is read."""

_DRAFT_SIDE = 2048
"""A JPEG whose sides are far longer is decoded at a half, a quarter or an eighth at once."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def decode(source: Path | bytes, name: str | None = None) -> Frame:
    """Decode a file, or the bytes of one.

    Orientation from EXIF is applied, transparency lies on white, 16 bits become 8, CMYK and other
    colour spaces become sRGB, and of an animation the first picture is taken.
    Raises PictureError with a sentence that names the picture.
    """
    path = source if isinstance(source, Path) else None
    # A file name may hold bytes that are no text; captions and JSON could not show it.
    name = os.fsencode(name or (path.name if path else "the picture")).decode("utf-8", "replace")
    contents = _read(path, name) if path else source
    assert isinstance(contents, bytes)
    if not contents:
        raise PictureError(f"{name} is empty; choose another picture.")
    try:
        with warnings.catch_warnings():
            # Odd metadata is no reason to trouble anyone: the pixels decide.
            warnings.simplefilter("ignore")
            pixels = _pixels(contents)
    except Image.DecompressionBombError:
        # Raised before anything is decoded; 179 million pixels would take over half a gigabyte.
        raise PictureError(
            f"{name} has over {2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels, more "
            "than can be shown; make it smaller first."
        ) from None
    except UnidentifiedImageError:
        raise PictureError(_unknown(contents, name)) from None
    except MemoryError:
        raise PictureError(
            f"{name} needs more memory than is free; close other programs or make it smaller."
        ) from None
    except Exception as error:  # decoders raise anything where a file is damaged
        raise PictureError(
            f"{name} is damaged or cut short and cannot be read; choose another copy of it."
        ) from error
    return Frame(pixels, name, path)


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The files among ``paths``, and the pictures in the folders among them, in natural order.

    Files that were named are kept whatever their suffix is; hidden ones in folders are not.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found.extend(sorted(_in_folder(path), key=_natural))
        else:
            found.append(path)
    return found


def _in_folder(folder: Path) -> Iterator[Path]:
    # os.walk does not follow links to folders, so a loop of links ends.
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", str(path).casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _read(path: Path, name: str) -> bytes:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise PictureError(f"{name} is a folder; choose a picture in it.")
        if not stat.S_ISREG(found.st_mode):
            raise PictureError(f"{name} is not a file but a device or a pipe; choose a picture.")
        if found.st_size > MOST_BYTES:
            raise PictureError(
                f"{name} has {found.st_size / 2**30:.1f} GiB, too much for a picture; "
                "make it smaller first."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise PictureError(f"{name} is not there any more; choose another picture.") from None
    except PermissionError:
        raise PictureError(f"{name} may not be read; allow it, or choose another file.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        reason = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"{name} cannot be read ({reason}); choose another file.") from error


def _unknown(contents: bytes, name: str) -> str:
    if contents[4:8] == b"ftyp" and contents[8:12] in _HEIF_BRANDS:
        return f"{name} is a HEIC photo, which cannot be read here; save it as JPEG first."
    return f"{name} is not a picture that can be read here; {KINDS} can."


def _pixels(contents: bytes) -> Pixels:
    with Image.open(io.BytesIO(contents)) as picture:
        if picture.format == "JPEG":
            picture.draft(None, (_DRAFT_SIDE, _DRAFT_SIDE))
        picture.load()
        return np.array(srgb(upright(picture)), np.uint8, order="C")
