"""A set of weights as a row: what it is, what it knows, how good it is, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.theme import RADIUS, icon_pixmap, theme
from app.weights_states import RowState, Stage
from app.widgets.accuracy_bar import AccuracyBar
from app.widgets.controls import ActionButton, Look
from app.widgets.controls_drawing import draw_card, draw_focus_ring, scaled
from app.widgets.figures import file_size
from resnet_core.networks.census import census
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.transfer import Transfer

STRETCHES = (5, 4, 4, 3)
"""Of the columns network, knows, right first time, from; size and buttons have fixed widths."""
SIZE_WIDTH, BUTTONS_WIDTH = 76, 132
_SELECTS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class ModelRow(QFrame):
    """One card. Every button is a wish that someone else grants."""

    selected = Signal(str)
    use_requested = Signal(str)
    get_requested = Signal(str)
    cancel_requested = Signal(str)
    remove_requested = Signal(str)
    measure_requested = Signal(str)

    def __init__(self, state: RowState) -> None:
        super().__init__()
        self._state = state
        self._chosen = self._compact = False
        card = state.card
        self.second = _label("", "hint")
        self.size_label = _label("", "strong")
        self.left = _label("", "hint")
        self.accuracy = AccuracyBar(
            card.scores.top1 if card.scores else None,
            chance=card.provenance is Provenance.UNTRAINED,
        )
        self.use = ActionButton("Use")
        self.get = ActionButton("Get", "download", Look.PRIMARY)
        self.again = ActionButton("Try again")
        self.cancel = ActionButton("Cancel", "x")
        self.bin = ActionButton("", "trash-2")
        self.sure = ActionButton("Remove", None, Look.PRIMARY)
        self.measure = ActionButton("Measure...")
        self.in_use = _InUse()
        source, detail = came_from(card)
        self._from = _lines(_label(source, "strong"), _label(detail, "hint"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.set_state(state)
        theme().changed.connect(self.update)

    def _lay_out(self) -> None:
        card = self._state.card
        known, data = knows(card)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(16, 10, 16, 12)
        grid.setHorizontalSpacing(12)
        for column, stretch in enumerate(STRETCHES):
            grid.setColumnStretch(column, stretch)
        measured = QWidget()
        row = QHBoxLayout(measured)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(0)
        row.addWidget(self.accuracy, 1)
        row.addWidget(self.measure)
        cells = (
            _lines(_label(title(card), "rowTitle"), self.second),
            _lines(_label(known, "strong"), _label(data, "hint")),
            measured,
            self._from,
        )
        for column, cell in enumerate(cells):
            only_stretch(cell)
            grid.addWidget(cell, 0, column)
        self.size_label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.left.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._sizes = _lines(self.size_label, self.left)
        grid.addWidget(self._sizes, 0, 4)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in (self.in_use, self.use, self.get, self.again, self.cancel, self.sure):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button, 1)
        row.addWidget(self.bin)
        grid.addWidget(self._buttons, 0, 5)

    def _connect(self) -> None:
        name = self._state.card.name
        about = title(self._state.card)
        for button, signal, words in (
            (self.use, self.use_requested, f"Use {about}"),
            (self.get, self.get_requested, f"Get {about}"),
            (self.again, self.get_requested, f"Try again to get {about}"),
            (self.cancel, self.cancel_requested, f"Cancel {about}"),
            (self.sure, self.remove_requested, f"Yes, remove {about}"),
            (
                self.measure,
                self.measure_requested,
                f"Not measured yet: measure {about} on labelled pictures",
            ),
        ):
            button.setAccessibleName(words)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit(name))
        self.bin.setAccessibleName(f"Remove {about}")
        self.bin.setToolTip(f"Remove {about} from this computer")
        self.bin.clicked.connect(self._ask_once)

    @property
    def card(self) -> Card:
        return self._state.card

    @property
    def state(self) -> RowState:
        return self._state

    def set_state(self, state: RowState) -> None:
        """Show where these weights stand now."""
        self._state = state
        stage, card = state.stage, state.card
        under_way = stage in (Stage.COMING, Stage.MEASURING)
        ours = card.provenance in (Provenance.PUBLISHED, Provenance.YOURS)
        self.in_use.setVisible(stage is Stage.IN_USE)
        self.use.setVisible(stage is Stage.HERE)
        self.get.setVisible(stage is Stage.ABSENT)
        self.again.setVisible(stage is Stage.BROKEN_OFF)
        self.cancel.setVisible(under_way)
        self.sure.hide()
        self.bin.setVisible(ours and stage is Stage.HERE)
        mine = card.provenance is Provenance.YOURS
        measurable = mine and card.scores is None and not under_way
        self.measure.setVisible(measurable)
        self.accuracy.setVisible(not measurable)
        self._say(state)
        self.setAccessibleName(self._words(state))
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Whether the details beside the list are of this row."""
        self._chosen = chosen
        self.update()

    def set_compact(self, *, compact: bool) -> None:
        """Without the column of origins; what tells versions apart goes under the title."""
        self._compact = compact
        self._from.setVisible(not compact)
        self._sizes.setFixedWidth(scaled(SIZE_WIDTH))
        self._buttons.setFixedWidth(scaled(BUTTONS_WIDTH))
        self._grid.setColumnStretch(len(STRETCHES) - 1, 0 if compact else STRETCHES[-1])
        self._say(self._state)

    def _say(self, state: RowState) -> None:
        broken = state.stage is Stage.BROKEN_OFF
        self.second.setText(self._under_title(state))
        self.second.setToolTip(state.sentence or self.second.text())  # it may be cut off
        self.second.setObjectName("error" if broken else "hint")
        self.second.style().polish(self.second)
        share = state.share
        under_way = state.stage in (Stage.COMING, Stage.MEASURING)
        size = file_size(state.card.bytes or 0)
        self.size_label.setText(f"{100 * share:.0f} %" if under_way and share is not None else size)
        left = state.transfer.seconds_left if state.transfer else None
        waits = "waiting" if under_way and share is None else ""
        self.left.setText(f"{_time(left)} left" if under_way and left is not None else waits)
        self.left.setVisible(under_way)

    def _under_title(self, state: RowState) -> str:
        if state.stage is Stage.BROKEN_OFF:
            return _short(state)
        if state.transfer is not None:
            return _amount(state.transfer)
        if self._compact and state.card.provenance is Provenance.PUBLISHED:
            return came_from(state.card)[1]
        return second_line(state.card)

    def _words(self, state: RowState) -> str:
        card = state.card
        known, data = knows(card)
        parts = [title(card), f"{known}, {data}", f"right first time {self.accuracy.words}"]
        return ", ".join([*parts, state.stage.value, state.sentence or ""]).rstrip(", ")

    @Slot()
    def _ask_once(self) -> None:
        self.use.hide()
        self.bin.hide()
        self.sure.show()
        self.sure.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.selected.emit(self.card.name)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _SELECTS:
            self.selected.emit(self.card.name)
        elif event.key() == Qt.Key.Key_Escape and self.sure.isVisible():
            self.set_state(self._state)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, palette = QRectF(self.rect()), theme().palette
        draw_card(painter, rect)
        if self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.text, 2))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        share = self._state.share
        if self._state.stage in (Stage.COMING, Stage.MEASURING) and share is not None:
            track = QRectF(16, rect.height() - 8, rect.width() - 32, 4)
            painter.fillRect(track, palette.track)
            track.setWidth(track.width() * share)
            painter.fillRect(track, palette.text)
        if self.hasFocus():
            draw_focus_ring(painter, rect, RADIUS, with_gap=False)


