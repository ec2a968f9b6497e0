"""Show: one big answer for a room, always dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.theme import DARK, Weight, theme
from app.view import View
from app.widgets.answer_bars import Row
from app.widgets.live_overlay import LiveMark
from app.widgets.picture_view import PictureView
from app.widgets.show_answer import SHEET_WIDTH, Said, ShowAnswer, sheet_font
from app.widgets.show_strip import ShowStrip
from app.workers.engine_worker import Explanation
from resnet_core.explained.values import MapKind
from resnet_core.pictures.painting import Painted
from resnet_core.pictures.preprocessing import region
from resnet_core.weights.card import Card, Provenance

SHEET_HEIGHT = 1000
WORDS_EVERY_MS = 500
"""Words that change with every frame cannot be read."""

HINT_MS = 2500
LEAVING = "Hold Esc to leave"

KIND_WORDS = {
    MapKind.ACTIVATION: "Bright: what this block reacts to",
    MapKind.GRADIENT: "Bright: where a change would matter",
    MapKind.GRAD_CAM: "Bright: what speaks for this answer",
    MapKind.LAYER_CAM: "Bright: what speaks for this answer, in detail",
}


class ShowPage(QWidget):
    """Hands what the controllers say to the picture, the answer and the strip."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = PictureView()
        self.answer = ShowAnswer()
        self.strip = ShowStrip()
        self.mark = LiveMark()
        for child in (self.picture, self.answer, self.strip, self.mark):
            child.setParent(self)
        self.mark.hide()
        self._card: Card | None = None
        self._view = View()
        self._painted: Painted | None = None
        self._block = ""
        self._said = Said()
        self._progress, self._hint = 0.0, ""
        self._words = QTimer(self)
        self._words.setSingleShot(True)
        self._words.setInterval(WORDS_EVERY_MS)
        self._words.timeout.connect(self._say_newest)
        self._hint_timer = QTimer(self)
        self._hint_timer.setSingleShot(True)
        self._hint_timer.setInterval(HINT_MS)
        self._hint_timer.timeout.connect(lambda: self.set_hint(""))

    # What is shown

    def set_network(self, card: Card) -> None:
        """Another network."""
        self._card = card
        self.strip.set_network(card.network)
        self._painted = None  # of the network before
        self._lay_map()
        untrained = card.provenance is Provenance.UNTRAINED
        loud = "Untrained: every answer is chance" if untrained else ""
        self._said = replace(self._said, rows=(), loud=loud)
        self._say()

    def set_block(self, name: str) -> None:
        """Another block, whose map lies over the picture."""
        self._block = name
        self.strip.set_selected(name)
        self._lay_map()

    def set_view(self, view: View) -> None:
        """How maps are shown."""
        self._view = view
        self._lay_map()

    def set_explanation(
        self, explanation: Explanation, painted: Painted | None, rows: Sequence[Row]
    ) -> None:
        """The answer to a picture. rows: what is said, steadied where the picture is live."""
        frame = explanation.wish.frame
        if frame is None or self._card is None:
            return
        self.picture.set_frame(frame, region(self._card.preprocessing, frame.height, frame.width))
        self.strip.set_explained(explanation.explained)
        self.set_painted(painted)
        self._said = replace(self._said, rows=tuple(rows))
        if not self._words.isActive():
            self._say()
            self._words.start()

    def set_painted(self, painted: Painted | None) -> None:
        """The maps of the picture on show, None for the picture alone."""
        self._painted = painted
        self.strip.set_painted(painted)
        self._lay_map()

    @Slot()
    def withdraw(self) -> None:
        """What is said is of no picture that was asked for."""
        if self._card is not None:
            self.set_network(self._card)

    def set_mark(self, words: str) -> None:
        """``LIVE``, ``FROZEN`` or ``WAITING``; nothing for a picture that is not live."""
        self.mark.setVisible(bool(words))
        if words and words != self.mark.words:
            self.mark.set_words(words)
        self.mark.adjustSize()

    def set_invitation(self, invitation: str) -> None:
        """What people may do."""
        if invitation != self._said.invitation:  # told again with every frame
            self._said = replace(self._said, invitation=invitation)
            self._say()

    def set_trouble(self, sentence: str) -> None:
        """One calm sentence, or nothing."""
        if sentence != self._said.trouble:
            self._said = replace(self._said, trouble=sentence)
            self._say()

    # Leaving

    def set_leaving(self, progress: float) -> None:
        """How far the key has been held, 0 to 1."""
        self._progress = progress
        if progress > 0:
            self.set_hint(LEAVING)
        self._update_foot()

    def set_hint(self, hint: str) -> None:
        """A line over everything for a moment."""
        self._hint = hint
        if hint:
            self._hint_timer.start()
        self._update_foot()

    def _update_foot(self) -> None:
        top = self.height() - round(32 * self._scale())
        self.update(0, top, self.width(), self.height() - top)

    @property
    def words_wait(self) -> bool:
        """Whether the words on show may not be the newest."""
        return self._words.isActive()

    @property
    def hint(self) -> str:
        """The line over everything."""
        return self._hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), DARK.window)
        if self._hint:
            s = self._scale()
            area = QRectF(32 * s, self.height() - 26 * s, self.width() - 64 * s, 22 * s)
            painter.setFont(sheet_font(18, s, Weight.SEMIBOLD))
            painter.setPen(DARK.text)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._hint)
        if self._progress > 0:
            width = round(self.width() * self._progress)
            painter.fillRect(0, self.height() - 4, width, 4, DARK.text)

    def _scale(self) -> float:
        return min(self.width() / SHEET_WIDTH, self.height() / SHEET_HEIGHT)

    def _lay_out(self) -> None:
        s = self._scale()
        margin, strip = 32 * s, 280 * s
        upper = self.height() - 3 * margin - strip
        left = (self.width() - 2 * margin) * 0.604
        gap = 48 * s
        right = margin + left + gap
        self.answer.scale = self.strip.scale = s
        self.picture.set_type_scale(s * 24 / 15)
        self.picture.setGeometry(QRectF(margin, margin, left, upper).toRect())
        width = self.width() - right - margin
        self.answer.setGeometry(QRectF(right, margin, width, upper).toRect())
        across = self.width() - 2 * margin
        self.strip.setGeometry(QRectF(margin, 2 * margin + upper, across, strip).toRect())
        self.mark.set_scale(1.3 * s / theme().zoom)
        self.mark.adjustSize()
        self.mark.move(round(margin + 28 * s), round(margin + 28 * s))

    def _lay_map(self) -> None:
        kind = self._view.kind
        painted = self._painted
        map_ = None if painted is None or kind is None else painted.maps.get(self._block)
        self.picture.set_map(map_, self._view.colormap, self._view.opacity)
        self.picture.set_caption(KIND_WORDS[kind] if map_ is not None and kind is not None else "")

    @Slot()
    def _say_newest(self) -> None:
        """Say what came meanwhile, and let that stand for as long."""
        if self.answer.said != self._said:
            self._say()
            self._words.start()

    def _say(self) -> None:
        self.answer.say(self._said)
