"""Switching a block's residual branch off, and what that does to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from app.widgets.answer_bars import FULL_BAR, FULL_BAR_UNTRAINED
from app.widgets.controls import Card, Switch
from app.widgets.loss_bars import LossBars, short
from app.widgets.outcome_bars import OutcomeBars
from resnet_core.arrays import Floats


class LesionCard(Card):
    """The switch, and under it what each block's loss would do, or what this one's does."""

    lesion_toggled = Signal(bool)
    block_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._block = ""
        self._untrained = self._short = False
        self.switch = Switch("Residual branch off", of_residual=True)
        self.switch.setToolTip(
            "Let the block pass only its shortcut on, L. It is computed beside the intact network; "
            "everything else on the page stays"
        )
        self._title = QLabel("Residual branch off")
        self._title.setObjectName("title")
        self._caption = QLabel()
        self._caption.setObjectName("hint")
        self.losses = LossBars()
        self.outcome = OutcomeBars()
        self._lay_out()
        self.switch.toggled.connect(self._toggled)
        self.losses.block_chosen.connect(self.block_chosen)

    def _lay_out(self) -> None:
        self._holder = QWidget()
        self._stack = QStackedLayout(self._holder)
        self._stack.addWidget(self.losses)
        self._stack.addWidget(self.outcome)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._caption)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.switch)
        head.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 10)
        column.addLayout(head)
        column.addWidget(self._holder, 1)

    @property
    def caption(self) -> str:
        """What the switch would do, or does, in words."""
        return self._caption.text()

    @property
    def shows_outcome(self) -> bool:
        """Whether the answers without the branch are shown, not the losses of all blocks."""
        return self._stack.currentWidget() is self.outcome

    def set_short(self, short: bool) -> None:
        """Show the switch alone while it is off: a live picture asks for no losses."""
        self._short = short
        self._say()

    def set_untrained(self, untrained: bool) -> None:
        """Bars of chance are drawn on a finer scale."""
        self._untrained = untrained

    def set_block(self, name: str) -> None:
        """The block that the switch is about; conv1 has no branch to switch."""
        self._block = name
        self.switch.setEnabled(name != "conv1")
        self.losses.set_block(name)
        self._say()

    def set_lesioned(self, on: bool) -> None:
        """Show the switch as on or off without telling anyone."""
        with QSignalBlocker(self.switch):
            self.switch.setChecked(on)
        self._say()

    def set_losses(
        self, losses: Mapping[str, float] | None, target_name: str, *, moving: bool = False
    ) -> None:
        """What each block's loss would do to the target's probability, None while computing.

        moving: the picture is live, and they are asked only once it stands still.
        """
        waits = "freeze the picture to see what each block does" if moving else "computing …"
        title = f"“{target_name}” would change by, in points" if losses else waits
        self.losses.set_losses(losses, title)

    def set_outcome(self, now: Floats, then: Floats | None, names: Sequence[str]) -> None:
        """Probabilities (K,) with and without the branch; then is None while computing."""
        if then is None:
            self.outcome.set_rows([], FULL_BAR)
            return
        best = [int(i) for i in np.argsort(-then, kind="stable")[:5]]
        rows = [(names[i], float(now[i]), float(then[i])) for i in best]
        least = FULL_BAR_UNTRAINED if self._untrained else FULL_BAR
        self.outcome.set_rows(rows, max(least, *(max(a, b) for _, a, b in rows)))

    def clear(self) -> None:
        """Show no numbers."""
        self.losses.set_losses(None, "")
        self.outcome.set_rows([], FULL_BAR)

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._say()
        self.lesion_toggled.emit(on)

    def _say(self) -> None:
        on = self.switch.isChecked()
        self._stack.setCurrentWidget(self.outcome if on else self.losses)
        alone = self._short and not on
        self._holder.setVisible(not alone)
        fixed, growing = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred
        self.setSizePolicy(growing, fixed if alone else growing)
        name = f"conv{short(self._block)}"
        if self._block == "conv1":
            words = "conv1 has no residual branch"
        elif on:
            words = f"{name} passes only its shortcut on"
        else:
            words = f"try {name} without F(x)"
        self._caption.setText(words)
        self.switch.setAccessibleDescription(words)
