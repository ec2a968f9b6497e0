"""How often what belongs to a live picture is shown anew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

FIGURES_SECONDS = 0.5
"""How long live numbers stand: nobody reads what changes with every frame, and laying out or
painting it anew costs."""

BARS_SECONDS = 0.1
"""The same for bars and curves, which are not read but followed."""


class Pace(QObject):
    """Does something when it is asked to; while a picture moves, at most once in ``seconds``.

    It waits for the next frame, to be painted together with it: between two it would cost the
    window a round of its own. What was asked for last is always done, if a little later.
    """

    def __init__(self, parent: QObject, act: Callable[[], None], seconds: float) -> None:
        super().__init__(parent)
        self._act, self._seconds = act, seconds
        self._moves = False
        self._done_at = -math.inf
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.act)

    def set_moves(self, moves: bool) -> None:
        """Whether a live picture is on show; when it stands still, everything is of one frame."""
        self._moves = moves
        self.act()

    def ask(self) -> None:
        """Act now, or when it is asked again or was not for so long."""
        if not self._moves or time.monotonic() - self._done_at >= self._seconds:
            self.act()
        else:
            self._later.start(math.ceil(1000 * self._seconds))

    def act(self) -> None:
        """Act now, whatever moves."""
        self._later.stop()
        self._done_at = time.monotonic()
        self._act()
