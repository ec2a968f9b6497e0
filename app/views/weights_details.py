"""Everything that the card of a set of weights tells."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from app.widgets.controls import ActionButton, Look
from app.widgets.controls import Card as Surface
from app.widgets.learning_curve import LearningCurve
from app.widgets.model_row import came_from, only_stretch
from app.widgets.name_chips import NameChips
from resnet_core.networks.census import census
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.curves import read_curve

_ROWS = (
    "Right first time", "Right within five", "Measured on", "Picture size", "Parameters",
    "Licence", "Checksum",
)  # fmt: skip


class WeightsDetails(Surface):
    """The card on the right of the Weights page."""

    explore_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._title, self._origin, self._limits = QLabel(), QLabel(), QLabel()
        self._title.setObjectName("title")
        self._origin.setObjectName("hint")
        self._limits.setObjectName("hint")
        for label in (self._title, self._origin, self._limits):
            label.setWordWrap(True)
        self._curve_head, self._curve_hint = QLabel("How it learned"), QLabel("loss, pictures seen")
        self._curve_head.setObjectName("strong")
        self._curve_hint.setObjectName("hint")
        self.curve = LearningCurve()
        self._facts = {row: QLabel() for row in _ROWS}
        self._knows = QLabel()
        self._knows.setObjectName("strong")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a name")
        self.search.setAccessibleName("Find a name among the things it knows")
        self.chips = NameChips()
        self.explore = ActionButton("Explore with these weights", "eye", Look.PRIMARY)
        self._lay_out()
        self.search.textChanged.connect(self.chips.search)
        self.explore.clicked.connect(lambda: self.explore_requested.emit(self._name))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._origin)
        head = QHBoxLayout()
        head.addWidget(self._curve_head)
        head.addStretch(1)
        head.addWidget(self._curve_hint)
        column.addSpacing(6)
        column.addLayout(head)
        column.addWidget(self.curve)
        facts = QGridLayout()
        facts.setSpacing(0)
        facts.setColumnStretch(1, 1)
        for number, (name, value) in enumerate(self._facts.items()):
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            label = QLabel(name)
            label.setObjectName("fact")
            value.setObjectName("factValue")
            value.setWordWrap(True)
            only_stretch(value)
            facts.addWidget(label, number, 0)
            facts.addWidget(value, number, 1)
        column.addLayout(facts)
        column.addWidget(self._limits)
        column.addSpacing(4)
        column.addWidget(self._knows)
        column.addWidget(self.search)
        column.addWidget(self.chips, 1)
        self.explore.setSizePolicy(self.chips.sizePolicy().horizontalPolicy(),
                                   self.explore.sizePolicy().verticalPolicy())  # fmt: skip
        column.addWidget(self.explore)

    @property
    def facts(self) -> dict[str, str]:
        """The table, by what stands left."""
        return {name: value.text() for name, value in self._facts.items()}

    @Slot(Card)
    def set_card(self, card: Card) -> None:
        """Tell of other weights."""
        self._name = card.name
        untrained = card.provenance is Provenance.UNTRAINED
        self._title.setText(_title(card))
        self._origin.setText(_origin(card))
        points = read_curve(card.name) if card.provenance is Provenance.TRAINED_HERE else ()
        for widget in (self._curve_head, self._curve_hint, self.curve):
            widget.setVisible(len(points) > 1)
        self.curve.set_points(points)
        for name, text in _facts(card).items():
            self._facts[name].setText(text)
        self._facts["Licence"].setToolTip(card.licence)
        self._limits.setText(card.limits)
        self._knows.setText(
            "It knows nothing; names are borrowed"
            if untrained
            else f"The {len(card.classes)} things it knows"
        )
        self.search.clear()
        self.chips.set_names(card.classes)

    def set_usable(self, usable: bool) -> None:
        """Whether these weights are on this computer."""
        self.explore.setEnabled(usable)

    @Slot(str, str)
    def set_checksum(self, name: str, words: str) -> None:
        """What checking the file gave."""
        if name == self._name:
            good = words == "matches"
            self._facts["Checksum"].setText(words if good else "does not match")
            self._facts["Checksum"].setToolTip("" if good else words)


def _title(card: Card) -> str:
    if card.provenance is Provenance.YOURS:
        return card.title
    network = card.network.title
    return network if card.provenance is Provenance.UNTRAINED else f"{network}, {card.title}"


def _origin(card: Card) -> str:
    if card.provenance is Provenance.TRAINED_HERE:
        on = (card.training.recipe if card.training else "").partition(":")[0]
        start = "from nothing" if "scratch" in on else on.replace("on from", "going on from")
        return f"trained by SkipLens {start}".strip()
    source, detail = came_from(card)
    if card.provenance is Provenance.YOURS and card.training is not None:
        return f"{card.network.title}, {card.training.recipe}"
    return f"{source}, {detail}"


def _facts(card: Card) -> dict[str, str]:
    scores, preprocessing = card.scores, card.preprocessing
    side, pixels = preprocessing.crop[0], preprocessing.training_pixels
    size = f"{pixels} to {side} px" if pixels else f"{side} px"
    return {
        "Right first time": f"{scores.top1:.1f} %" if scores else "not measured",
        "Right within five": f"{scores.top5:.1f} %" if scores else "not measured",
        "Measured on": f"{scores.pictures:,} pictures".replace(",", " ") if scores else "nothing",
        "Picture size": size,
        "Parameters": f"{census(card.network).total.parameters / 1e6:.1f} M",
        "Licence": _short_licence(card.licence),
        "Checksum": "-" if card.provenance is Provenance.UNTRAINED else "not checked yet",
    }


def _short_licence(licence: str) -> str:
    """The licence's name, and that ImageNet's terms apply where they do; the tooltip has it all."""
    name = licence.partition(" for ")[0]
    return f"{name}, ImageNet's terms" if "ImageNet" in licence else name
