"""``skiplens explain``: every block's maps and numbers for one picture."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from resnet_core.commands.output import ExitCode, say, say_json
from resnet_core.commands.selection import add_model_options, chosen_card, chosen_target
from resnet_core.commands.sheet import MapStore, save_picture
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Request
from resnet_core.engines.preparation import load_ready
from resnet_core.errors import UsageError
from resnet_core.explained.values import BlockExplained, Explained, MapKind, Score, Target
from resnet_core.networks.config import Block
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.frame import Frame, Pixels
from resnet_core.pictures.painting import overlay, paint
from resnet_core.pictures.preprocessing import region
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model

LONGEST_SIDE = 1024
"""Pixels of the overlays' longer side."""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("explain", help="every block's maps and numbers")
    parser.add_argument("picture", type=Path, metavar="PICTURE")
    add_model_options(parser)
    parser.add_argument("--target", metavar="CLASS", help="what the gradients aim at")
    parser.add_argument("--loss", action="store_true", help="gradients of the loss, not the score")
    parser.add_argument("--block", metavar="conv4_3", help="print and write this block only")
    parser.add_argument("--lesion", metavar="conv4_3,...", help="switch residual branches off")
    parser.add_argument("--strength", type=float, default=0.0, metavar="T",
                        help="the factor on the lesioned branches, 0 if not given")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write PNG, NPZ and JSON there")
    parser.add_argument("--colormap", choices=[c.value for c in Colormap], default="viridis")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Explain, print the numbers, and write the maps where asked."""
    catalogue = Catalogue()
    card = chosen_card(arguments, catalogue)
    target = chosen_target(arguments.target, card)
    if arguments.loss:
        target = Target(target.class_index, Score.LOSS)
    names = [block.name for block in card.network.blocks]
    if arguments.block is not None and arguments.block not in card.network.output_names:
        raise UsageError(
            f"There is no block {arguments.block} in {card.network.title}; its blocks are "
            f"conv1 and {names[0]} to {names[-1]}."
        )
    lesions = [name.strip() for name in (arguments.lesion or "").split(",") if name.strip()]
    frame = decode(arguments.picture)
    engine = choose(arguments.engine).engine
    model = load_ready(catalogue, card)
    strengths = dict.fromkeys(lesions, arguments.strength)
    explained = engine.explain(Request(frame, model, target, strengths))
    document = as_document(explained, card, arguments.block)
    if arguments.out is not None:
        _write(arguments.out, frame, explained, model, document, arguments)
    if arguments.json:
        say_json(document)
    else:
        _print(document)
    return ExitCode.DONE


def as_document(explained: Explained, card: Card, only: str | None = None) -> dict[str, Any]:
    """All numbers of one explained picture, as ``--json`` prints them."""
    by_name = {block.name: block for block in card.network.blocks}
    return {
        "target": {
            "class": explained.target_class,
            "name": card.classes[explained.target_class],
            "score": explained.identity.target.score.value,
        },
        "top": [
            {
                "class": index,
                "name": card.classes[index],
                "probability": round(float(explained.probabilities[index]), 6),
            }
            for index in explained.top()
        ],
        "weights": card.name,
        "engine": explained.engine,
        "precision": explained.precision,
        "seconds": explained.seconds,
        "blocks": [
            _block_document(block, by_name.get(block.name))
            for block in explained.blocks
            if only is None or block.name == only
        ],
    }


def _block_document(explained: BlockExplained, block: Block | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": explained.name,
        "shortcut_kind": block.shortcut.value if block else None,
        "shape": [explained.channels, *explained.size],
        "gradient_norm": explained.gradient_norm,
    }
    numbers = explained.numbers
    if numbers is None:
        return document
    return document | {
        "gradient_share_shortcut": numbers.gradient_share_shortcut,
        "gradient_share_residual": numbers.gradient_share_residual,
        "gradient_cosine": numbers.gradient_cosine,
        "residual_ratio": numbers.residual_ratio,
        "residual_std": numbers.residual_std,
    }


def _print(document: dict[str, Any]) -> None:
    for answer in document["top"]:
        say(f"{100 * answer['probability']:5.1f} %  {answer['name']}")
    say(f"\ngradients of the {document['target']['score']} of {document['target']['name']}")
    say(f"{'block':10}{'shape':>16}  {'gradient':>10}  {'shortcut':>8}  {'F(x)':>5}  |F|/|S|")
    for block in document["blocks"]:
        shape = " x ".join(map(str, block["shape"]))
        line = f"{block['name']:10}{shape:>16}  {block['gradient_norm']:10.4g}"
        if "residual_std" in block:
            shortcut = 100 * block["gradient_share_shortcut"]
            residual = 100 * block["gradient_share_residual"]
            ratio = block["residual_ratio"]
            line += f"  {shortcut:6.0f} %  {residual:3.0f} %"
            line += "" if ratio is None else f"  {ratio:7.2f}"
        say(line)


def _write(
    folder: Path,
    frame: Frame,
    explained: Explained,
    model: Model,
    document: dict[str, Any],
    arguments: argparse.Namespace,
) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "explained.json").write_text(json.dumps(document, indent=1), "utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}).") from error
    store = MapStore(folder / "maps.npz")
    store.add(frame, explained)
    store.save()
    colormap = Colormap(arguments.colormap)
    pixels = _reduced(frame)
    part = region(model.card.preprocessing, *pixels.shape[:2])
    for kind in MapKind:
        painted = paint(explained, kind, colormap)
        for name, one in painted.maps.items():
            if arguments.block in {None, name}:
                mapped = overlay(pixels, part, one, colormap, 0.6)
                save_picture(mapped, folder / f"{name}.{kind.value}.png")


def _reduced(frame: Frame) -> Pixels:
    """The picture at a size at which hundreds of overlays are still drawn in seconds."""
    picture = Image.fromarray(frame.pixels)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(picture)
