"""The figures under a live picture, and what lies over it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.widgets.controls import ActionButton
from app.widgets.live_overlay import LiveOverlay
from app.widgets.picture_view import PictureView

NOTHING = "-"
_NARROW = ("Network", "Latency")
_CAPTIONS = ("Source", "Network", "Latency", "Dropped")


class LiveBar(QWidget):
    """Hidden while nothing is live, and its overlay of the picture with it."""

    freeze_requested = Signal()
    snapshot_requested = Signal()
    record_requested = Signal()
    stop_requested = Signal()

    def __init__(self, picture: PictureView) -> None:
        super().__init__()
        self._picture = picture
        self.overlay = LiveOverlay(picture)
        self._numbers = [QLabel(NOTHING) for _ in _CAPTIONS]
        self._columns = [_column(*pair) for pair in zip(_CAPTIONS, self._numbers, strict=True)]
        self._note, self._slow = QLabel(), QLabel()
        for label in (self._note, self._slow):
            label.setObjectName("hint")
            label.setWordWrap(True)
            label.hide()
        self._slow.setToolTip("The Engine menu says under how many frames a second")
        self.stop = ActionButton("Stop", "x")
        self.stop.setToolTip("Leave the live source; the picture on show stays")
        self.extra = QHBoxLayout()
        self._lay_out()
        self._connect()
        self._compact = self._frozen = self._waiting = False
        self._show_state()
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        for figure in self._columns:
            row.addWidget(figure, 1)
        row.addLayout(self.extra)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 6, 16, 6)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._slow)
        column.addWidget(self._note)

    def _connect(self) -> None:
        self.overlay.freeze_requested.connect(self.freeze_requested)
        self.overlay.snapshot_requested.connect(self.snapshot_requested)
        self.overlay.record_requested.connect(self.record_requested)
        self.stop.clicked.connect(self.stop_requested)

    @property
    def numbers(self) -> tuple[str, ...]:
        """What the figures say."""
        return tuple(number.text() for number in self._numbers)

    @property
    def words(self) -> str:
        """``LIVE``, ``FROZEN`` or ``WAITING``."""
        return self.overlay.mark.words

    @property
    def note(self) -> str:
        """What is told beside the figures."""
        return self._note.text()

    def set_compact(self, *, compact: bool) -> None:
        """The two figures that matter most and icons, in a narrow window."""
        self._compact = compact
        for caption, holder in zip(_CAPTIONS, self._columns, strict=True):
            holder.setVisible(not compact or caption in _NARROW)
        self.stop.set_label("" if compact else "Stop")
        self.stop.setAccessibleName("Stop")

    @Slot(str)
    def set_started(self, name: str) -> None:
        """Another source is live; nothing has come from it yet."""
        self.setAccessibleName(f"Live from {name}")
        for number in self._numbers:
            number.setText(NOTHING)
        self._frozen, self._waiting = False, True
        self.set_note("")
        self.set_slow("")
        self._show_state()
        self.show()
        self.overlay.show()
        self.overlay.raise_()
        self._picture.set_covered(True)

    @Slot()
    def set_stopped(self) -> None:
        """Nothing is live any more."""
        self.hide()
        self.overlay.hide()
        self._picture.set_covered(False)

    @Slot(bool)
    def set_frozen(self, frozen: bool) -> None:
        """Whether a frame is held."""
        self._frozen = frozen
        self._show_state()

    def set_waiting(self, *, waiting: bool) -> None:
        """Whether the source sends nothing: then what is on show is not live."""
        if waiting != self._waiting:  # told with every frame
            self._waiting = waiting
            self._show_state()

    @Slot(str)
    def set_recording(self, elapsed: str) -> None:
        """How long it has been recording, ``0:12``; empty while it is not."""
        self.overlay.record.set_face(elapsed or "Record", None)
        name = "Stop recording, R" if elapsed else "Record, R"
        self.overlay.record.setAccessibleName(name)
        self.overlay.record.setToolTip(name)

    @property
    def slow(self) -> str:
        """What is left out because it would be too slow."""
        return self._slow.text()

    def set_slow(self, sentence: str) -> None:
        """What is left out because it would be too slow; or nothing."""
        if sentence != self._slow.text():
            self._slow.setText(sentence)
            self._slow.setVisible(bool(sentence))

    @Slot(str)
    def set_note(self, note: str) -> None:
        """A sentence beside the figures: a file that was saved, what is left out; or nothing."""
        if note != self._note.text():
            self._note.setText(note)
            self._note.setVisible(bool(note))

    def set_figures(self, source: float, network: float, latency: float, dropped: str) -> None:
        """Rates per second, seconds from capture to answer, and ``3 of 1240``."""
        texts = (f"{source:.0f} fps", f"{network:.0f} fps", f"{1000 * latency:.0f} ms", dropped)
        for number, text in zip(self._numbers, texts, strict=True):
            number.setText(text)

    def _show_state(self) -> None:
        self.overlay.mark.set_words(
            "FROZEN" if self._frozen else "WAITING" if self._waiting else "LIVE"
        )
        if self._frozen:
            self.overlay.freeze.set_face("Go on", "play")
        else:
            self.overlay.freeze.set_face("Freeze", "pause")


def _column(caption: str, number: QLabel) -> QWidget:
    label = QLabel(caption)
    label.setObjectName("caption")
    number.setObjectName("title")
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label)
    words.addWidget(number)
    line = QFrame()
    line.setObjectName("line")
    line.setFixedWidth(1)
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addLayout(words, 1)
    row.addWidget(line)
    return holder
