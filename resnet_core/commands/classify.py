"""``skiplens classify``: the best answers for pictures and folders."""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from resnet_core.commands.output import ExitCode, Progress, complain, say, say_json
from resnet_core.commands.selection import add_model_options, chosen_card, chosen_target
from resnet_core.commands.sheet import MapStore, Sheet
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import PictureError, UsageError
from resnet_core.explained.values import Explained, Target, softmax
from resnet_core.pictures.decoding import decode, find_pictures
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import prepare_batch
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model

BATCH = 8
DECODERS = 2
AHEAD = 4 * BATCH


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
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text")
    parser.add_argument("--json", action="store_const", const="json", dest="format")
    parser.add_argument("--shard", metavar="I/N", help="only the I-th of N parts, from 1")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Classify, print, and tell with the exit code whether every file could be read."""
    if arguments.top < 1:
        raise UsageError("--top needs a number from 1.")
    catalogue = Catalogue()
    card = chosen_card(arguments, catalogue)
    target = chosen_target(arguments.target, card)
    paths = shard(find_pictures(arguments.paths), arguments.shard)
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


def shard(paths: Sequence[Path], wanted: str | None) -> list[Path]:
    """Every N-th path from the I-th, for ``I/N``; all paths for None."""
    if wanted is None:
        return list(paths)
    first, _, count = wanted.partition("/")
    if not (first.isdecimal() and count.isdecimal() and 1 <= int(first) <= int(count)):
        raise UsageError(f"--shard {wanted} is not of the form I/N with I from 1 to N.")
    return list(islice(paths, int(first) - 1, None, int(count)))


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
        """Answers in the order of the paths; decoding runs ahead of the engine."""
        waiting: list[tuple[Path, Frame | PictureError]] = []
        with ThreadPoolExecutor(DECODERS) as pool:
            for path, decoded in _decoded_ahead(pool, paths):
                waiting.append((path, decoded))
                if len(waiting) == BATCH:
                    yield from self._batch(waiting)
                    waiting = []
            yield from self._batch(waiting)

    def _batch(self, waiting: list[tuple[Path, Frame | PictureError]]) -> Iterator[Answer]:
        frames = [decoded for _, decoded in waiting if isinstance(decoded, Frame)]
        started = time.perf_counter()
        results = iter(self._probabilities(frames))
        seconds = (time.perf_counter() - started) / max(1, len(frames))
        for path, decoded in waiting:
            if isinstance(decoded, PictureError):
                yield Answer(path, (), None, self._name, str(decoded))
            else:
                yield Answer(path, self._top(next(results)), round(seconds, 6), self._name, None)

    def _probabilities(self, frames: list[Frame]) -> list[npt.NDArray[np.float32]]:
        if not frames:
            return []
        if self._stores:
            explained = [self._explain(frame) for frame in frames]
            return [one.probabilities for one in explained]
        inputs = prepare_batch(frames, self._model.card.preprocessing)
        # The last batch is filled up, so that it runs on the graph that is compiled already.
        full = np.concatenate([inputs, np.zeros((BATCH - len(inputs), *inputs.shape[1:]),
                                                np.float32)])  # fmt: skip
        few = len(inputs) == 1
        logits = self._engine.logits(self._model, inputs if few else full)[: len(inputs)]
        return list(softmax(logits))

    def _explain(self, frame: Frame) -> Explained:
        explained = self._engine.explain(Request(frame, self._model, self._target))
        for store in self._stores:
            store.add(frame, explained)
        return explained

    def _top(self, probabilities: npt.NDArray[np.float32]) -> tuple[tuple[int, str, float], ...]:
        order = np.argsort(-probabilities, kind="stable")[: self._count]
        names = self._model.card.classes
        return tuple((int(i), names[int(i)], float(probabilities[i])) for i in order)


def _decoded_ahead(
    pool: ThreadPoolExecutor, paths: Sequence[Path]
) -> Iterator[tuple[Path, Frame | PictureError]]:
    rest = iter(paths)
    running = [(path, pool.submit(_decode, path)) for path in islice(rest, AHEAD)]
    while running:
        path, future = running.pop(0)
        yield path, future.result()
        running.extend((path, pool.submit(_decode, path)) for path in islice(rest, 1))


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
