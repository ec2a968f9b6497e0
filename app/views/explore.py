"""The Explore page: picture, block, answers and lesion above, the strip of all blocks below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.live_history import LiveHistory
from app.theme import GAP, theme
from app.view import View
from app.views.first_run import FirstRun
from app.widgets.answers_card import AnswersCard, Steadied
from app.widgets.block_card import BlockCard
from app.widgets.controls import Segment, SegmentedControl
from app.widgets.lesion_card import LesionCard
from app.widgets.picture_card import PictureCard
from app.widgets.recent_card import RecentCard
from app.widgets.strip import Strip
from app.workers.engine_worker import Explanation, Lesioned
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import Painted
from resnet_core.pictures.preprocessing import region
from resnet_core.weights.card import Card, Provenance

_TABS = ("Top 5", "Block", "Branch off")
SIDE_COLUMN = 400
COMPACT_SIDE_COLUMN = 456

FIRST_RUN_STRIP = (188, 132)
"""Height of the strip while its tiles are empty, wide and narrow: it has no curve yet."""


class ExplorePage(QWidget):
    """Hands what the controller says to the cards that show it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._card: Card | None = None
        self._frame: Frame | None = None
        self._block = ""
        self._lesions: frozenset[str] = frozenset()
        self._explanation: Explanation | None = None
        self._painted: Painted | None = None
        self.first_run = FirstRun()
        self.picture = PictureCard()
        self.block = BlockCard()
        self.answers = AnswersCard()
        self.lesion = LesionCard()
        self.recent = RecentCard()
        self._history = LiveHistory()
        self.strip_every, self._since_strip = 1, 0
        self.strip = Strip()
        self.tabs = SegmentedControl("Cards", [Segment(t, t) for t in _TABS], stretch=True)
        self.tabs.set_current(_TABS[0])
        self.tabs.chosen.connect(self._show_tab)
        self.recent.steady_changed.connect(self._steady_changed)
        self._compact: bool | None = None
        self._live = False
        self._lay_out()
        self.set_compact(compact=False)
        self.set_live(live=False)

    def _lay_out(self) -> None:
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(GAP)
        right.addWidget(self.tabs)
        right.addWidget(self.answers, 3)
        right.addWidget(self.recent, 2)
        right.addWidget(self.lesion, 3)
        self._work = QWidget()
        self._columns = QHBoxLayout(self._work)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(GAP)
        self._columns.addWidget(self.picture, 1)
        self._columns.addWidget(self.block)
        self._columns.addWidget(self._right)
        self._upper = QStackedWidget()
        self._upper.addWidget(self.first_run)
        self._upper.addWidget(self._work)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self._upper, 1)
        column.addWidget(self.strip)

    def hasHeightForWidth(self) -> bool:
        # A sentence that wraps would otherwise make the whole page ask for its preferred height,
        # and the window would scroll where the picture can simply be a little smaller.
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.shows_first_run and self.window().focusWidget() is None:
            self.first_run.setFocus()

    def set_compact(self, compact: bool) -> None:
        """Under 1360 wide the cards on the right share one place, behind tabs."""
        zoom = theme().zoom
        width = round((COMPACT_SIDE_COLUMN if compact else SIDE_COLUMN) * zoom)
        self.block.setFixedWidth(width)
        self._right.setFixedWidth(width)
        self.strip.compact = compact
        self._compact, was = compact, self._compact
        self._fit_strip()
        self.first_run.set_compact(compact=compact)
        if compact == was:
            return
        self.picture.set_compact(compact)
        self.tabs.setVisible(compact)
        if compact:
            layout = self._right.layout()
            assert isinstance(layout, QVBoxLayout)
            layout.insertWidget(3, self.block, 3)
        else:
            self._columns.insertWidget(1, self.block)
        self._show_tab(self.tabs.current)

    def _fit_strip(self) -> None:
        if self.shows_first_run:
            height = round(theme().zoom * FIRST_RUN_STRIP[bool(self._compact)])
        else:
            height = self.strip.sizeHint().height()
        self.strip.setFixedHeight(height)

    @Slot(bool)
    def set_live(self, live: bool) -> None:
        """Whether the picture moves: then its last seconds are shown, and answers are steadied."""
        self._live = live
        self._history.reset()
        self.recent.clear()
        self.lesion.set_short(live)
        self._show_tab(self.tabs.current)
        if not live and self._explanation is not None:
            self._show_answers(self._explanation)
            # A strip that followed at a distance catches up with the frame that stands still.
            self.strip.set_explained(self._explanation.explained, self._painted)
        self.strip.set_live(live)
        self.block.set_live(live)
        for pace in (
            self.answers.bars.pace,
            self.recent.pace,
            self.picture.controls.legend.pace,
        ):
            pace.set_moves(live)

    @property
    def steady(self) -> float:
        """Seconds over which live answers are averaged."""
        return self._history.steady

    def set_steady(self, seconds: float) -> None:
        """Average live answers over that many seconds, without telling anyone."""
        self._history.steady = seconds
        self.recent.set_steady(seconds)

    @Slot(float)
    def _steady_changed(self, seconds: float) -> None:
        self._history.steady = seconds

    @property
    def shows_first_run(self) -> bool:
        return self._upper.currentWidget() is self.first_run

    @Slot(object)
    def _show_tab(self, tab: object) -> None:
        for name, card in zip(_TABS, (self.answers, self.block, self.lesion), strict=True):
            card.setVisible(not self._compact or name == tab)
        self.recent.setVisible(self._live and (not self._compact or tab == _TABS[0]))

    @Slot(Card)
    def set_network(self, card: Card) -> None:
        """Another network: what was computed with the one before goes."""
        self._card = card
        self._explanation = None
        self._history.reset()
        untrained = card.provenance is Provenance.UNTRAINED
        self.answers.set_provenance(card.provenance)
        self.lesion.set_untrained(untrained)
        self.strip.set_network(card.network)
        self.block.set_network(card.network)
        self._clear()
        if self._frame is not None:
            self._show_frame()

    @Slot(Frame)
    def set_frame(self, frame: Frame) -> None:
        """Another picture. An answer on show stays, with its picture, until the next one comes."""
        self._frame = frame
        if self._explanation is None:
            self._show_frame()

    def _show_frame(self) -> None:
        assert self._card is not None
        assert self._frame is not None
        frame = self._frame
        part = region(self._card.preprocessing, frame.height, frame.width)
        self.picture.set_frame(frame, part)
        self.picture.set_painted(None, self._block)
        self._show_work()

    def _show_work(self) -> None:
        if self.shows_first_run:
            # Not to the next control of the tab chain: nobody asked for that one.
            self.setFocus()
            self._upper.setCurrentWidget(self._work)
            self._fit_strip()

    @Slot()
    def withdraw(self) -> None:
        """There will be no answer for the picture that was opened: show it without one."""
        self._explanation = None
        self._clear()
        self.set_block(self._block)
        self.strip.set_lesioned(self._lesions)
        if self._frame is not None:
            self._show_frame()

    @Slot(str)
    def set_block(self, name: str) -> None:
        """Another block to look at."""
        self._block = name
        self.strip.set_selected(name)
        self.block.set_block(name)
        self.lesion.set_block(name)
        self.picture.set_block(name)
        self._show_lesions(self._lesions)

    @Slot(frozenset)
    def set_lesions(self, lesions: frozenset[str]) -> None:
        """Which branches are off."""
        self._lesions = lesions
        self.strip.set_lesioned(lesions)
        self._show_lesions(lesions)

    def _show_lesions(self, lesions: frozenset[str]) -> None:
        self.block.set_lesioned(self._block in lesions)
        self.lesion.set_lesioned(self._block in lesions)

    @Slot(View)
    def set_view(self, view: View) -> None:
        """How maps are shown."""
        self.picture.set_view(view)
        self.strip.set_kind(view.kind)

    @Slot(Explanation, object)
    def set_explanation(self, explanation: Explanation, painted: Painted | None) -> None:
        """The answer to what is on show."""
        assert self._card is not None
        frame = explanation.wish.frame
        if self._explanation is None or self._explanation.wish.frame is not frame:
            # A live picture comes with its answer, so that its maps lie over no other.
            self._frame = frame
            self._show_frame()
        self._explanation, self._painted = explanation, painted
        explained = explanation.explained
        name = self._card.classes[explained.target_class]
        self.picture.set_caption_target(name)
        self._show_answers(explanation)
        if self._strip_is_due(explanation):
            self.strip.set_target_name(name)
            self.strip.set_explained(explained, painted)
        self.block.set_explained(explained, painted)
        self.picture.set_painted(painted, self._block)
        self.lesion.set_losses(None, name, moving=explanation.wish.live)
        self._show_lesions(self._lesions)

    def _strip_is_due(self, explanation: Explanation) -> bool:
        """Whether the strip shows this frame; while they move on it may follow only every few.

        The last one may have been asked for while they did.
        """
        self._since_strip += 1
        moves = explanation.wish.live and self._live
        due = not moves or self._since_strip >= self.strip_every
        if due:
            self._since_strip = 0
        return due

    def _show_answers(self, explanation: Explanation) -> None:
        assert self._card is not None
        explained, names = explanation.explained, self._card.classes
        if not self._live or explanation.wish.frame is None:
            self.answers.set_answers(explained, names, explanation.wish.target)
            return
        probabilities = explained.probabilities
        steadied = self._history.add(probabilities, explanation.wish.frame.captured)
        shown = explanation.wish.target.class_index
        if shown is None:
            shown = int(steadied.argmax())
        self.answers.set_answers(
            explained, names, explanation.wish.target, Steadied(steadied, self._history.steady)
        )
        self.recent.follow(partial(self._history.trace, shown), names[shown])

    @Slot(object)
    def set_painted(self, painted: Painted | None) -> None:
        """The same answer in other colours."""
        self._painted = painted
        self.picture.set_painted(painted, self._block)
        if painted is not None:
            self.strip.set_painted(painted)
            self.block.set_painted(painted)

    @Slot(Lesioned)
    def set_lesioned(self, lesioned: Lesioned) -> None:
        """What lesions do."""
        if self._explanation is None or self._card is None:
            return
        explained = self._explanation.explained
        if lesioned.then is not None:
            self.lesion.set_outcome(explained.probabilities, lesioned.then, self._card.classes)
        if lesioned.losses is not None:
            name = self._card.classes[explained.target_class]
            self.lesion.set_losses(lesioned.losses, name)

    @Slot(str)
    def set_error(self, sentence: str) -> None:
        """Something could not be opened or saved; what is on show stays."""
        self._show_work()
        self.picture.set_error(sentence, "Close")

    @Slot(str)
    def set_engine_error(self, sentence: str) -> None:
        """The engine failed; it can be asked again."""
        self._show_work()
        self.picture.set_error(sentence, "Try again")

    @Slot()
    def clear_error(self) -> None:
        """All is well again."""
        self.picture.set_error(None)

    def _clear(self) -> None:
        self.strip.clear()
        self.block.clear()
        self.answers.clear()
        self.lesion.clear()
        self.picture.set_painted(None, self._block)
