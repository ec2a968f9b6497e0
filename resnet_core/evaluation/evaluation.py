"""What an evaluation counts, and what is read off the counts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from resnet_core.arrays import Integers
from resnet_core.errors import DataError


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often pictures of one class were taken for another."""

    label: str
    answer: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Counts over the measured pictures; adding up those of shards gives the whole.

    weights: the card's name; classes: all names, in the order of the outputs.
    pictures, top1, top5: (K,) pictures of each class, and how many of them are right first and
    within the five best; answers: first answers by (label, answer); unreadable: names of pictures
    that could not be read and are in no count; unmatched: folders that are no class of the network.
    """

    weights: str
    classes: tuple[str, ...]
    pictures: Integers
    top1: Integers
    top5: Integers
    answers: Mapping[tuple[int, int], int]
    unreadable: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Pictures that were measured."""
        return int(self.pictures.sum())

    @property
    def top1_error(self) -> float:
        """The share of pictures, in percent, whose label is not the best answer."""
        return _error(self.pictures.sum(), self.top1.sum())

    @property
    def top5_error(self) -> float:
        """The share of pictures, in percent, whose label is not among the five best."""
        return _error(self.pictures.sum(), self.top5.sum())

    def confusions(self, most: int) -> list[Confusion]:
        """The pairs that are mixed up most often, the worst first."""
        return [Confusion(self.classes[a], self.classes[b], n) for a, b, n in self._wrong()[:most]]

    def as_csv(self) -> str:
        """A row for each measured class, the worst first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            ("class", "name", "pictures", "top1_error", "top5_error", "most_often_taken_for")
        )
        taken: dict[int, str] = {}
        for label, answer, _ in self._wrong():
            taken.setdefault(label, self.classes[answer])  # the most frequent comes first
        measured = np.flatnonzero(self.pictures)
        for index in sorted(measured, key=lambda k: (self.top1[k] / self.pictures[k], k)):
            errors = (
                _error(self.pictures[index], right[index]) for right in (self.top1, self.top5)
            )
            one, five = (f"{error:.2f}" for error in errors)
            name, other = self.classes[index], taken.get(int(index), "")
            writer.writerow((index, name, self.pictures[index], one, five, other))
        return text.getvalue()

    def _wrong(self) -> list[tuple[int, int, int]]:
        """(label, answer, count) of wrong first answers, the most frequent first."""
        wrong = [(a, b, n) for (a, b), n in self.answers.items() if a != b]
        return sorted(wrong, key=lambda item: (-item[2], item[:2]))

    def as_document(self) -> dict[str, Any]:
        """As JSON; holds every count, so that shards can be joined."""
        return {
            "weights": self.weights,
            "pictures": self.count,
            "top1_error": round(self.top1_error, 4) if self.count else None,
            "top5_error": round(self.top5_error, 4) if self.count else None,
            "classes": [
                {"name": name, "pictures": int(n), "top1": int(one), "top5": int(five)}
                for name, n, one, five in zip(
                    self.classes, self.pictures, self.top1, self.top5, strict=True
                )
            ],
            "answers": [[label, answer, n] for (label, answer), n in sorted(self.answers.items())],
            "unreadable": list(self.unreadable),
            "unmatched": list(self.unmatched),
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Evaluation:
        """From what ``as_document`` gives. Raises DataError if it is something else."""
        try:
            rows = document["classes"]
            return cls(
                str(document["weights"]),
                tuple(str(row["name"]) for row in rows),
                np.array([int(row["pictures"]) for row in rows], np.int64),
                np.array([int(row["top1"]) for row in rows], np.int64),
                np.array([int(row["top5"]) for row in rows], np.int64),
                {(int(a), int(b)): int(n) for a, b, n in document["answers"]},
                tuple(document["unreadable"]),
                tuple(document["unmatched"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"This is no evaluation of SkipLens: {error!r}.") from error


def joined(parts: Iterable[Evaluation]) -> Evaluation:
    """Shards of one evaluation as a whole. Raises DataError if they are of different weights."""
    first, *rest = parts
    answers = Counter(first.answers)
    for part in rest:
        if (part.weights, part.classes) != (first.weights, first.classes):
            raise DataError(
                f"Shards of {first.weights} and of {part.weights} cannot be joined; evaluate both "
                "with the same weights."
            )
        answers.update(part.answers)
    whole = (first, *rest)
    return Evaluation(
        first.weights,
        first.classes,
        np.sum([part.pictures for part in whole], axis=0),
        np.sum([part.top1 for part in whole], axis=0),
        np.sum([part.top5 for part in whole], axis=0),
        dict(answers),
        tuple(name for part in whole for name in part.unreadable),
        tuple(sorted({name for part in whole for name in part.unmatched})),
    )


def _error(pictures: Any, right: Any) -> float:
    return float(100 * (pictures - right) / pictures) if pictures else float("nan")
