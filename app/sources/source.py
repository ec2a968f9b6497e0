"""The one interface of every live source."""

from __future__ import annotations

from typing import Protocol

from app.sources.requests import Command
from app.sources.states import LeftOut, Place, State
from resnet_core.pictures.frame import Frame


class Source(Protocol):
    """One thread calls start, next and close; the others may be called from any thread.

    Nothing here waits for a device: that is left behind or killed. place: where the last frame
    stood, None for what has no end.
    """

    place: Place | None

    def start(self) -> None:
        """Begin to open; what comes of it is told by next."""

    def next(self, timeout: float) -> Frame | State | LeftOut | None:
        """A frame, a new state, what was left out, or None when nothing came in timeout seconds."""

    def command(self, command: Command) -> None:
        """Ask for something; a source that knows no such thing ignores it."""

    def interrupt(self) -> None:
        """Make next return at once, whatever the device does."""

    def close(self) -> None:
        """Give everything back."""
