"""The Weights page's state: which weights there are, what is under way with each, what is asked.

No widget in here. Files are fetched, read, measured and hashed in worker threads.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.weights_states import RowState, Stage, Storage
from app.workers.job_worker import Job, JobWorker, Report
from resnet_core.engines.choice import choose
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import SkipLensError
from resnet_core.evaluation.evaluate import Progress, evaluate
from resnet_core.evaluation.evaluation import Evaluation
from resnet_core.networks.config import Shortcut, StridePlacement
from resnet_core.weights.card import Card, Provenance, Scores
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.folders import imported_folder, published_folder, weights_folder
from resnet_core.weights.importing import Wishes, import_file, with_scores
from resnet_core.weights.recognition import Undecided
from resnet_core.weights.transfer import Transfer


@dataclass(frozen=True, slots=True)
class _Asked:
    """The import that waits for an answer to a question."""

    path: Path
    wishes: Wishes


class WeightsController(QObject):
    """Keeps the rows and asks the workers. The window's thread only."""

    rows_changed = Signal(tuple)  # of RowState, all of them
    row_changed = Signal(RowState)
    card_selected = Signal(Card)
    checked = Signal(str, str)  # a name, and "matches" or what is wrong
    card_chosen = Signal(Card)
    catalogue_changed = Signal()
    storage_measured = Signal(Storage)
    asked = Signal(str, tuple)  # a sentence, and the shortcuts or stride placements to choose of
    failed = Signal(str)
    recovered = Signal()

    def __init__(self, catalogue: Catalogue, card: Card) -> None:
        super().__init__()
        self._catalogue, self._in_use = catalogue, card
        self._selected = card.name
        self._on_show = False
        self._under_way: dict[str, RowState] = {}
        self._asked: _Asked | None = None
        self.transfers, self.files, self.measurements = JobWorker(), JobWorker(), JobWorker()
        self._connect()

    def _connect(self) -> None:
        self.transfers.progressed.connect(self._take_progress)
        self.transfers.done.connect(self._take_fetched)
        self.transfers.failed.connect(self._take_broken_off)
        self.transfers.stopped.connect(self._take_stopped)
        self.files.done.connect(self._take_file_work)
        self.files.failed.connect(self._take_file_trouble)
        self.measurements.progressed.connect(self._take_progress)
        self.measurements.done.connect(self._take_measured)
        self.measurements.failed.connect(self._take_unmeasured)
        self.measurements.stopped.connect(self._take_stopped)

    @property
    def workers(self) -> tuple[JobWorker, ...]:
        return (self.transfers, self.files, self.measurements)

    def finish(self) -> None:
        """Ask all workers to leave; never waits."""
        for worker in self.workers:
            worker.finish()

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every row's card: the catalogue's, and untrained numbers for the network in use."""
        return (*self._catalogue.cards, self._catalogue.untrained(self._in_use.network))

    def row(self, card: Card) -> RowState:
        """Where a card stands."""
        if card.name in self._under_way:
            return self._under_way[card.name]
        untrained = card.provenance is Provenance.UNTRAINED
        if self._in_use == card or (untrained and self._in_use.provenance is card.provenance):
            return RowState(card, Stage.IN_USE)
        return RowState(card, Stage.HERE if self._catalogue.is_here(card) else Stage.ABSENT)

    # Wishes

    def set_on_show(self, on_show: bool) -> None:
        """Whether the page is in view; while it is not, nobody needs its rows."""
        self._on_show = on_show
        if on_show:
            self._tell_all()
            self.select(self._selected)

    @Slot(Card)
    def set_in_use(self, card: Card) -> None:
        """Another network answers on the Explore page."""
        self._in_use = card
        self._tell_all()

    @Slot(str)
    def select(self, name: str) -> None:
        """Show the details of a card, and have its file checked."""
        card = self._named(name) or self._in_use
        self._selected = card.name
        self.card_selected.emit(card)
        if self._catalogue.path(card) is not None:
            self.files.put(Job(f"check {card.name}", lambda report, stop: self._check(card)))

    @Slot(str)
    def use(self, name: str) -> None:
        """Explore with these weights."""
        card = self._named(name)
        if card is not None and self._catalogue.is_here(card):
            self.card_chosen.emit(card)

    @Slot(str)
    def get(self, name: str) -> None:
        """Fetch published weights, or go on with fetching."""
        card = self._named(name)
        if card is None or self.row(card).stage is Stage.COMING:
            return
        self._set(RowState(card, Stage.COMING))
        self.transfers.put(Job(name, lambda report, stop: _pull(card, report, stop)))

    @Slot(str)
    def cancel(self, name: str) -> None:
        """Stop what is under way with these weights."""
        self.transfers.cancel(name)
        self.measurements.cancel(name)

    @Slot(str)
    def remove(self, name: str) -> None:
        """Remove fetched or imported weights."""
        card = self._named(name)
        if card is None:
            return
        if card == self._in_use:
            self.card_chosen.emit(self._catalogue.default())
        self.files.put(Job(f"remove {name}", lambda report, stop: self._catalogue.remove(card)))

    @Slot(Path)
    def import_path(self, path: Path) -> None:
        """Keep a file of the user's own."""
        self._import(_Asked(path, Wishes(ask_stride=True)))

    @Slot(object)
    def answer(self, answer: Shortcut | StridePlacement) -> None:
        """What tensors could not tell of the file that was given last."""
        if self._asked is None:
            return
        wishes = self._asked.wishes
        if isinstance(answer, Shortcut):
            wishes = replace(wishes, shortcut=answer)
        else:
            wishes = replace(wishes, stride=answer)
        self._import(replace(self._asked, wishes=wishes))

    @Slot(str, Path)
    def measure(self, name: str, data: Path) -> None:
        """Measure the user's own weights on a folder of labelled pictures."""
        card = self._named(name)
        if card is None:
            return
        self._set(RowState(card, Stage.MEASURING))
        self.measurements.put(
            Job(name, lambda report, stop: self._measure(card, data, report, stop))
        )

    # What the workers do, in their threads

    def _check(self, card: Card) -> str:
        try:
            self._catalogue.load(card)
        except SkipLensError as error:
            return str(error)
        return "matches"

    def _measure(
        self, card: Card, data: Path, report: Report, stop: threading.Event
    ) -> tuple[Card, Evaluation]:
        engine = choose().engine
        try:
            model = load_ready(self._catalogue, card)
            return card, evaluate(engine, model, data, report=report, cancelled=stop)
        finally:
            engine.close()

    def _import(self, asked: _Asked) -> None:
        self._asked = asked
        taken = self._catalogue.names_not_yours

        def work(report: Report, stop: threading.Event) -> Card | Undecided:
            try:
                return import_file(asked.path, imported_folder(), asked.wishes, taken)
            except Undecided as question:
                return question

        self.files.put(Job(f"import {asked.path.name}", work))

    # What they tell

    @Slot(str, object)
    def _take_progress(self, name: str, far: Transfer | Progress) -> None:
        known = self._under_way.get(name)
        if known is None:
            return
        share = far.done / far.total if far.total else None
        transfer = far if isinstance(far, Transfer) else None
        self._set(replace(known, share=share, transfer=transfer))

    @Slot(str, object)
    def _take_fetched(self, name: str, path: object) -> None:
        del path
        self._under_way.pop(name, None)
        self._refresh()

    @Slot(str, str)
    def _take_broken_off(self, name: str, sentence: str) -> None:
        known = self._under_way.get(name)
        if known is not None:
            self._set(replace(known, stage=Stage.BROKEN_OFF, sentence=sentence))

    @Slot(str)
    def _take_stopped(self, name: str) -> None:
        known = self._under_way.pop(name, None)
        if known is not None:
            self.row_changed.emit(self.row(known.card))

    @Slot(str, object)
    def _take_file_work(self, key: str, result: object) -> None:
        kind, _, name = key.partition(" ")
        if kind == "check":
            self.checked.emit(name, str(result))
            return
        if isinstance(result, Storage):
            self.storage_measured.emit(result)
            return
        self.recovered.emit()
        if isinstance(result, Undecided):
            self.asked.emit(result.sentence, result.answers)
            return
        self._refresh()
        if isinstance(result, Card):
            self._asked = None
            self.select(result.name)
            self.card_chosen.emit(result)

    @Slot(str, str)
    def _take_file_trouble(self, key: str, sentence: str) -> None:
        del key
        self.failed.emit(sentence)

    @Slot(str, object)
    def _take_measured(self, name: str, result: tuple[Card, Evaluation]) -> None:
        self._under_way.pop(name, None)
        card, found = result
        scores = Scores(
            data="your own labelled pictures",
            pictures=found.count,
            top1=round(100 - found.top1_error, 2),
            top5=round(100 - found.top5_error, 2),
        )
        try:
            with_scores(card, scores, imported_folder())
        except SkipLensError as error:
            self.failed.emit(str(error))
        self._refresh()
        self.select(name)

    @Slot(str, str)
    def _take_unmeasured(self, name: str, sentence: str) -> None:
        self._under_way.pop(name, None)
        self._tell_all()
        self.failed.emit(sentence)

    def _refresh(self) -> None:
        self._catalogue.refresh()
        self.catalogue_changed.emit()
        self._tell_all()

    def _tell_all(self) -> None:
        if self._on_show:
            self.rows_changed.emit(tuple(self.row(card) for card in self.cards))
            self.files.put(Job("storage", lambda report, stop: _storage()))

    def _set(self, state: RowState) -> None:
        self._under_way[state.card.name] = state
        self.row_changed.emit(state)

    def _named(self, name: str) -> Card | None:
        return next((card for card in self.cards if card.name == name), None)


def _pull(card: Card, report: Report, stop: threading.Event) -> Path:
    from resnet_core.weights.pulling import pull  # brings an HTTP client

    return pull(card, published_folder(), report=report, cancelled=stop)


def _storage() -> Storage:
    folder = weights_folder()
    files = folder.rglob("*") if folder.is_dir() else ()
    used = sum(path.stat().st_size for path in files if path.is_file())
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return Storage(used, shutil.disk_usage(there).free)
