"""The thread that finds and decodes pictures."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QThread, Signal

from app.workers.mailbox import Mailbox
from resnet_core.errors import PictureError
from resnet_core.pictures.decoding import decode, find_pictures
from resnet_core.pictures.frame import Frame

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """What to open: paths (files and folders), or the bytes of one picture.

    first: which of the pictures that are found to show. step: where to go on from one that
    cannot be read, 1 or -1. number: tells openings apart.
    """

    number: int
    paths: tuple[Path, ...] = ()
    contents: bytes | None = None
    name: str = ""
    first: int = 0
    step: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A decoded picture, its place among those that were found, and what was skipped on the way."""

    opening: Opening
    frame: Frame | None
    paths: tuple[Path, ...]
    index: int
    sentence: str | None


class DecodeWorker(QThread):
    """Decodes the newest opening. A bad file among several costs only itself."""

    opened = Signal(Opened)

    def __init__(self) -> None:
        super().__init__()
        self._mailbox: Mailbox[Opening] = Mailbox()

    def open(self, opening: Opening) -> None:
        """Leave what to open; never waits."""
        self._mailbox.put(opening)

    def finish(self) -> None:
        """End the thread after the picture that it is at; never waits."""
        self._mailbox.close()

    def run(self) -> None:
        while (opening := self._mailbox.take()) is not None:
            try:
                self.opened.emit(self._open(opening))
            except Exception as error:
                logger.exception("Unexpected failure while opening")
                sentence = f"Something unexpected went wrong ({error}); the log has more."
                self.opened.emit(Opened(opening, None, (), 0, sentence))

    def _open(self, opening: Opening) -> Opened:
        if opening.contents is not None:
            try:
                frame = decode(opening.contents, opening.name)
            except PictureError as error:
                return Opened(opening, None, (), 0, str(error))
            return Opened(opening, frame, (), 0, None)
        paths = tuple(find_pictures(opening.paths))
        if not paths:
            return Opened(opening, None, (), 0, "There is no picture in that folder.")
        sentences: list[str] = []
        for steps in range(len(paths)):
            index = (opening.first + steps * opening.step) % len(paths)
            try:
                frame = decode(paths[index])
            except PictureError as error:
                sentences.append(str(error))
                if self._mailbox.waiting:
                    break
            else:
                return Opened(opening, frame, paths, index, " ".join(sentences[:1]) or None)
        return Opened(opening, None, paths, opening.first, sentences[0])
