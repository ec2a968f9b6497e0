"""``skiplens evaluate``: how often a network is right."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from resnet_core.commands.output import ExitCode, Progress, complain, say, say_json
from resnet_core.commands.selection import add_model_options, chosen_card
from resnet_core.engines.choice import choose
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import DataError, UsageError
from resnet_core.evaluation.evaluate import Progress as Done
from resnet_core.evaluation.evaluate import Shard, evaluate
from resnet_core.evaluation.evaluation import Evaluation, joined
from resnet_core.files import output_file
from resnet_core.weights.catalogue import Catalogue


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="top-1 and top-5 error on labelled pictures",
        description="Measures on the validation pictures of a folder, tar or zip of classes.",
    )
    parser.add_argument("data", nargs="?", type=Path, metavar="FOLDER")
    add_model_options(parser)
    parser.add_argument("--per-class", type=Path, metavar="FILE.csv", help="a row for each class")
    parser.add_argument("--confusions", type=int, default=10, metavar="N", help="pairs to print")
    parser.add_argument("--shard", metavar="I/N", help="only the I-th of N parts, from 1")
    parser.add_argument(
        "--join", nargs="+", type=Path, metavar="FILE.json", help="add up what shards printed"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure, or join, and print."""
    if (arguments.data is None) == (arguments.join is None):
        raise UsageError("Give either a folder of labelled pictures or --join with files.")
    found = _joined(arguments.join) if arguments.join else _measured(arguments)
    for sentence in found.unreadable:
        complain(sentence)
    if found.unmatched:
        shown = ", ".join(found.unmatched[:3])
        complain(f"{len(found.unmatched)} folders are no class of {found.weights}: {shown} ...")
    if arguments.per_class:
        with output_file(arguments.per_class) as stream:
            stream.write(found.as_csv().encode())
    if arguments.json:
        say_json(found.as_document())
    else:
        _print(found, arguments.confusions)
    return ExitCode.SOME_FAILED if found.unreadable else ExitCode.DONE


def _measured(arguments: argparse.Namespace) -> Evaluation:
    catalogue = Catalogue()
    card = chosen_card(arguments, catalogue)
    shard = Shard.parse(arguments.shard)
    engine = choose(arguments.engine).engine
    model = load_ready(catalogue, card)
    line: Progress | None = None

    def report(progress: Done) -> None:
        nonlocal line
        line = line or Progress(progress.total, "pictures")
        line.at(progress.done)

    return evaluate(engine, model, arguments.data, shard=shard, report=report)


def _joined(paths: list[Path]) -> Evaluation:
    parts = []
    for path in paths:
        try:
            parts.append(Evaluation.of_document(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, DataError) as error:
            raise UsageError(f"{path.name} cannot be joined: {error}") from error
    return joined(parts)


def _print(found: Evaluation, confusions: int) -> None:
    if not found.count:
        say(f"{found.weights}: no picture could be measured.")
        return
    say(f"{found.weights} on {found.count} pictures:")
    for title, error in (("top-1", found.top1_error), ("top-5", found.top5_error)):
        say(f"  {title} error {error:6.2f} %   right {100 - error:6.2f} %")
    pairs = found.confusions(confusions)
    if pairs:
        say("most often taken for another:")
    for pair in pairs:
        say(f"  {pair.count:5} x  {pair.label} for {pair.answer}")
