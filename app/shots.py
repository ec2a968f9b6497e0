"""One explained frame as something to keep: annotated pixels, maps and numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.shell.exports import save_maps
from app.theme import Weight, theme
from app.view import View
from app.widgets.answer_bars import percent
from app.widgets.images import image_of
from app.widgets.map_controls import KIND_NAMES
from app.workers.engine_worker import Explanation
from resnet_core.errors import UsageError
from resnet_core.pictures.frame import Pixels
from resnet_core.pictures.painting import PaintedMap, overlay
from resnet_core.pictures.preprocessing import region

_LINE = 14  # of the picture's height is the line of words, one part in so many
_LEAST_LINE = 26  # pixels
_BACK = QColor(16, 22, 29, 225)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A live frame with its answer, as the window shows it.

    painted: the map over it, None for the picture alone. answer, probability: what the window
    says, steadied or not.
    """

    explanation: Explanation
    view: View
    painted: PaintedMap | None
    answer: str
    probability: float

    @property
    def words(self) -> str:
        """``espresso 89 %   conv4.2 Grad-CAM   ResNet-18 B``."""
        parts = [f"{self.answer} {percent(self.probability)}"]
        if self.painted is not None and self.view.kind is not None:
            parts.append(f"{self.painted.name.replace('_', '.')} {KIND_NAMES[self.view.kind]}")
        parts.append(self.explanation.wish.card.network.title)
        return "   ".join(parts)


def annotated(shot: Shot) -> Pixels:
    """The frame with its map and a line of words, uint8 (H, W, 3); for any thread."""
    frame = shot.explanation.wish.frame
    assert frame is not None
    pixels = frame.pixels
    if shot.painted is not None:
        part = region(shot.explanation.wish.card.preprocessing, frame.height, frame.width)
        pixels = overlay(pixels, part, shot.painted, shot.view.colormap, shot.view.opacity)
    image = image_of(pixels)
    _write(image, shot.words)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def save_shot(shot: Shot, stem: Path) -> Path:
    """Write the picture as PNG, all maps as NPZ and all numbers as JSON beside each other.

    stem: the path without a suffix. Raises UsageError if the folder cannot be written.
    """
    # Loaded here: only who keeps something pays for the command's imports.
    from resnet_core.commands.explain import as_document

    path = stem.with_name(f"{stem.name}.png")
    explanation = shot.explanation
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        if not image_of(annotated(shot)).save(str(path)):
            raise OSError(0, "it may be full or read-only")
        save_maps(explanation, stem.with_name(f"{stem.name}.npz"))
        document = as_document(explanation.explained, explanation.wish.card)
        numbers = stem.with_name(f"{stem.name}.json")
        numbers.write_text(json.dumps(document, indent=1), "utf-8")
    except OSError as error:
        raise UsageError(
            f"{path.name} cannot be written to {stem.parent} ({error.strerror}); "
            "make room there, or allow it."
        ) from error
    return path


def _write(image: QImage, words: str) -> None:
    height = max(_LEAST_LINE, image.height() // _LINE)
    painter = QPainter(image)
    line = QRectF(0, image.height() - height, image.width(), height)
    painter.fillRect(line, _BACK)
    font = theme().font(15, Weight.SEMIBOLD)
    font.setPixelSize(round(height * 0.55))
    painter.setFont(font)
    painter.setPen(QColor("white"))
    room = line.adjusted(height / 3, 0, -height / 3, 0)
    text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
