"""``skiplens bench``: what explaining costs here, as a table and JSON."""

from __future__ import annotations

import argparse
import os
import platform
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from resnet_core.benchmark.engines import Agreement, Row, compare
from resnet_core.commands.info import size_of
from resnet_core.commands.output import ExitCode, say, say_json
from resnet_core.engines.choice import WISHES, choose
from resnet_core.engines.preparation import load_ready
from resnet_core.networks.config import DEPTHS, NetworkConfig
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.samples import samples
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("bench", help="what explaining every block costs here")
    parser.add_argument("--depths", type=int, nargs="+", choices=DEPTHS, default=[18, 50])
    parser.add_argument("--size", default="224x224", metavar="HxW")
    parser.add_argument("--engines", nargs="+", choices=WISHES[1:], default=["openvino:cpu"])
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--picture", type=Path, metavar="PICTURE")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure untrained networks of the depths asked for: the weights cost the same time."""
    size = size_of(arguments.size)
    # Already of the network's size, so that no way pays for resizing it.
    picture = Image.fromarray(decode(arguments.picture or samples()[0].path).pixels)
    frame = Frame(np.asarray(picture.resize((size[1], size[0]))), "picture")
    engines = [choose(name).engine for name in arguments.engines]
    rows: list[Row] = []
    agreements: list[Agreement] = []
    for depth in arguments.depths:
        of_depth, agreed = compare(engines, _model(depth, size), frame, max(1, arguments.rounds))
        rows += of_depth
        agreements += agreed
        for engine in engines:
            engine.close()
    if arguments.json:
        say_json({
            "machine": _machine(),
            "rows": [asdict(row) for row in rows],
            "agreements": [asdict(one) for one in agreements],
        })  # fmt: skip
    else:
        _print(rows, agreements)
    return ExitCode.DONE


def _model(depth: int, size: tuple[int, int]) -> Model:
    catalogue = Catalogue()
    card = catalogue.untrained(NetworkConfig(depth))
    sized = replace(card.preprocessing, crop=size, resize=min(size))
    return load_ready(catalogue, replace(card, preprocessing=sized))


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _print(rows: list[Row], agreements: list[Agreement]) -> None:
    machine = _machine()
    say(f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; batch 1, float32")
    say(f"{'network':14}{'size':>10}  {'way':26}{'median':>10}{'ratio':>8}")
    for row in rows:
        size = f"{row.size[0]}x{row.size[1]}"
        milliseconds = 1000 * row.timing.median
        say(f"{row.network:14}{size:>10}  {row.way:26}{milliseconds:7.1f} ms{row.ratio:8.2f}")
    for one in agreements:
        same = "same answer" if one.same_answer else "ANOTHER ANSWER"
        say(f"{one.network}: {one.engines[0]} and {one.engines[1]}, worst cosine "
            f"{one.worst_cosine:.6f}, {same}")  # fmt: skip
