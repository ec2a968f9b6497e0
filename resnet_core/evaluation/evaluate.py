"""Measuring a network on labelled pictures."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from resnet_core.arrays import Floats
from resnet_core.engines.answers import answers
from resnet_core.engines.engine import Engine
from resnet_core.errors import SkipLensError, UsageError
from resnet_core.evaluation.evaluation import Evaluation
from resnet_core.evaluation.matching import match
from resnet_core.labelled.layouts import find_measured
from resnet_core.labelled.trees import Tree, open_tree
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.frame import Frame
from resnet_core.weights.model import Model

_FIVE = 5


class Stopped(SkipLensError):
    """The evaluation was stopped before its end; there are no figures."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many pictures are done, of how many."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Shard:
    """The ``number``-th of ``count`` parts, from 1: every count-th picture."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, words: str | None) -> Shard:
        """From ``I/N``; everything for None. Raises UsageError."""
        if words is None:
            return cls()
        first, _, count = words.partition("/")
        if not (first.isdecimal() and count.isdecimal() and 1 <= int(first) <= int(count)):
            raise UsageError(f"--shard {words} is not of the form I/N with I from 1 to N.")
        return cls(int(first), int(count))

    @property
    def slice(self) -> slice:
        """Takes the part out of a list of everything."""
        return slice(self.number - 1, None, self.count)


def evaluate(
    engine: Engine,
    model: Model,
    data: Path,
    *,
    shard: Shard | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    cancelled: threading.Event | None = None,
) -> Evaluation:
    """Measure the model on a folder, tar or zip of labelled pictures.

    Labels come from folders of classes, or Tiny ImageNet's annotations. A picture that cannot be
    read is named and left out. Raises DataError if the data does not fit the network, and Stopped
    when ``cancelled`` is set meanwhile.
    """
    tree = open_tree(data)
    folders, words = find_measured(tree)
    outputs = match(folders.values(), model.card.classes, words)
    labels = {name: outputs[kind] for name, kind in sorted(folders.items()) if kind in outputs}
    names = list(labels)[(shard or Shard()).slice]
    tally = _Tally(model)
    for done, answer in enumerate(answers(engine, model, _pictures(tree, names)), start=1):
        if cancelled is not None and cancelled.is_set():
            raise Stopped("The measurement was stopped before its end.")
        if answer.logits is None:
            tally.unreadable.append(str(answer.error))
        else:
            tally.add(labels[answer.key], answer.logits)
        report(Progress(done, len(names)))
    return tally.evaluation(tuple(sorted(set(folders.values()) - set(outputs))))


def _pictures(tree: Tree, names: list[str]) -> Iterator[tuple[str, Callable[[], Frame]]]:
    """Read one after the other, as archives are cheapest, to be decoded in parallel."""
    for name, contents in tree.read(set(names)):
        yield name, partial(decode, contents, name)


class _Tally:
    def __init__(self, model: Model) -> None:
        self._card = model.card
        classes = model.config.classes
        self._pictures, self._top1, self._top5 = np.zeros((3, classes), np.int64)
        self._answers: Counter[tuple[int, int]] = Counter()
        self.unreadable: list[str] = []

    def add(self, label: int, logits: Floats) -> None:
        best = np.argsort(-logits, kind="stable")[:_FIVE]
        self._pictures[label] += 1
        self._top1[label] += int(best[0] == label)
        self._top5[label] += int(label in best)
        self._answers[label, int(best[0])] += 1

    def evaluation(self, unmatched: tuple[str, ...]) -> Evaluation:
        return Evaluation(
            self._card.name,
            self._card.classes,
            self._pictures,
            self._top1,
            self._top5,
            dict(self._answers),
            tuple(self.unreadable),
            unmatched,
        )
