"""``skiplens classify``: the best answers for pictures and folders."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from resnet_core.arrays import Floats
from resnet_core.commands.output import ExitCode, Progress, complain, say, say_json
from resnet_core.commands.selection import add_model_options, chosen_card, chosen_target
from resnet_core.commands.sheet import MapStore, Sheet
from resnet_core.engines.answers import Answer as Bare
from resnet_core.engines.answers import answers, in_advance
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import PictureError, UsageError
from resnet_core.evaluation.evaluate import Shard
from resnet_core.explained.values import Explained, Target, softmax
from resnet_core.pictures.decoding import decode, find_pictures
from resnet_core.pictures.frame import Frame
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out for one file: the best classes, or a sentence of what went wrong."""

    path: Path
    top: tuple[tuple[int, str, float], ...]
    seconds: float | None
    engine: str
    error: str | None

    def as_document(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "top": [
                {"class": index, "name": name, "probability": round(probability, 6)}
                for index, name, probability in self.top
            ],
            "seconds": self.seconds,
            "engine": self.engine,
            "error": self.error,
        }


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("classify", help="the best answers for pictures and folders")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add_model_options(parser)
    parser.add_argument("--top", type=int, default=5, metavar="K")
    parser.add_argument("--target", metavar="CLASS", help="what the maps aim at: name or number")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="pictures beside maps")
    parser.add_argument("--maps", type=Path, metavar="FILE.npz", help="all maps of all blocks")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", choices=("text", "json", "csv"), default="text")
    form.add_argument("--json", action="store_const", const="json", dest="format")
    parser.add_argument("--shard", metavar="I/N", help="only the I-th of N parts, from 1")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Classify, print, and tell with the exit code whether every file could be read."""
    if arguments.top < 1:
        raise UsageError("--top needs a number from 1.")
    catalogue = Catalogue()
    card = chosen_card(arguments, catalogue)
    target = chosen_target(arguments.target, card)
    paths = find_pictures(arguments.paths)[Shard.parse(arguments.shard).slice]
    if not paths:
        raise UsageError("There is no picture in what was given; name files, or a folder of some.")
    engine = choose(arguments.engine).engine
    model = load_ready(catalogue, card)
    sheet = Sheet(arguments.sheet, card) if arguments.sheet else None
    maps = MapStore(arguments.maps) if arguments.maps else None
    worker = _Classifier(engine, model, target, arguments.top, sheet, maps)
    answers: list[Answer] = []
    progress = Progress(len(paths), "pictures")
    if arguments.format == "csv":
        say("path,rank,class,name,probability,error")
    for answer in worker.answers(paths):
        answers.append(answer)
        _print(answer, arguments.format)
        progress.at(len(answers))
    if arguments.format == "json":
        say_json([answer.as_document() for answer in answers])
    for store in (sheet, maps):
        if store is not None:
            store.save()
    failed = any(answer.error for answer in answers)
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


class _Classifier:
    def __init__(
        self,
        engine: Engine,
        model: Model,
        target: Target,
        count: int,
        sheet: Sheet | None,
        maps: MapStore | None,
    ) -> None:
        self._engine, self._model, self._target, self._count = engine, model, target, count
        self._stores = [store for store in (sheet, maps) if store is not None]
        self._name = engine.describe().name

    def answers(self, paths: Sequence[Path]) -> Iterator[Answer]:
        """Answers in the order of the paths."""
        if self._stores:
            return map(self._explained, paths, in_advance(_decode, paths))
        pictures = ((path, partial(decode, path)) for path in paths)
        return map(self._answer, answers(self._engine, self._model, pictures))

    def _answer(self, answer: Bare[Path]) -> Answer:
        if answer.logits is None:
            return Answer(answer.key, (), None, self._name, str(answer.error))
        top = self._top(softmax(answer.logits[None])[0])
        return Answer(answer.key, top, round(answer.seconds, 6), self._name, None)

    def _explained(self, path: Path, decoded: Frame | PictureError) -> Answer:
        if isinstance(decoded, PictureError):
            return Answer(path, (), None, self._name, str(decoded))
        explained = self._explain(decoded)
        seconds = round(explained.seconds, 6)
        return Answer(path, self._top(explained.probabilities), seconds, self._name, None)

    def _explain(self, frame: Frame) -> Explained:
        explained = self._engine.explain(Request(frame, self._model, self._target))
        for store in self._stores:
            store.add(frame, explained)
        return explained

    def _top(self, probabilities: Floats) -> tuple[tuple[int, str, float], ...]:
        order = np.argsort(-probabilities, kind="stable")[: self._count]
        names = self._model.card.classes
        return tuple((int(i), names[int(i)], float(probabilities[i])) for i in order)


def _decode(path: Path) -> Frame | PictureError:
    try:
        return decode(path)
    except PictureError as error:
        return error


def _print(answer: Answer, form: str) -> None:
    if form == "text":
        if answer.error is not None:
            complain(answer.error)
            return
        say(str(answer.path))
        for _, name, probability in answer.top:
            say(f"  {100 * probability:5.1f} %  {name}")
    elif form == "csv":
        rows: list[tuple[object, ...]] = [
            (answer.path, rank, index, name, f"{probability:.6f}", "")
            for rank, (index, name, probability) in enumerate(answer.top, start=1)
        ] or [(answer.path, "", "", "", "", answer.error)]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        say(text.getvalue().rstrip("\n"))
