"""``skiplens info``: engines with reasons, versions, paths; and a network's census."""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import asdict
from importlib import metadata
from typing import Any

import resnet_core
from resnet_core.bundled import bundled
from resnet_core.commands.output import ExitCode, say, say_json
from resnet_core.errors import UsageError
from resnet_core.networks.census import Census, Count, census
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut, StridePlacement

PACKAGES = ("openvino", "torch", "torchvision", "numpy", "opencv-python-headless", "pillow",
            "PySide6-Essentials", "pyqtgraph", "safetensors")  # fmt: skip


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("info", help="engines, versions, paths; a network's census")
    parser.add_argument("--census", action="store_true", help="count a network")
    parser.add_argument("--depth", type=int, choices=DEPTHS, default=18)
    parser.add_argument("--shortcut", choices=[s.value for s in Shortcut], default="B")
    parser.add_argument("--stride", choices=[s.value for s in StridePlacement], default="v1.5")
    parser.add_argument("--classes", type=int, default=1000, metavar="K")
    parser.add_argument("--size", default="224x224", metavar="HxW")
    measure = "hold the automatic choice's trial with these weights now, and tell what it found"
    parser.add_argument("--measure", action="store_true", help=measure)
    parser.add_argument(
        "--weights", metavar="NAME", help="of the trial; the default ones otherwise"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print what was asked for."""
    if arguments.census:
        config = NetworkConfig(
            arguments.depth,
            Shortcut(arguments.shortcut),
            StridePlacement(arguments.stride),
            arguments.classes,
        )
        counted = census(config, *size_of(arguments.size))
        if arguments.json:
            say_json(counted.as_document())
        else:
            _print_census(counted)
        return ExitCode.DONE
    document = _about() | {"automatic": _automatic(arguments)}
    if arguments.json:
        say_json(document)
    else:
        _print_about(document)
    return ExitCode.DONE


def size_of(text: str) -> tuple[int, int]:
    """Height and width of ``224x224``. Raises UsageError."""
    height, _, width = text.lower().partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise UsageError(f"--size {text} is not of the form 224x224, height first.")
    return int(height), int(width)


def _about() -> dict[str, Any]:
    from resnet_core.engines.choice import survey

    return {
        "skiplens": resnet_core.__version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "engines": [asdict(found) for found in survey()],
        "paths": {"weights": str(bundled("weights")), "samples": str(bundled("samples"))},
    }


def _automatic(arguments: argparse.Namespace) -> dict[str, Any]:
    """What ``auto`` may take, what a trial found with the weights, and what is missing."""
    from resnet_core.engines import choice
    from resnet_core.engines.preparation import load_ready
    from resnet_core.weights.catalogue import Catalogue

    catalogue = Catalogue()
    card = catalogue.card(arguments.weights) if arguments.weights else catalogue.default()
    model = load_ready(catalogue, card)
    verdict = choice.decide(model) if arguments.measure else choice.remembered(model)
    return {
        "candidates": [candidate.title for candidate in choice.candidates()],
        "weights": card.name,
        "measured": [asdict(one) for one in verdict.standings] if verdict else None,
        "hint": choice.unused_gpu(),
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _print_about(document: dict[str, Any]) -> None:
    say(f"SkipLens {document['skiplens']}, Python {document['python']}, {document['system']}")
    for engine in document["engines"]:
        mark = "yes" if engine["available"] else "no "
        say(f"  {mark}  {engine['name']:13} {engine['reason']}")
    _print_automatic(document["automatic"])
    for name, version in document["packages"].items():
        say(f"  {name} {version or 'not installed'}")
    for what, path in document["paths"].items():
        say(f"  {what}: {path}")


def _print_automatic(automatic: dict[str, Any]) -> None:
    if automatic["measured"] is None:
        candidates = automatic["candidates"]
        if len(candidates) == 1:
            say(f"  auto takes {candidates[0]}, the only one to choose from here: nothing is "
                "measured. torch is for GPUs; on a processor it has to be asked for.")  # fmt: skip
        else:
            say(f"  auto begins with {candidates[0]}; {', '.join(candidates[1:])} not measured "
                f"with {automatic['weights']} yet: --measure does it")  # fmt: skip
    else:
        say(f"  auto, measured with {automatic['weights']}:")
        for one in automatic["measured"]:
            say(f"       {one['name']} {one['precision']}: {one['reason']}")
    if automatic["hint"]:
        say(f"  {automatic['hint']}")


def _print_census(counted: Census) -> None:
    height, width = counted.size
    say(f"{counted.config.title}, stride {counted.config.stride}, {height} x {width}")
    say(f"{'':22}{'output':>18}{'parameters':>14}{'multiply-adds':>18}")
    for stage in counted.stages:
        _print_count(stage)
        for block in counted.blocks:
            if block.name.startswith(f"{stage.name.removesuffix('_x')}_"):
                _print_count(block, indent=2)
    _print_count(counted.total)


def _print_count(count: Count, indent: int = 0) -> None:
    name = " " * indent + count.name
    output = " x ".join(map(str, count.output))
    say(f"{name:22}{output:>18}{count.parameters:14,}{count.multiply_adds:18,}")
