"""How often what belongs to a live picture is shown anew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QObject, QTimer

FIGURES_SECONDS = 0.5
"""How long live numbers stand: nobody reads what changes with every frame, and laying out or
painting it anew costs."""

BARS_SECONDS = 0.1
"""The same for bars and curves, which are not read but followed."""

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2
"""Its multiples lie evenly between whole numbers, however many there are."""

_numbers = count()


class Pace(QObject):
    """Does something when it is asked to; while a picture moves, at most once in ``seconds``.

    What was asked for last is always done, if a little later. It waits for the next frame and is
    painted together with that: between two it costs the window a round of its own. between: what
    takes as long as a frame does not wait, since it would hold that up.
    """

    def __init__(
        self, parent: QObject, act: Callable[[], None], seconds: float, *, between: bool = False
    ) -> None:
        super().__init__(parent)
        self._act, self._seconds, self._between = act, seconds, between
        # Each has another part of these as its turn: all at once would take too long.
        self._ahead = seconds * (next(_numbers) * _GOLDEN_RATIO % 1)
        self._moves = False
        self._done_at = -math.inf
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.act)

    def set_moves(self, moves: bool) -> None:
        """Whether a live picture is on show; when it stands still, everything is of one frame."""
        self._moves = moves
        self.act()
        self._done_at -= self._ahead

    def ask(self) -> None:
        """Act now, or when it is time."""
        rest = self._done_at + self._seconds - time.monotonic()
        if not self._moves or rest <= 0:
            self.act()
        elif not self._between:
            self._later.start(math.ceil(1000 * self._seconds))  # in case that no frame follows
        elif not self._later.isActive():
            self._later.start(math.ceil(1000 * rest))

    def act(self) -> None:
        """Act now, whatever moves."""
        self._later.stop()
        self._done_at = time.monotonic()
        self._act()
