"""What a run writes down: two CSV files that any spreadsheet opens."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from resnet_core.networks.modules import ResidualBlock, ResNet

STEPS_NAME = "steps.csv"
SCORES_NAME = "scores.csv"


@dataclass(frozen=True, slots=True)
class StepRow:
    """Where the run stands. seconds: over all sittings; progress: from 0 to 1; size: pixels;
    loss: mean since the last row; accuracy: percent of the pictures since the last row (of the
    first label, where pictures are mixed).
    """

    step: int
    pictures: int
    seconds: float
    progress: float
    size: int
    rate: float
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What the averaged network scored, in percent, on inputs of ``size`` pixels."""

    step: int
    pictures: int
    seconds: float
    size: int
    top1: float
    top5: float


class BlockGauge:
    """Reads gradient norms and deviations of F off one forward and backward pass."""

    def __init__(self, network: ResNet) -> None:
        self._blocks = network.residual_blocks
        self.gradient_norms = [0.0] * len(self._blocks)
        self.residual_stds = [0.0] * len(self._blocks)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within it, a pass leaves its numbers in ``gradient_norms`` and ``residual_stds``."""
        handles: list[RemovableHandle] = []
        for number, block in enumerate(self._blocks):
            handles.append(self._watch_residual(number, block))
            handles.append(self._watch_output(number, block))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _watch_residual(self, number: int, block: ResidualBlock) -> RemovableHandle:
        def read(_module: object, _inputs: object, residual: Tensor) -> None:
            self.residual_stds[number] = float(residual.detach().float().std())

        return block.last_norm.register_forward_hook(read)

    def _watch_output(self, number: int, block: ResidualBlock) -> RemovableHandle:
        def read(_module: object, _inputs: object, gradients: Sequence[Tensor]) -> None:
            norms = torch.linalg.vector_norm(gradients[0].float().flatten(1), dim=1)
            # The loss is a mean over the pictures; each one's own gradient is N times that.
            self.gradient_norms[number] = float(norms.mean()) * len(norms)

        return block.register_full_backward_hook(read)


class RunLog:
    """The two tables of a run's folder.

    ``steps.csv``: the fields of a ``StepRow``, then for each block, read at the row's own step,
    ``conv2_1_gradient_norm``, the norm of the gradient of a picture's loss at the block's output
    (mean over pictures), and ``conv2_1_residual_std``, the standard deviation of F(x) over
    pictures, channels and positions. ``scores.csv``: the fields of a ``ScoreRow``.
    """

    def __init__(self, folder: Path, network: ResNet, step: int) -> None:
        """Go on with the tables of an earlier sitting, up to ``step``."""
        names = [block.name for block in network.config.blocks]
        gauges = [f"{name}_{kind}" for kind in ("gradient_norm", "residual_std") for name in names]
        self._steps = _Table(folder / STEPS_NAME, [*_names(StepRow), *gauges], step)
        self._scores = _Table(folder / SCORES_NAME, _names(ScoreRow), step)

    def add_step(self, row: StepRow, gauge: BlockGauge) -> None:
        """Add a row about the training pictures."""
        self._steps.add([*astuple(row), *gauge.gradient_norms, *gauge.residual_stds])

    def add_score(self, row: ScoreRow) -> None:
        """Add a row about the validation pictures."""
        self._scores.add(astuple(row))


class _Table:
    """A CSV file that grows by rows."""

    def __init__(self, path: Path, columns: Sequence[str], step: int) -> None:
        """Keep an earlier sitting's rows up to ``step``: later ones will come again."""
        self._path = path
        rows: list[list[str]] = []
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as stream:
                rows = [row for row in list(csv.reader(stream))[1:] if row and int(row[0]) <= step]
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([list(columns), *rows])

    def add(self, row: Sequence[float | int]) -> None:
        """Add a row; fractions keep six digits."""
        words = [f"{value:.6g}" if isinstance(value, float) else str(value) for value in row]
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerow(words)


def _names(row: type[StepRow | ScoreRow]) -> list[str]:
    return [field.name for field in fields(row)]
