"""The card of the picture: the picture with its map, the map's controls, and what went wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import theme
from app.view import View
from app.widgets.controls import ActionButton, Card
from app.widgets.figures import TIMES
from app.widgets.live_bar import LiveBar
from app.widgets.map_controls import KIND_NAMES, MapControls
from app.widgets.picture_view import PictureView
from app.widgets.video_bar import VideoBar
from resnet_core.explained.values import MapKind
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import Painted, PaintedMap
from resnet_core.pictures.preprocessing import Region


class ErrorStrip(QWidget):
    """One plain sentence and at most one button, in the card that it concerns."""

    action_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setObjectName("error")
        self._button = ActionButton("")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._button)
        self._button.clicked.connect(self.action_requested)
        self.hide()

    @property
    def sentence(self) -> str:
        return self._sentence.text() if not self.isHidden() else ""

    def set_error(self, sentence: str | None, action: str | None = None) -> None:
        """Show a sentence with a button of that name, or nothing."""
        self._sentence.setText(sentence or "")
        self._sentence.setAccessibleName(sentence or "")
        self._button.set_label(action or "")
        self._button.setVisible(action is not None)
        self.setVisible(sentence is not None)


class PictureCard(Card):
    """See ``set_...``; emits ``view_changed`` when the user turns how maps are shown."""

    view_changed = Signal(View)
    retry_requested = Signal()
    step_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._view = View()
        self._painted: Painted | None = None
        self._block = ""
        self._target: str | None = None
        self.picture = PictureView()
        self.error = ErrorStrip()
        self.live = LiveBar(self.picture)
        self.video = VideoBar()
        self.controls = MapControls()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(self.error)
        column.addWidget(self.video)
        column.addWidget(self.live)
        column.addWidget(self.controls)
        self.controls.view_changed.connect(self._turned)
        self.error.action_requested.connect(self.retry_requested)
        theme().changed.connect(self.update)
        self._add_stepper()

    def _add_stepper(self) -> None:
        """The way through several pictures, over the picture's upper left corner."""
        self._place = QLabel()
        back, on = ActionButton("", "chevron-left"), ActionButton("", "chevron-right")
        for button, name, step in ((back, "Picture before, Page Up", -1),
                                   (on, "Next picture, Page Down", 1)):  # fmt: skip
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setProperty("step", step)
            button.clicked.connect(self._step)
        self._stepper = Card(self.picture)
        row = QHBoxLayout(self._stepper)
        row.setContentsMargins(8, 4, 8, 4)
        for widget in (back, self._place, on):
            row.addWidget(widget)
        self._stepper.move(16, 16)
        self._stepper.hide()

    @Slot()
    def _step(self) -> None:
        self.step_requested.emit(int(self.sender().property("step")))

    @Slot(int, int)
    def set_place(self, place: int, count: int) -> None:
        """Which of how many pictures is shown, from 1; nothing is said of a single one."""
        self._place.setText(f"{place} of {count}")
        self._stepper.setVisible(count > 1)
        self._stepper.adjustSize()

    def set_frame(self, frame: Frame, region: Region) -> None:
        """Show a picture with the part that the network gets, and no map of another one."""
        self.picture.set_frame(frame, region)
        if self._painted is not None and self._painted.identity.frame != frame.number:
            self._painted = None
        self._refresh()

    def set_painted(self, painted: Painted | None, block: str) -> None:
        """Lay the map of a block over the picture; None for the picture alone."""
        frame = self.picture.frame_number
        if painted is not None and painted.identity.frame != frame:
            return  # of another picture: a map never lies over what it was not made from
        self._painted, self._block = painted, block
        self._refresh()

    def set_block(self, name: str) -> None:
        """Show the map of another block."""
        self._block = name
        self._refresh()

    def set_view(self, view: View) -> None:
        """Show a view without telling anyone."""
        self._view = view
        self.controls.set_view(view)
        self._refresh()

    def set_caption_target(self, name: str | None) -> None:
        """The class that the gradients aim at, for the caption."""
        self._target = name
        self._refresh()

    def set_error(self, sentence: str | None, action: str | None = None) -> None:
        """Show what went wrong under the picture, or take it away."""
        self.error.set_error(sentence, action)

    def set_compact(self, compact: bool) -> None:
        """Lay out for a narrow window."""
        self.controls.set_compact(compact)
        self.live.set_compact(compact=compact)
        self.video.set_compact(compact=compact)

    def clear(self) -> None:
        """Show no picture."""
        self._painted = None
        self.picture.clear()
        self._refresh()

    @Slot(View)
    def _turned(self, view: View) -> None:
        self._view = view
        self._refresh()
        self.view_changed.emit(view)

    def _refresh(self) -> None:
        shown = self._shown()
        self.picture.set_map(shown, self._view.colormap, self._view.opacity)
        if shown is None:
            self.controls.set_range(None, None)
        else:
            self.controls.set_range(shown.low, shown.high)
        self.picture.set_caption("" if shown is None else self._caption(shown))

    def _shown(self) -> PaintedMap | None:
        if self._view.kind is None or self._painted is None:
            return None
        return self._painted.maps.get(self._block)

    def _caption(self, shown: PaintedMap) -> str:
        """``conv4.2   Grad-CAM   8 x 8   for “sandal”``, of the map that is on show."""
        assert self._painted is not None
        kind = self._painted.kind
        height, width = shown.values.shape
        parts = [shown.name.replace("_", "."), KIND_NAMES[kind], f"{height} {TIMES} {width}"]
        if self._target is not None and kind is not MapKind.ACTIVATION:
            parts.append(f"for “{self._target}”")
        return "   ".join(parts)
