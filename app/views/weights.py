"""The Weights page: what networks have learned, what can be fetched, and the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.name_filter import name_filter
from app.theme import GAP, RADIUS, Size, Weight, theme
from app.views.weights_details import WeightsDetails
from app.weights_states import RowState, Stage, Storage
from app.widgets.controls import ActionButton, Look
from app.widgets.controls_drawing import draw_label, scaled
from app.widgets.figures import file_size
from app.widgets.model_row import BUTTONS_WIDTH, SIZE_WIDTH, STRETCHES, ModelRow, only_stretch
from resnet_core.networks.config import Shortcut, StridePlacement
from resnet_core.weights.card import Card
from resnet_core.weights.importing import SUFFIXES

_COLUMNS = ("Network", "Knows", "Right first time", "From")


class WeightsPage(QWidget):
    """Shows rows and details; every button is a wish that someone else grants."""

    selected = Signal(str)
    use_requested = Signal(str)
    get_requested = Signal(str)
    cancel_requested = Signal(str)
    remove_requested = Signal(str)
    measure_requested = Signal(str, Path)
    import_requested = Signal(Path)
    question_answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, ModelRow] = {}
        self._selected = ""
        self._compact = False
        self.storage = QLabel()
        self.importer = ActionButton("Import a file", "folder")
        self.notice = Notice()
        self.details = WeightsDetails()
        self._heads = [_caption(words) for words in _COLUMNS]
        self._size_head, self._buttons_head = _caption("Size"), QWidget()
        self._list = QVBoxLayout()
        self._lay_out()
        self.importer.clicked.connect(self._choose_file)
        self.details.explore_requested.connect(self.use_requested)
        self.notice.answered.connect(self.question_answered)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        body = QHBoxLayout()
        body.setContentsMargins(GAP, GAP, GAP, GAP)
        body.setSpacing(GAP)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.notice)
        self._list.setSpacing(8)
        rows = QWidget()
        rows.setObjectName("page")
        table = QVBoxLayout(rows)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(6)
        table.addLayout(self._column_heads())
        table.addLayout(self._list, 1)
        left.addWidget(_scrolling(rows), 1)
        left.addWidget(_DropArea())
        body.addLayout(left, 1)
        self._beside = _scrolling(self.details)
        body.addWidget(self._beside)
        column.addLayout(body, 1)

    def _header(self) -> QWidget:
        header = _Header()
        row = QHBoxLayout(header)
        row.setContentsMargins(GAP, 8, GAP, 8)
        words = QVBoxLayout()
        words.setSpacing(2)
        head = QLabel("Weights")
        head.setObjectName("pageTitle")
        lead = QLabel("What the network has learned. Nothing is fetched until you press Get.")
        lead.setObjectName("hint")
        words.addWidget(head)
        words.addWidget(lead)
        row.addLayout(words)
        row.addStretch(1)
        self.storage.setObjectName("hint")
        row.addWidget(self.storage)
        row.addSpacing(8)
        row.addWidget(self.importer)
        return header

    def _column_heads(self) -> QGridLayout:
        heads = self._heads_grid = QGridLayout()
        heads.setContentsMargins(16, 0, 16, 0)
        heads.setHorizontalSpacing(12)
        for column, (label, stretch) in enumerate(zip(self._heads, STRETCHES, strict=True)):
            only_stretch(label)
            heads.addWidget(label, 0, column)
            heads.setColumnStretch(column, stretch)
        self._size_head.setAlignment(Qt.AlignmentFlag.AlignRight)
        heads.addWidget(self._size_head, 0, len(STRETCHES))
        heads.addWidget(self._buttons_head, 0, len(STRETCHES) + 1)
        return heads

    def set_compact(self, *, compact: bool) -> None:
        """A narrower card of details, and no column of origins; all to the scale of the type."""
        self._compact = compact
        self._size_head.setFixedWidth(scaled(SIZE_WIDTH))
        self._buttons_head.setFixedWidth(scaled(BUTTONS_WIDTH))
        self._beside.setFixedWidth(scaled(320 if compact else 384))
        self._heads_grid.setColumnStretch(len(STRETCHES) - 1, 0 if compact else STRETCHES[-1])
        self._heads[-1].setVisible(not compact)
        for row in self._rows.values():
            row.set_compact(compact=compact)

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """The rows as they stand."""
        return tuple(self._rows.values())

    def row(self, name: str) -> ModelRow:
        """The row of a card."""
        return self._rows[name]

    @Slot(tuple)
    def set_rows(self, states: Sequence[RowState]) -> None:
        """Show these weights; rows of cards that stay are kept, with the focus that they have."""
        known = {row.card: row for row in self._rows.values()}
        self._rows = {}
        while self._list.count():
            self._list.takeAt(0)
        for state in states:
            row = known.pop(state.card, None) or self._made(state)
            row.set_state(state)
            row.set_chosen(state.card.name == self._selected)
            row.set_compact(compact=self._compact)
            self._rows[state.card.name] = row
            self._list.addWidget(row)
        self._list.addStretch(1)
        for row in known.values():
            row.hide()
            row.deleteLater()
        self._follow_usable()

    def _made(self, state: RowState) -> ModelRow:
        row = ModelRow(state)
        row.selected.connect(self.selected)
        row.use_requested.connect(self.use_requested)
        row.get_requested.connect(self.get_requested)
        row.cancel_requested.connect(self.cancel_requested)
        row.remove_requested.connect(self.remove_requested)
        row.measure_requested.connect(self._choose_data)
        return row

    @Slot(RowState)
    def set_row(self, state: RowState) -> None:
        """Show where one set of weights stands now."""
        row = self._rows.get(state.card.name)
        if row is not None:
            row.set_state(state)
            self._follow_usable()

    @Slot(Card)
    def set_selected(self, card: Card) -> None:
        """Show the details of a card."""
        self._selected = card.name
        for name, row in self._rows.items():
            row.set_chosen(name == card.name)
        self.details.set_card(card)
        self._follow_usable()

    @Slot(Storage)
    def set_storage(self, storage: Storage) -> None:
        """How much room fetched and imported weights take."""
        self.storage.setText(f"{file_size(storage.used)} used, {file_size(storage.free)} free")

    def _follow_usable(self) -> None:
        row = self._rows.get(self._selected)
        usable = row is not None and row.state.stage in (Stage.HERE, Stage.IN_USE)
        self.details.set_usable(usable)

    @Slot()
    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Import weights", str(Path.home()), name_filter("Weights", SUFFIXES)
        )
        if name:
            self.import_requested.emit(Path(name))

    @Slot(str)
    def _choose_data(self, name: str) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder with a folder for each class")
        if folder:
            self.measure_requested.emit(name, Path(folder))


_WORDS = {
    Shortcut.A: "Shortcut A",
    Shortcut.NONE: "Plain network",
    StridePlacement.V1: "v1, the paper's",
    StridePlacement.V1_5: "v1.5, torchvision's",
}


class Notice(QFrame):
    """A sentence over the list: what went wrong, or a question with two answers."""

    answered = Signal(object)  # a Shortcut or a StridePlacement

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._answers: tuple[Shortcut | StridePlacement, ...] = ()
        self.choices = (ActionButton("", None, Look.PRIMARY), ActionButton("", None, Look.PRIMARY))
        self.put_away = ActionButton("", "x", Look.QUIET)
        self.put_away.setAccessibleName("Put this away")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.addWidget(self._label, 1)
        for number, button in enumerate(self.choices):
            row.addWidget(button)
            button.clicked.connect(lambda _=False, number=number: self._answer(number))
        row.addWidget(self.put_away)
        self.put_away.clicked.connect(self.hide)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said, empty while nothing is."""
        return "" if self.isHidden() else self._label.text()

    @Slot(str)
    def complain(self, sentence: str) -> None:
        """Say what went wrong."""
        self._say(sentence, "error", ())

    @Slot(str, tuple)
    def ask(self, sentence: str, answers: tuple[Shortcut | StridePlacement, ...]) -> None:
        """Ask which of two networks a file holds."""
        self._say(f"{sentence}. Which is it?", "strong", answers)

    def _say(
        self, sentence: str, kind: str, answers: tuple[Shortcut | StridePlacement, ...]
    ) -> None:
        self._answers = answers
        self._label.setText(sentence)
        self._label.setObjectName(kind)
        self._label.style().polish(self._label)
        self.setAccessibleName(sentence)
        for number, button in enumerate(self.choices):
            button.setVisible(number < len(answers))
            if number < len(answers):
                button.set_label(_WORDS[answers[number]])
        self.show()

    def _answer(self, number: int) -> None:
        self.hide()
        self.answered.emit(self._answers[number])


class _Header(QWidget):
    """The band over the page."""

    def __init__(self) -> None:
        super().__init__()
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        self.setFixedHeight(scaled(80))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().palette.card)
        painter.setPen(QPen(theme().palette.line, 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class _DropArea(QWidget):
    """Says that files can be dropped; the whole window takes them."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(scaled(64))
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        pen = QPen(palette.hint, 1.5)
        pen.setDashPattern([6, 4])
        painter.setPen(pen)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, RADIUS, RADIUS)
        words = "Drop a .safetensors or .pth file anywhere on this page"
        font = theme().font(Size.CONTROL, Weight.MEDIUM)
        draw_label(painter, area, words, "upload", palette.second, font)


def _scrolling(widget: QWidget) -> QScrollArea:
    """The widget in an area that scrolls up and down where it does not fit."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    widget.setAutoFillBackground(False)  # else Qt's own colour shows behind round corners
    return area


def _caption(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("caption")
    return label
