"""Show: in and out by a held key, the mouse out of sight, back to the camera by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent

from app.shell.awake import keep_awake

HOLD_SECONDS = 1.0
MOUSE_SECONDS = 2.0
RETURN_SECONDS = 30.0
THAW_SECONDS = 60.0
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 2.0, 30.0
TICK_MS = 50

_INPUTS = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.Drop,
    QEvent.Type.TouchBegin,
})  # fmt: skip


class ShowController(QObject):
    """Watches the whole program's input while Show is on. clock: seconds, for tests.

    kiosk: for strangers; only the held key leaves, and what somebody left behind is put right.
    """

    entered = Signal()
    left = Signal()
    holding = Signal(float)  # how far the key has been held, 0 to 1
    hinted = Signal()
    camera_wanted = Signal()
    thaw_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self.is_on = self.is_kiosk = False
        self.is_live = self.is_frozen = False
        self._held_since: float | None = None
        self._moved_at = self._input_at = 0.0
        self._hides_mouse = False
        self._trouble_at: float | None = None
        self._wait = FIRST_RETRY_SECONDS
        self._sleep: Callable[[], None] = lambda: None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def enter(self, *, kiosk: bool = False) -> None:
        """Begin."""
        if self.is_on:
            return
        self.is_on, self.is_kiosk = True, kiosk
        self._moved_at = self._input_at = self._clock()
        self._held_since = self._trouble_at = None
        _application().installEventFilter(self)
        self._sleep = keep_awake()
        self._timer.start()
        self.entered.emit()

    @Slot()
    def leave(self) -> None:
        """End."""
        if not self.is_on:
            return
        self.is_on = self.is_kiosk = False
        _application().removeEventFilter(self)
        self._timer.stop()
        self._show_mouse()
        self._sleep()
        self.holding.emit(0.0)
        self.left.emit()

    @Slot()
    def toggle(self) -> None:
        """Begin, or end; strangers cannot end it like that."""
        if not self.is_on:
            self.enter()
        elif self.is_kiosk:
            self.hinted.emit()
        else:
            self.leave()

    def set_live(self, *, live: bool, frozen: bool = False) -> None:
        """Whether a source is live, and whether it is held."""
        self.is_live, self.is_frozen = live, frozen
        self._input_at = self._clock()

    def set_trouble(self, *, troubled: bool) -> None:
        """Whether something waits to be tried again."""
        if not troubled:
            self._trouble_at, self._wait = None, FIRST_RETRY_SECONDS
        elif self._trouble_at is None:
            self._trouble_at = self._clock()

    @property
    def wait_seconds(self) -> float:
        """How long after a failure the next try comes."""
        return self._wait

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.MouseMove:
            self._moved_at = self._clock()
            self._show_mouse()
        elif kind in _INPUTS:
            self._input_at = self._clock()
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            return self._escape(event)
        if kind is QEvent.Type.ApplicationDeactivate:
            self._held_since = None  # the key is let go where nobody here hears it
            self.holding.emit(0.0)
        if kind is QEvent.Type.ContextMenu or kind is QEvent.Type.ToolTip:
            return True
        return super().eventFilter(watched, event)

    @Slot()
    def tick(self) -> None:
        """Do what the time has come for."""
        now = self._clock()
        if self._held_since is not None:
            held = now - self._held_since
            self.holding.emit(min(held / HOLD_SECONDS, 1.0))
            if held >= HOLD_SECONDS:
                self._held_since = None
                self.leave()
                return
        if now - self._moved_at >= MOUSE_SECONDS and not self._hides_mouse:
            self._hides_mouse = True
            QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self._put_right(now)

    def _put_right(self, now: float) -> None:
        quiet = now - self._input_at
        if not self.is_live and quiet >= RETURN_SECONDS:
            self._input_at = now
            self.camera_wanted.emit()
        if self.is_kiosk and self.is_frozen and quiet >= THAW_SECONDS:
            self._input_at = now
            self.thaw_wanted.emit()
        if self._trouble_at is not None and now - self._trouble_at >= self._wait:
            self._trouble_at = now
            self._wait = min(2 * self._wait, LONGEST_RETRY_SECONDS)
            self.retry_wanted.emit()

    def _escape(self, event: QKeyEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.ShortcutOverride:
            event.accept()
        elif kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._held_since = self._held_since or self._clock()
        elif kind is QEvent.Type.KeyRelease and not event.isAutoRepeat() and self._held_since:
            self._held_since = None
            self.holding.emit(0.0)
            self.hinted.emit()
        return True

    def _show_mouse(self) -> None:
        if self._hides_mouse:
            self._hides_mouse = False
            QGuiApplication.restoreOverrideCursor()


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application
