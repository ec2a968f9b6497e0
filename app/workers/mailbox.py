"""A box between two threads that holds one item: the newest wins, the replaced are counted."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """One place. ``put`` never waits; ``take`` waits for an item or for the end."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: Item | None = None
        self._closed = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """How many items were replaced before anyone took them."""
        return self._replaced

    @property
    def waiting(self) -> bool:
        """Whether there is something newer to do, or nothing to do ever again."""
        return self._item is not None or self._closed

    def put(self, item: Item) -> None:
        """Leave an item, in place of one that nobody took yet."""
        with self._condition:
            self._replaced += self._item is not None
            self._item = item
            self._condition.notify()

    def offer(self, item: Item) -> None:
        """Leave an item only where nothing waits: what does is newer."""
        with self._condition:
            if not self.waiting:
                self._item = item
                self._condition.notify()

    def wait(self, seconds: float) -> bool:
        """Let somebody leave something; whether anything waits then."""
        with self._condition:
            return self._condition.wait_for(lambda: self.waiting, seconds)

    def take(self) -> Item | None:
        """The item, or None once the box is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self.waiting)
            item, self._item = self._item, None
            return None if self._closed else item

    def close(self) -> None:
        """Wake who waits, for the last time."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
