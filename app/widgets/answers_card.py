"""The five best answers as bars; a click makes one the target of the gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from app.live_smoothing import Probabilities
from app.widgets.announcer import Announcer
from app.widgets.answer_bars import (
    FULL_BAR,
    FULL_BAR_UNTRAINED,
    AnswerBars,
    Row,
    draw_bar,
    percent,
)
from app.widgets.controls import Card
from app.widgets.provenance_badge import ProvenanceBadge
from resnet_core.explained.values import Explained, Target
from resnet_core.weights.card import Provenance

__all__ = ["FULL_BAR", "FULL_BAR_UNTRAINED", "AnswersCard", "Row", "draw_bar", "percent"]


@dataclass(frozen=True, slots=True, eq=False)
class Steadied:
    """Probabilities (K,) averaged over the last seconds of a live picture; 0 for no averaging."""

    probabilities: Probabilities
    seconds: float


class AnswersCard(Card):
    """Top 5 of one explained picture."""

    target_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._untrained = False
        self._title = QLabel("Top 5")
        self._title.setObjectName("title")
        self._hint = QLabel()
        self._hint.setObjectName("hint")
        self.badge = ProvenanceBadge()
        self.bars = AnswerBars()
        self.announcer = Announcer(self.bars)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._title)
        head.addSpacing(8)
        head.addWidget(self.badge)
        head.addStretch(1)
        head.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.addLayout(head)
        column.addWidget(self.bars, 1)
        self.bars.target_chosen.connect(self.target_chosen)
        self.set_provenance(Provenance.TRAINED_HERE)

    @property
    def hint(self) -> str:
        """What the card says about its answers."""
        return self._hint.text()

    def set_provenance(self, provenance: Provenance) -> None:
        """Say whose weights answer, loudly where the answers are chance."""
        self.badge.set_provenance(provenance)
        self._untrained = provenance is Provenance.UNTRAINED
        self._say(None)

    def _say(self, steadied: Steadied | None) -> None:
        if self._untrained:
            words = "random, answers are chance"
        elif steadied is not None and steadied.seconds > 0:
            words = f"steadied over {steadied.seconds:.1f} s"
        else:
            words = "click one to aim the gradient"
        if words != self._hint.text():
            self._hint.setText(words)

    def set_answers(
        self,
        explained: Explained,
        names: Sequence[str],
        target: Target,
        steadied: Steadied | None = None,
    ) -> None:
        """Show the five best; a chosen target beyond them takes the last place.

        steadied: what is shown of a live picture; the ring still marks the class that this very
        frame's gradients aim at.
        """
        self._say(steadied)
        shown, best = explained.probabilities, explained.top(5)
        if steadied is not None:
            shown = steadied.probabilities
            best = tuple(int(i) for i in np.argsort(-shown, kind="stable")[:5])
        indices = list(best)
        if target.class_index is not None and target.class_index not in indices:
            indices[-1] = target.class_index
        rows = [Row(i, names[i], float(shown[i])) for i in indices]
        least = FULL_BAR_UNTRAINED if self._untrained else FULL_BAR
        full = max(least, float(shown[best[0]]))
        self.bars.set_rows(rows, explained.target_class, full)
        self.announcer.say(f"{rows[0].name}, {percent(rows[0].probability)}")

    def clear(self) -> None:
        """Show no answer."""
        self.bars.set_rows([], None, FULL_BAR)
