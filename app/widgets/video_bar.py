"""Playing a video or a slide show: where it is, and going elsewhere in it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.sources.requests import Loop, Seek, Speed, Step
from app.sources.states import Place
from app.widgets.controls import ActionButton, MenuButton, Slider, scaled
from app.widgets.figures import TIMES
from app.widgets.pace import BARS_SECONDS, Pace

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
_SEEK_EVERY_MS = 120
"""A seek decodes from the last key frame on: dragging must not queue a hundred of them."""


class VideoBar(QWidget):
    """Shown only for a source that has an end."""

    commanded = Signal(object)  # Command
    hold_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._place: Place | None = None
        self._compact = False
        self.back = _button("chevron-left", "Frame before")
        self.hold = _button("pause", "Hold, Space")
        self.on = _button("chevron-right", "Next frame")
        self.slider = Slider("Place in the video")
        self._times = QLabel()
        self.speed = MenuButton("Speed")
        self.loop = ActionButton("Loop")
        self.loop.setCheckable(True)
        self.loop.setToolTip("Begin again at the end")
        for factor in SPEEDS:
            self.speed.menu.addAction(_speed(factor)).setData(factor)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_SEEK_EVERY_MS)
        self._pace = Pace(self, self._show_place, BARS_SECONDS)
        self._lay_out()
        self._connect()
        self.set_compact(compact=False)
        self.set_started(in_pictures=False, loop=False)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 2)
        row.setSpacing(8)
        for button in (self.back, self.hold, self.on):
            row.addWidget(button)
        row.addWidget(self.slider, 1)
        row.addWidget(self._times)
        row.addWidget(self.speed)
        row.addWidget(self.loop)

    def _connect(self) -> None:
        self.back.clicked.connect(lambda: self.commanded.emit(Step(-1)))
        self.on.clicked.connect(lambda: self.commanded.emit(Step(1)))
        self.hold.clicked.connect(self.hold_requested)
        self.loop.toggled.connect(lambda on: self.commanded.emit(Loop(on)))
        self.slider.moved.connect(self._dragged)
        self._later.timeout.connect(self._seek)
        self.speed.menu.triggered.connect(self._speed_chosen)

    def set_compact(self, *, compact: bool) -> None:
        """Closer together, in a narrow window; the whole length is in the tool tip then."""
        self._compact = compact
        row = self.layout()
        assert row is not None
        row.setSpacing(scaled(4 if compact else 8))
        self.speed.setFixedWidth(scaled(78 if compact else 84))
        self._show_place()

    @property
    def times(self) -> str:
        """``0:12 / 1:03``, or ``3 of 40``."""
        return self._times.text()

    def set_started(self, *, in_pictures: bool, loop: bool) -> None:
        """Another video, or a slide show."""
        self._place = None
        self._times.setText("")
        self.slider.set_value(0)
        self.slider.setVisible(not in_pictures)
        self.speed.setVisible(not in_pictures)
        self.speed.set_lines(_speed(1.0))
        what = "picture" if in_pictures else "frame"
        for button, words in ((self.back, f"Previous {what}"), (self.on, f"Next {what}")):
            button.setAccessibleName(words)
            button.setToolTip(words)
        with QSignalBlocker(self.loop):
            self.loop.setChecked(loop)

    @Slot(bool)
    def set_held(self, held: bool) -> None:
        """Whether it stands still."""
        self.hold.set_icon("play" if held else "pause")
        self.hold.setAccessibleName("Play, Space" if held else "Hold, Space")
        self.hold.setToolTip("Play, Space" if held else "Hold, Space")
        self._pace.set_moves(not held)

    def set_place(self, place: Place | None) -> None:
        """Where it is."""
        self._place = place
        self._pace.ask()

    def _show_place(self) -> None:
        place = self._place
        if place is None:
            return
        if place.in_pictures:
            self._times.setText(f"{place.at:.0f} of {place.length:.0f}")
        else:
            length = _clock(place.length)
            at = _clock(place.at)
            self._times.setText(at if self._compact else f"{at} / {length}")
            self.slider.setToolTip(f"{length} long")
            if not self._later.isActive() and not self.slider.is_dragged:
                self.slider.set_value(place.at / place.length if place.length > 0 else 0)

    @Slot(float)
    def _dragged(self, value: float) -> None:
        del value
        if not self._later.isActive():
            self._later.start()

    @Slot()
    def _seek(self) -> None:
        if self._place is not None:
            self.commanded.emit(Seek(self.slider.value * self._place.length))

    @Slot(QAction)
    def _speed_chosen(self, action: QAction) -> None:
        factor = float(action.data())
        self.speed.set_lines(_speed(factor))
        self.commanded.emit(Speed(factor))


def _button(icon: str, words: str) -> ActionButton:
    button = ActionButton("", icon)
    button.setAccessibleName(words)
    button.setToolTip(words)
    return button


def _speed(factor: float) -> str:
    return f"{factor:g} {TIMES}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
