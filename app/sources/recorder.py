"""Recording what the window shows to a video file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resnet_core.errors import CameraError
from resnet_core.pictures.frame import Pixels

CODECS = ((".mp4", "mp4v"), (".avi", "MJPG"))
LEAST_FREE_BYTES = 64 * 2**20
MOST_REPEATS_SECONDS = 10.0


class Recorder:
    """Writes pictures at a constant rate, repeated or left out as the clock says.

    Encoding takes milliseconds: use it in one worker thread. The file appears under its name, with
    the suffix of the codec that opened, when ``stop`` is called; until then it ends in .part.
    """

    def __init__(self, path: Path, per_second: float = 30.0) -> None:
        self._wish, self._rate = path, per_second
        self._writer: Any = None
        self._begun, self._written = 0.0, 0
        self._size = (0, 0)

    def add(
        self, pixels: Pixels, captured: float, given_up: Callable[[], bool] = lambda: False
    ) -> None:
        """Add a picture, uint8 (H, W, 3) RGB; one of another size is scaled to the first's.

        captured: seconds, growing. given_up: asked between repeats, which take seconds after a
        freeze. Raises CameraError where no codec opens, the folder is gone or the disk is nearly
        full; call ``stop`` then, and what was recorded is kept.
        """
        import cv2

        if self._writer is None:
            self._open(pixels, captured)
        # Seconds as floats may fall a hair short of the frame they mean.
        due = int((captured - self._begun) * self._rate + 1e-6) + 1
        if due <= self._written:
            return
        if self._free_bytes() < LEAST_FREE_BYTES:
            raise CameraError(
                f"The disk is nearly full, so {self.path.name} ends here; make room to record on."
            )
        picture = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        if (pixels.shape[1], pixels.shape[0]) != self._size:
            picture = cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA)
        # After a sleep of the computer hours would be filled with one picture.
        repeats = min(due - self._written, int(MOST_REPEATS_SECONDS * self._rate))
        for done in range(repeats):
            if done and given_up():  # the picture itself is always written
                return
            self._writer.write(picture)
        self._written = due

    def stop(self) -> Path | None:
        """Finish the file and give its path; None if nothing was recorded.

        Raises CameraError if it cannot be kept, for instance in a folder that is gone.
        """
        if self._writer is None:
            return None
        self._writer.release()
        self._writer = None
        try:
            os.replace(self._part, self.path)
        except OSError as error:
            raise self._lost(error) from error
        return self.path

    def _free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._part.parent).free
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> CameraError:
        return CameraError(
            f"{self.path.name} cannot be kept in {self.path.parent} ({error.strerror}); "
            "record again."
        )

    def _open(self, pixels: Pixels, captured: float) -> None:
        import cv2

        # Most codecs halve the colour's resolution and refuse odd sides.
        self._size = (max(2, pixels.shape[1] // 2 * 2), max(2, pixels.shape[0] // 2 * 2))
        for suffix, codec in CODECS:
            path = self._wish.with_suffix(suffix)
            part = path.with_name(f"{path.stem}.part{suffix}")
            code = cv2.VideoWriter.fourcc(*codec)
            writer = cv2.VideoWriter(str(part), code, self._rate, self._size)
            if writer.isOpened():
                self.path, self._part, self._writer = path, part, writer
                self._begun, self._written = captured, 0
                return
            part.unlink(missing_ok=True)
        raise CameraError(f"{self._wish.name} cannot be recorded; choose a folder to write to.")
