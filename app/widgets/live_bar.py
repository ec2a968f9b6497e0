"""The bar under a live picture: that it is live, how fast, and the switches."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.controls import ActionButton

NOTHING = "-"
_NARROW = ("Network", "Latency")
_CAPTIONS = ("Source", "Network", "Latency", "Dropped")


class LiveBar(QWidget):
    """Hidden while nothing is live."""

    freeze_requested = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mark = QLabel()
        self._mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._numbers = [QLabel(NOTHING) for _ in _CAPTIONS]
        self.freeze = ActionButton("Freeze", "snowflake")
        self.freeze.setToolTip("Freeze, Space")
        self.stop = ActionButton("Stop", "x")
        self.stop.setToolTip("Leave the live source")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(16)
        row.addWidget(self._mark)
        self._columns = [QWidget() for _ in _CAPTIONS]
        for caption, number, holder in zip(_CAPTIONS, self._numbers, self._columns, strict=True):
            label = QLabel(caption)
            label.setObjectName("caption")
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(label)
            column.addWidget(number)
            row.addWidget(holder)
        row.addStretch(1)
        row.addWidget(self.freeze)
        row.addWidget(self.stop)
        self.freeze.clicked.connect(self.freeze_requested)
        self.stop.clicked.connect(self.stop_requested)
        theme().changed.connect(self._show_state)
        self._compact = self._frozen = self._waiting = False
        self._show_state()
        self.hide()

    @property
    def numbers(self) -> tuple[str, ...]:
        """What the figures say."""
        return tuple(number.text() for number in self._numbers)

    @property
    def words(self) -> str:
        """``LIVE``, ``FROZEN`` or ``WAITING``."""
        return self._mark.text()

    def set_compact(self, *, compact: bool) -> None:
        """The two figures that matter most and icons, in a narrow window."""
        self._compact = compact
        for caption, holder in zip(_CAPTIONS, self._columns, strict=True):
            holder.setVisible(not compact or caption in _NARROW)
        self._show_state()

    @Slot(str)
    def set_started(self, name: str) -> None:
        """Another source is live; nothing has come from it yet."""
        self.setAccessibleName(f"Live from {name}")
        for number in self._numbers:
            number.setText(NOTHING)
        self._frozen, self._waiting = False, True
        self._show_state()
        self.show()

    @Slot(bool)
    def set_frozen(self, frozen: bool) -> None:
        """Whether a frame is held."""
        self._frozen = frozen
        self._show_state()

    def set_waiting(self, *, waiting: bool) -> None:
        """Whether the source sends nothing: then what is on show is not live."""
        if waiting != self._waiting:  # told with every frame, and styles are slow to set
            self._waiting = waiting
            self._show_state()

    def set_figures(self, source: float, network: float, latency: float, dropped: str) -> None:
        """Rates per second, seconds from capture to answer, and ``3 of 1240``."""
        texts = (f"{source:.0f} fps", f"{network:.0f} fps", f"{1000 * latency:.0f} ms", dropped)
        for number, text in zip(self._numbers, texts, strict=True):
            number.setText(text)

    @Slot()
    def _show_state(self) -> None:
        words = "FROZEN" if self._frozen else "WAITING" if self._waiting else "LIVE"
        self._mark.setText(words)
        name = "Go on" if self._frozen else "Freeze"
        self.freeze.set_label("" if self._compact else name)
        self.freeze.setAccessibleName(f"{name}, Space")
        self.stop.set_label("" if self._compact else "Stop")
        self.stop.setAccessibleName("Stop")
        palette = theme().palette
        live = words == "LIVE"
        back, text = (palette.error, palette.card) if live else (palette.chosen, palette.on_chosen)
        self._mark.setStyleSheet(
            f"background: {back.name()}; color: {text.name()}; border-radius: 8px; "
            "padding: 8px 12px; font-weight: 600;"
        )
