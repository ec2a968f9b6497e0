"""What ``classify`` can keep beside the answers: a sheet of pictures with maps, and raw maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from resnet_core.arrays import Floats
from resnet_core.bundled import bundled
from resnet_core.explained.archive import map_arrays, write_archive
from resnet_core.explained.values import Explained, MapKind
from resnet_core.files import output_file
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.frame import Frame, Pixels
from resnet_core.pictures.painting import overlay, paint
from resnet_core.pictures.preprocessing import region
from resnet_core.weights.card import Card

SIDE = 224
CAPTION = 44
COLUMNS = 4
MOST_ON_A_SHEET = 400


def save_picture(pixels: Pixels, path: Path) -> None:
    """Write a PNG; a reader never sees half of one."""
    with output_file(path) as stream:
        Image.fromarray(pixels).save(stream, format="PNG")


class Sheet:
    """A contact sheet: each picture, and beside it LayerCAM of the last block over it."""

    def __init__(self, path: Path, card: Card) -> None:
        self._path, self._card = path, card
        self._tiles: list[Image.Image] = []

    def add(self, frame: Frame, explained: Explained) -> None:
        """Draw one picture's tile; past 400 the sheet is full and the rest is left out."""
        if len(self._tiles) >= MOST_ON_A_SHEET:
            return
        part = region(self._card.preprocessing, frame.height, frame.width)
        painted = paint(explained, MapKind.LAYER_CAM, Colormap.VIRIDIS)
        last = painted.maps[explained.blocks[-1].name]
        mapped = overlay(frame.pixels, part, last, Colormap.VIRIDIS, 0.6)
        tile = Image.new("RGB", (2 * SIDE, SIDE + CAPTION), "white")
        for place, pixels in enumerate((frame.pixels, mapped)):
            picture = Image.fromarray(pixels)
            picture.thumbnail((SIDE - 8, SIDE - 8))
            tile.paste(picture, (place * SIDE + 4, 4))
        best = explained.top(1)[0]
        words = f"{self._card.classes[best]}  {100 * explained.probabilities[best]:.0f} %"
        font = ImageFont.truetype(str(bundled("fonts", "Inter-Medium.otf")), 15)
        draw = ImageDraw.Draw(tile)
        draw.text((4, SIDE), words, "black", font)
        draw.text((4, SIDE + 20), frame.name[:56], "#5B6776", font)
        self._tiles.append(tile)

    def save(self) -> None:
        """Put the tiles together and write the PNG."""
        if not self._tiles:
            return
        columns = min(COLUMNS, len(self._tiles))
        rows = -(-len(self._tiles) // columns)
        width, height = self._tiles[0].size
        sheet = Image.new("RGB", (columns * width, rows * height), "white")
        for number, tile in enumerate(self._tiles):
            sheet.paste(tile, (number % columns * width, number // columns * height))
        save_picture(np.asarray(sheet), self._path)


class MapStore:
    """All maps of all pictures as one NPZ, ``coffee.jpg/conv4_2/grad_cam`` and so on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[str, Floats] = {}
        self._names: set[str] = set()

    def add(self, frame: Frame, explained: Explained) -> None:
        """Keep one picture's maps; pictures of the same name are told apart by a number."""
        name, number = frame.name, 2
        while name in self._names:
            name, number = f"{frame.name} ({number})", number + 1
        self._names.add(name)
        maps = map_arrays(explained)
        self._arrays |= {f"{name}/{place}": values for place, values in maps.items()}

    def save(self) -> None:
        """Write the NPZ."""
        write_archive(self._path, self._arrays)
