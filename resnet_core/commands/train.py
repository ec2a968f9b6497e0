"""``skiplens train RECIPE``: training, in as many sittings as needed."""

from __future__ import annotations

import argparse
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from resnet_core.commands.output import ExitCode, StatusLine, complain, say, say_json
from resnet_core.errors import EngineError, TrainingError
from resnet_core.folders import cache_folder, data_folder
from resnet_core.networks.config import DEPTHS, Shortcut

if TYPE_CHECKING:
    from resnet_core.training.recipe import Recipe
    from resnet_core.training.run import Report
    from resnet_core.weights.card import Card

_RECIPES = Path(__file__).resolve().parent.parent / "training" / "recipes"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``train`` to the command line."""
    known = ", ".join(sorted(path.stem for path in _RECIPES.glob("*.toml")))
    parser = subparsers.add_parser(
        "train",
        help="train a network from a recipe",
        description="Train a network from a recipe; Ctrl-C writes a checkpoint and stops.",
    )
    parser.add_argument("recipe", metavar="RECIPE", help=f"a TOML file, or one of {known}")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="PATH",
        help="a folder, tar or zip: train/CLASS and val/CLASS, CLASS alone, or Tiny ImageNet",
    )
    network = parser.add_argument_group(
        "another network by the same recipe", "the weights are then named after what differs"
    )
    network.add_argument("--depth", type=int, choices=DEPTHS)
    network.add_argument("--shortcut", type=Shortcut, choices=list(Shortcut))
    network.add_argument("--seed", type=int)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--folder", type=Path, help="where checkpoints, logs and weights go (default: user data)"
    )
    parser.add_argument(
        "--cache", type=Path, help="where decoded pictures are kept (default: user cache)"
    )
    parser.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="processes that share a processor (default: what is faster when tried)",
    )
    parser.add_argument(
        "--score-every",
        type=float,
        default=math.inf,
        metavar="MINUTES",
        help="measure on the validation pictures on the way",
    )
    parser.add_argument(
        "--checkpoint-every", type=float, default=3.0, metavar="MINUTES", help="default: 3"
    )
    parser.add_argument("--json", action="store_true", help="print the card of the weights as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train; 0 when the weights are written, 1 when stopped before.

    Raises TrainingError, or EngineError where torch is not installed.
    """
    try:
        import torch  # noqa: F401  # only training needs it, and it takes seconds
    except ImportError as error:
        raise EngineError(
            "Training needs torch, which is not installed; run `pip install skiplens[torch]`."
        ) from error
    from resnet_core.training.members import Job
    from resnet_core.training.run import Habits
    from resnet_core.training.sitting import sit

    recipe = _variant(_recipe(arguments.recipe), arguments)
    folder = arguments.folder or data_folder() / "runs" / recipe.name
    cache = arguments.cache or cache_folder() / "pictures"
    with _stop_signals() as stops, _progress_line() as report:
        habits = Habits(
            checkpoint_seconds=60 * arguments.checkpoint_every,
            score_seconds=60 * arguments.score_every,
            wants_to_stop=lambda: bool(stops),
        )
        job = Job(recipe, arguments.data, folder, cache)
        outcome = sit(job, habits, arguments.resume, arguments.processes, report)
    if not outcome.finished:
        complain(f"Stopped; go on with --resume. The checkpoint is in {folder}.")
        return ExitCode.SOME_FAILED
    if outcome.card is not None:
        _tell(outcome.card, folder, arguments.json)
    return ExitCode.DONE


def _tell(card: Card, folder: Path, as_json: bool) -> None:
    from resnet_core.weights.documents import document_of

    if as_json:
        say_json(document_of(card))
    elif card.scores is not None:
        scores = card.scores
        say(f"Top-1 {scores.top1:.2f} %, top-5 {scores.top5:.2f} % of {scores.data}.")
        say(f"The weights are {folder / str(card.file)}.")


def _recipe(name: str) -> Recipe:
    from resnet_core.training.recipe import read_recipe

    path = Path(name)
    if not path.is_file() and path.name == name and not path.suffix:
        path = _RECIPES / f"{name}.toml"
        if not path.is_file():
            known = ", ".join(sorted(path.stem for path in _RECIPES.glob("*.toml")))
            raise TrainingError(f"There is no recipe {name}; name a TOML file or one of {known}.")
    return read_recipe(path)


def _variant(recipe: Recipe, arguments: argparse.Namespace) -> Recipe:
    wanted = {"depth": arguments.depth, "shortcut": arguments.shortcut}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes and arguments.seed is None:
        return recipe
    network = replace(recipe.network, **changes)
    return recipe.variant(network, recipe.seed if arguments.seed is None else arguments.seed)


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Within it, Ctrl-C and a polite kill are only noted: a step is never torn apart."""
    noted: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        noted.append(number)

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, note) for number in signals]
    try:
        yield noted
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _progress_line() -> Iterator[Callable[[Report], None]]:
    line = StatusLine()
    try:
        yield lambda report: line.show(_words(report))
    finally:
        line.end()


def _words(report: Report) -> str:
    """Where the run stands, on one line."""
    minutes = report.seconds_left / 60
    left = f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"
    return (
        f"{100 * report.done:5.1f} %  step {report.place.step}  {report.phase.size} px  "
        f"loss {report.loss:.3f}  {report.pictures_per_second:.0f} pictures/s  {left} left"
    )
