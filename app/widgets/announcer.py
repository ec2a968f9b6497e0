"""Saying to screen readers what changed, politely."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

MS_BETWEEN = 2000


class Announcer(QObject):
    """At most one sentence every two seconds; of those that came between, the newest is said."""

    announced = Signal(str)

    def __init__(self, widget: QWidget, ms_between: int = MS_BETWEEN) -> None:
        super().__init__(widget)
        self._widget = widget
        self._waiting = ""
        self._said = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(ms_between)
        self._pause.timeout.connect(self._say)

    def say(self, text: str) -> None:
        """Say it now, or after the pause, or not at all if something newer comes or it was last."""
        self._waiting = text
        if not self._pause.isActive():
            self._say()

    @Slot()
    def _say(self) -> None:
        if not self._waiting or self._waiting == self._said:
            return
        self._said, self._waiting = self._waiting, ""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._widget, self._said))
        self._pause.start()
        self.announced.emit(self._said)