class _InUse(QWidget):
    """The words and the tick of the weights that answer."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(8)
        self._tick = QLabel()
        row.addWidget(self._tick)
        row.addWidget(_label("In use", "strong"), 1)
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        ratio = self.devicePixelRatioF()
        self._tick.setPixmap(icon_pixmap("check", theme().palette.text, scaled(18), ratio))


def title(card: Card) -> str:
    """The network, or the user's file."""
    if card.provenance is Provenance.YOURS:
        return card.title
    return "Untrained" if card.provenance is Provenance.UNTRAINED else card.network.title


def second_line(card: Card) -> str:
    """What stands under the title."""
    if card.provenance is Provenance.TRAINED_HERE:
        return f"comes with SkipLens{', lab' if 'lab' in card.title else ''}"
    if card.provenance is Provenance.YOURS:
        return card.network.title
    if card.provenance is Provenance.UNTRAINED:
        return "any depth, any shortcut"
    return f"{census(card.network).total.parameters / 1e6:.1f} M parameters"


def knows(card: Card) -> tuple[str, str]:
    """How many things the weights know, and of what data."""
    if card.provenance is Provenance.UNTRAINED:
        return "nothing", "random numbers"
    count = f"{len(card.classes)} things"
    if card.provenance is Provenance.YOURS:
        missing = card.classes[0] == "class 0"
        return count, "class names missing" if missing else "your names"
    return count, card.title.split(" V")[0].split(",")[0]


def came_from(card: Card) -> tuple[str, str]:
    """Who made the weights, and which version of theirs it is."""
    return {
        Provenance.TRAINED_HERE: ("SkipLens", "our training"),
        Provenance.PUBLISHED: ("torchvision", f"IMAGENET1K_{card.title.rpartition(' ')[2]}"),
        Provenance.YOURS: ("your file", "imported"),
        Provenance.UNTRAINED: ("made on the spot", "seed 7"),
    }[card.provenance]


def _short(state: RowState) -> str:
    share = f" at {100 * state.share:.0f} %" if state.share else ""
    return f"broken off{share}"


def _amount(transfer: Transfer) -> str:
    total = f" of {transfer.total / 1e6:.0f}" if transfer.total else ""
    return f"{transfer.done / 1e6:.0f}{total} MB, {transfer.bytes_per_second / 1e6:.1f} MB/s"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def only_stretch(cell: QWidget) -> None:
    """Let the column's stretch alone decide its width, so that rows line up under their heads."""
    cell.setSizePolicy(QSizePolicy.Policy.Ignored, cell.sizePolicy().verticalPolicy())


def _label(text: str, kind: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(kind)
    return label


def _lines(upper: QLabel, lower: QLabel) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(upper)
    column.addWidget(lower)
    return both
