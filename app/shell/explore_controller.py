"""The Explore page's state: what is on show, what is asked, and which answers still count.

No widget in here. Facts leave as signals in the past tense; wishes arrive as slots. Nothing is
passed on whose question is not the one that stands.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot

from app.view import View
from app.workers.decode_worker import DecodeWorker, Opened, Opening
from app.workers.engine_worker import EngineWorker, Explanation, Failure, Lesioned, Wish
from resnet_core.engines.choice import AUTO
from resnet_core.explained.values import MapKind, Target
from resnet_core.networks.config import STEM_NAME
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import Painted, paint
from resnet_core.weights.card import Card

BUSY_AFTER_MS = 150

_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Of posted events the one for painting is of low priority."""


class ExploreController(QObject):
    """Holds the state and asks the workers. The window's thread only."""

    network_changed = Signal(Card)
    frame_opened = Signal(Frame)
    place_changed = Signal(int, int)  # which picture of how many, from 1
    block_selected = Signal(str)
    view_changed = Signal(View)
    lesions_changed = Signal(frozenset)
    frame_answered = Signal(Frame)  # it will be shown next; the engine is free
    frame_explained = Signal(Explanation, object)  # with Painted, or None for the picture alone
    maps_painted = Signal(object)  # Painted or None
    lesion_explained = Signal(Lesioned)
    busy_changed = Signal(bool)
    failed = Signal(str)
    engine_failed = Signal(str)
    engine_wish_changed = Signal(str)
    answers_withdrawn = Signal()  # what was shown is not of the picture that was asked for
    recovered = Signal()

    def __init__(self, engine: EngineWorker, decoder: DecodeWorker, card: Card) -> None:
        super().__init__()
        self._engine, self._decoder = engine, decoder
        self._card = card
        self._engine_wish = AUTO
        self._engine_troubled = False
        self._frame: Frame | None = None
        self._before: Frame | None = None  # of a live picture, whose answer may be on its way
        self._live = False
        self._painting = False  # a live answer is on its way to the screen
        self._held: Explanation | None = None  # the one after it
        self._lesioned: Lesioned | None = None  # the newest
        self._target = Target()
        self._lesions: frozenset[str] = frozenset()
        self._block = _default_block(card)
        self._view = View()
        self._explanation: Explanation | None = None
        self._paths: tuple[Path, ...] = ()
        self._index = 0
        self._openings = 0
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(BUSY_AFTER_MS)
        self._busy.timeout.connect(self._still_busy)

    @property
    def card(self) -> Card:
        return self._card

    @property
    def block(self) -> str:
        return self._block

    @property
    def view(self) -> View:
        return self._view

    @property
    def frame(self) -> Frame | None:
        return self._frame

    @property
    def explanation(self) -> Explanation | None:
        """The answer on show, None while there is none to the question that stands."""
        return self._explanation

    @property
    def painted(self) -> Painted | None:
        """The maps of the answer on show, None for the picture alone."""
        return self._paint()

    @property
    def engine_wish(self) -> str:
        return self._engine_wish

    # Wishes

    @Slot(list)
    def open_paths(self, paths: list[Path]) -> None:
        """Open files and folders; the first picture is shown, the others wait their turn."""
        self._openings += 1
        self._decoder.open(Opening(self._openings, tuple(paths)))
        self._busy.start()

    @Slot(bytes, str)
    def open_bytes(self, contents: bytes, name: str) -> None:
        """Open a picture that came as bytes: pasted, or dragged out of a browser."""
        self._openings += 1
        self._decoder.open(Opening(self._openings, contents=contents, name=name))
        self._busy.start()

    @Slot(int)
    def step_picture(self, step: int) -> None:
        """Show the picture that many places on, around the end."""
        if len(self._paths) > 1:
            self._openings += 1
            first = (self._index + step) % len(self._paths)
            direction = 1 if step > 0 else -1
            self._decoder.open(Opening(self._openings, self._paths, first=first, step=direction))
            self._busy.start()

    @Slot(Card)
    def choose_card(self, card: Card) -> None:
        """Take other weights; the target and the lesions were of the network before."""
        if card == self._card:
            return
        same_classes = card.classes == self._card.classes
        self._card = card
        self._target = self._target if same_classes else Target()
        self._lesions = frozenset()
        if self._block not in card.network.output_names:
            self._block = _default_block(card)
        self._explanation = None
        self.network_changed.emit(card)
        self.block_selected.emit(self._block)
        self.lesions_changed.emit(self._lesions)
        self.ask()

    @Slot(str)
    def choose_engine(self, wish: str) -> None:
        """Take another engine."""
        if wish != self._engine_wish:
            self._engine_wish = wish
            self.engine_wish_changed.emit(wish)
            self.ask()

    @Slot(object)
    def choose_target(self, class_index: int | None) -> None:
        """Aim the gradients at a class, None for the best answer."""
        target = replace(self._target, class_index=class_index)
        if target != self._target:
            self._target = target
            self.ask()

    @Slot(int)
    def step_target(self, step: int) -> None:
        """Aim at the next or the last of the five best answers."""
        if self._explanation is None:
            return
        explained = self._explanation.explained
        top = explained.top(5)
        here = top.index(explained.target_class) if explained.target_class in top else 0
        self.choose_target(top[(here + step) % len(top)])

    @Slot(str)
    def select_block(self, name: str) -> None:
        """Look at another block; nothing is computed."""
        if name in self._card.network.output_names and name != self._block:
            self._block = name
            self.block_selected.emit(name)

    @Slot(int)
    def step_block(self, step: int) -> None:
        """Look at the next block or the one before."""
        names = self._card.network.output_names
        place = min(max(names.index(self._block) + step, 0), len(names) - 1)
        self.select_block(names[place])

    @Slot(bool)
    def set_lesion(self, on: bool) -> None:
        """Switch the residual branch of the selected block off, or on again."""
        if self._block == STEM_NAME:
            return
        one = frozenset([self._block])
        lesions = self._lesions | one if on else self._lesions - one
        if lesions != self._lesions:
            self._lesions = lesions
            self.lesions_changed.emit(lesions)
            self.ask()

    @Slot()
    def toggle_lesion(self) -> None:
        """The switch, by key."""
        self.set_lesion(self._block not in self._lesions)

    @Slot(View)
    def set_view(self, view: View) -> None:
        """Show maps another way; nothing is computed, only painted."""
        if view == self._view:
            return
        repaint = (view.kind, view.colormap, view.shared_scale) != (
            self._view.kind, self._view.colormap, self._view.shared_scale,
        )  # fmt: skip
        self._view = view
        self.view_changed.emit(view)
        if repaint:
            self.maps_painted.emit(self._paint())

    @Slot()
    def step_kind(self) -> None:
        """The next kind of map."""
        kinds: list[MapKind | None] = [None, *MapKind]
        place = kinds.index(self._view.kind)
        self.set_view(replace(self._view, kind=kinds[(place + 1) % len(kinds)]))

    @Slot(int)
    def step_opacity(self, step: int) -> None:
        """A tenth more or less of the map."""
        opacity = min(max(round(self._view.opacity + step / 10, 2), 0.0), 1.0)
        self.set_view(replace(self._view, opacity=opacity))

    @Slot()
    def ask(self) -> None:
        """Ask the engine what stands; without a picture it only gets ready."""
        self._engine.ask(self._wish())
        if self._frame is not None:
            self._busy.start()

    @Slot()
    def retry(self) -> None:
        """Ask a failed engine again; any other trouble is only put away."""
        self.recovered.emit()
        if self._engine_troubled:
            self.ask()

    @Slot(Frame)
    def take_live(self, frame: Frame) -> None:
        """The next frame of a live source; it is shown when its answer is there."""
        self._before = self._frame if self._live else None
        self._frame, self._live = frame, True
        if self._paths:
            self._paths = ()
            self.place_changed.emit(1, 1)
        self._engine.ask(self._wish())

    @Slot()
    def stand_still(self) -> None:
        """The frame on show stays: now the slow questions are asked as well."""
        if self._live:
            self._live, self._held = False, None
            if self._explanation is not None:
                self._frame = self._explanation.wish.frame
            self.ask()

    @Slot()
    def forget_opening(self) -> None:
        """What is still being decoded is wanted no more: something else was chosen since."""
        self._openings += 1
        self._before = self._held = None
        self._done()

    # Answers

    @Slot(Opened)
    def take_opened(self, opened: Opened) -> None:
        """A picture was decoded, or could not be."""
        if opened.opening.number != self._openings:
            return
        self._paths, self._index = opened.paths, opened.index
        if opened.frame is None:
            self._done()
            self.failed.emit(opened.sentence or "The picture cannot be read.")
            return
        self._before = self._held = None
        self._frame, self._live = opened.frame, False
        self._target = Target()
        self._explanation = None
        self.frame_opened.emit(opened.frame)
        self.place_changed.emit(opened.index + 1, len(opened.paths))
        if opened.sentence is None:
            self.recovered.emit()
        else:
            self.failed.emit(opened.sentence)
        self.ask()

    @Slot(Explanation)
    def take_explanation(self, explanation: Explanation) -> None:
        """The engine answered; an answer to a question of before is dropped."""
        wish = explanation.wish
        if not self._stands(wish):
            return
        if wish.frame is self._frame:
            self._before = None
        self._done()
        known = self._explanation
        if known is not None and known.explained is explanation.explained:
            self._explanation = explanation
            return  # only what is lesioned beside it has changed
        if self._engine_troubled:
            self._engine_troubled = False
            self.recovered.emit()
        self.frame_answered.emit(wish.frame)
        if self._painting and wish.live:
            self._held = explanation
        else:
            self._show(explanation)

    def _show(self, explanation: Explanation) -> None:
        self._explanation, self._held = explanation, None
        self.frame_explained.emit(explanation, self._paint())
        if explanation.wish.live:
            # Two may come at once, and each is to be seen.
            self._painting = True
            if self._lesioned is not None and self._lesioned.wish == explanation.wish:
                self.lesion_explained.emit(self._lesioned)  # came while this was held
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), _AFTER_PAINTING)

    def customEvent(self, event: QEvent) -> None:
        """What was shown is painted."""
        del event
        self._painting = False
        held, self._held = self._held, None
        if held is not None and self._live:
            asked = replace(self._wish(), frame=held.wish.frame)
            if held.wish.same_question(asked):
                self._show(held)

    @Slot(Lesioned)
    def take_lesioned(self, lesioned: Lesioned) -> None:
        """What lesions do, if it is still the question; of a live picture to the frame on show."""
        self._lesioned, asked = lesioned, self._wish()
        if self._live and self._explanation is not None:
            asked = replace(asked, frame=self._explanation.wish.frame)
        if lesioned.wish == asked:
            self.lesion_explained.emit(lesioned)

    @Slot(Failure)
    def take_failure(self, failure: Failure) -> None:
        """The engine could not answer what still stands."""
        if not self._stands(failure.wish):
            return
        self._done()
        if self._explanation is None:
            self.answers_withdrawn.emit()
        if failure.engine_missing and self._engine_wish != AUTO:
            self.failed.emit(f"{failure.sentence} The automatic choice is used instead.")
            self.choose_engine(AUTO)
            return
        self._engine_troubled = True
        self.engine_failed.emit(failure.sentence)

    def _stands(self, wish: Wish) -> bool:
        """Whether that is still the question; of a live picture the frame before may be, too."""
        asked = self._wish()
        if self._live and self._before is not None and wish.frame is self._before:
            asked = replace(asked, frame=wish.frame)
        return wish.same_question(asked)

    def _wish(self) -> Wish:
        return Wish(
            self._frame, self._card, self._target, self._lesions, self._engine_wish, self._live
        )

    def _paint(self) -> Painted | None:
        if self._explanation is None or self._view.kind is None:
            return None
        view = self._view
        return paint(
            self._explanation.explained, self._view.kind, view.colormap,
            shared_scale=view.shared_scale,
        )  # fmt: skip

    @Slot()
    def _still_busy(self) -> None:
        self.busy_changed.emit(True)

    def _done(self) -> None:
        self._busy.stop()
        self.busy_changed.emit(False)


def _default_block(card: Card) -> str:
    """The end of conv4_x: late enough to mean something, fine enough to look at."""
    return [block.name for block in card.network.blocks if block.stage == 4][-1]
