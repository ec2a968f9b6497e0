"""``skiplens bench``: what explaining costs here, as a table and JSON."""

from __future__ import annotations

import argparse
import os
import platform
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from resnet_core.benchmark.engines import Agreement, Row, agreement, compare
from resnet_core.benchmark.folders import Throughput, throughput
from resnet_core.benchmark.subjects import picture_of, untrained_model
from resnet_core.commands.info import size_of
from resnet_core.commands.output import ExitCode, say, say_json
from resnet_core.engines.choice import WISHES, Candidate, choose, has_torch, make
from resnet_core.engines.engine import Engine
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.errors import UsageError
from resnet_core.networks.config import DEPTHS
from resnet_core.pictures.decoding import decode, find_pictures
from resnet_core.pictures.preprocessing import prepare_batch
from resnet_core.weights.catalogue import Catalogue

USUAL_SIZE = "224x224"


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("bench", help="what explaining every block costs here")
    parser.add_argument("--depths", type=int, nargs="+", choices=DEPTHS, default=[18, 50])
    parser.add_argument(
        "--size", metavar="HxW", help="224x224; of --live and --agree the weights' own"
    )
    parser.add_argument("--engines", nargs="+", choices=WISHES[1:], default=["openvino:cpu"])
    parser.add_argument("--bf16", action="store_true", help="OpenVINO's CPU in bfloat16 as well")
    parser.add_argument("--f16", action="store_true", help="torch's GPUs in float16 as well")
    parser.add_argument("--peers", action="store_true", help="torch, pytorch-grad-cam and Captum")
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--picture", type=Path, metavar="PICTURE")
    agree = "measure no time: hold the maps of these pictures against autograd's"
    parser.add_argument("--agree", type=Path, metavar="FOLDER", help=agree)
    parser.add_argument(
        "--pictures", type=int, default=1000, metavar="N", help="of --agree, --folder"
    )
    folder = "measure how many pictures of it are answered a second, and nothing else"
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help=folder)
    targets = "measure everything that is promised; takes minutes, and torch"
    parser.add_argument("--targets", action="store_true", help=targets)
    live = "measure the real window on a video file or a network camera's address"
    parser.add_argument("--live", metavar="FILE_OR_URL", help=live)
    parser.add_argument("--seconds", type=_seconds, default=20.0, metavar="S", help="of --live")
    switches = "change the network of the real window N times, and see what it holds"
    parser.add_argument("--switches", type=int, metavar="N", help=switches)
    start = "start the program N times beside importing torch: window, first answer, memory"
    parser.add_argument("--start", type=int, metavar="N", help=start)
    log = "write what was held to this file, of --live (a line a round) and --switches"
    parser.add_argument("--log", type=Path, metavar="FILE.csv", help=log)
    weights = "of --agree and --live; the default ones otherwise"
    parser.add_argument("--weights", metavar="NAME", help=weights)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def _seconds(words: str) -> float:
    seconds = float(words)
    if not seconds > 0:
        raise argparse.ArgumentTypeError("it has to be more than 0")
    return seconds


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measure untrained networks of the depths asked for: the weights cost the same time."""
    if arguments.targets:
        return _targets(arguments)
    engines = [choose(name).engine for name in arguments.engines]
    if arguments.bf16:
        engines.append(OpenVINOEngine(precision="bf16"))
    if arguments.f16:
        if not _torch_gpus(arguments.engines):
            raise UsageError("--f16 is for torch's GPUs; name one, as in --engines torch:cuda.")
        engines += [make(Candidate(name, "f16")) for name in _torch_gpus(arguments.engines)]
    rows: list[Row] = []
    agreements: list[Agreement] = []
    throughputs: list[Throughput] = []
    if arguments.folder is not None:
        throughputs = _throughputs(engines[0], arguments)
    elif arguments.agree is not None:
        agreements = _agree(engines, arguments)
    else:
        for depth in arguments.depths:
            of_depth, agreed = _compare(engines, depth, arguments)
            rows += of_depth
            agreements += agreed
    if arguments.json:
        say_json({
            "machine": _machine(),
            "rows": [asdict(row) for row in rows],
            "agreements": [asdict(one) for one in agreements],
            "throughputs": [asdict(one) for one in throughputs],
        })  # fmt: skip
    else:
        _print(rows, agreements, throughputs)
    return ExitCode.DONE


def _compare(
    engines: list[Engine], depth: int, arguments: argparse.Namespace
) -> tuple[list[Row], list[Agreement]]:
    size = size_of(arguments.size or USUAL_SIZE)
    model = untrained_model(depth, size)
    frame = picture_of(size, arguments.picture)
    rounds = max(1, arguments.rounds)
    try:
        if not (arguments.peers or has_torch()):
            return compare(engines, model, frame, rounds), []
        _need_torch()
        # Loading torch takes seconds: only who compares with it pays.
        from resnet_core.benchmark import peers

        network = peers.network_of(model)
        others: peers.Ways = {}
        if arguments.peers:
            inputs = prepare_batch([frame], model.card.preprocessing)
            others = peers.torch_ways(network, inputs) | peers.peer_ways(network, inputs)
            for name in _torch_gpus(arguments.engines):
                device = name.split(":")[1]
                there = peers.network_of(model).to(device)
                ways = peers.torch_ways(there, inputs, device)
                ways |= peers.peer_ways(there, inputs, device)
                others |= {f"{way}, {device}": explain for way, explain in ways.items()}
        rows = compare(engines, model, frame, rounds, others)
        reference = partial(peers.autograd_maps, network)
        return rows, [agreement(engine, model, [frame], reference) for engine in engines]
    finally:
        for engine in engines:
            engine.close()


def _torch_gpus(engines: list[str]) -> list[str]:
    return [name for name in engines if name.startswith("torch:") and name != "torch:cpu"]


def _agree(engines: list[Engine], arguments: argparse.Namespace) -> list[Agreement]:
    catalogue = Catalogue()
    name = arguments.weights
    card = catalogue.card(name) if name else catalogue.default()
    if arguments.size:
        card = replace(card, preprocessing=card.preprocessing.at(size_of(arguments.size)))
    model = catalogue.load(card)
    paths = find_pictures([arguments.agree])[: max(1, arguments.pictures)]
    _need_torch()
    from resnet_core.benchmark import peers

    reference = partial(peers.autograd_maps, peers.network_of(model))
    return [agreement(engine, model, map(decode, paths), reference) for engine in engines]


def _throughputs(engine: Engine, arguments: argparse.Namespace) -> list[Throughput]:
    paths = find_pictures([arguments.folder])[: max(1, arguments.pictures)]
    if not paths:
        raise UsageError(f"There is no picture in {arguments.folder}.")
    size = size_of(arguments.size or USUAL_SIZE)
    models = [untrained_model(depth, size) for depth in arguments.depths]
    return [throughput(engine, model, paths, max(1, arguments.rounds)) for model in models]


def _targets(arguments: argparse.Namespace) -> ExitCode:
    """Print each outcome when it is there."""
    _need_torch()
    from resnet_core.benchmark.targets import outcomes

    photos = find_pictures([arguments.folder]) if arguments.folder else []
    found = []
    for measurement in outcomes(max(2, arguments.rounds), photos):
        for outcome in measurement():
            found.append(outcome)
            if not arguments.json:
                say(outcome.line)
    if arguments.json:
        say_json({"machine": _machine(), "targets": [one.as_document() for one in found]})
    return ExitCode.DONE


def _need_torch() -> None:
    if not has_torch():
        raise UsageError("This needs torch; `pip install skiplens[torch]` brings it.")


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


def _print(rows: list[Row], agreements: list[Agreement], throughputs: list[Throughput]) -> None:
    machine = _machine()
    say(f"{machine['processor']}, {machine['cores']} cores, {machine['system']}")
    if rows:
        say(f"{'network':14}{'size':>10}  {'way':34}{'median':>10}{'ratio':>8}")
    for row in rows:
        size = f"{row.size[0]}x{row.size[1]}"
        milliseconds = 1000 * row.timing.median
        say(f"{row.network:14}{size:>10}  {row.way:34}{milliseconds:7.1f} ms{row.ratio:8.2f}")
    for one in agreements:
        block, cosine = one.lowest
        who = f"{one.network}, {one.engine} {one.precision}"
        say(f"{who} against float32 autograd: same answer for {100 * one.same_answers:.1f} % of "
            f"{one.pictures}, lowest mean cosine {cosine:.6f} ({block}), lowest of all "
            f"{one.worst:.6f}")  # fmt: skip
    for photos in throughputs:
        size = f"{photos.size[0]}x{photos.size[1]}"
        say(f"{photos.network:14}{size:>10}  {photos.folder:.1f} photos a second from files to "
            f"answers, OpenVINO's forward pass alone {photos.bare:.1f} in batches of "
            f"{photos.batch}: {photos.ratio:.2f}")  # fmt: skip
