"""From a finished run to weights that anything can open: float16 safetensors with a card."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from resnet_core.errors import TrainingError
from resnet_core.files import whole_file
from resnet_core.networks.modules import ResNet
from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.training.recipe import Recipe
from resnet_core.weights.card import Card, Provenance, Scores, Training
from resnet_core.weights.documents import document_of


@dataclass(frozen=True, slots=True)
class Origin:
    """What a card tells of the run that the weights come from.

    data: the pictures, in words; pictures_seen and hours: over all sittings; hardware: with its
    precision; commit: of the program, where it is known.
    """

    data: str
    pictures_seen: int
    hours: float
    hardware: str
    commit: str | None


def export(
    network: ResNet,
    recipe: Recipe,
    names: tuple[str, ...],
    origin: Origin,
    scores: Scores,
    folder: Path,
) -> Card:
    """Write NAME.safetensors and NAME.json and give the card.

    The tensors are float16 with torchvision's names, without ``num_batches_tracked``, which
    nothing reads. ``names`` are the classes in the order of the outputs.
    Raises TrainingError if a number does not fit float16 or the disk does not take the files.
    """
    contents = save(exported_tensors(network))
    card = Card(
        name=recipe.name,
        title=recipe.title,
        provenance=Provenance.TRAINED_HERE,
        network=recipe.network,
        classes=names,
        preprocessing=_preprocessing(recipe),
        licence=recipe.card.licence,
        limits=recipe.card.limits,
        file=f"{recipe.name}.safetensors",
        sha256=hashlib.sha256(contents).hexdigest(),
        bytes=len(contents),
        training=Training(
            data=origin.data,
            recipe=recipe_words(recipe),
            commit=origin.commit,
            hours=round(origin.hours, 2),
            hardware=origin.hardware,
            pictures_seen=origin.pictures_seen,
        ),
        scores=replace(scores, top1=round(scores.top1, 2), top5=round(scores.top5, 2)),
    )
    document = json.dumps(document_of(card), indent=1, ensure_ascii=False) + "\n"
    try:
        _write(folder / f"{recipe.name}.safetensors", contents)
        _write(folder / f"{recipe.name}.json", document.encode())
    except OSError as error:
        raise TrainingError(f"The weights cannot be written to {folder}: {error}.") from error
    return card


def exported_tensors(network: ResNet) -> dict[str, Tensor]:
    """The state as float16 tensors on the processor, ready to be written."""
    tensors = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise TrainingError(f"The weights of {name} do not fit float16; train with less rate.")
    return tensors


def recipe_words(recipe: Recipe) -> str:
    """The recipe in a sentence, for the card."""
    optimiser, averaging = recipe.optimiser, recipe.averaging
    sizes = ", ".join(f"{phase.size} ({100 * phase.share:.0f} %)" for phase in recipe.phases)
    start = f"on from {Path(recipe.start).stem}" if recipe.start else "from scratch"
    return (
        f"{start}: input sizes {sizes}; SGD with Nesterov momentum {optimiser.momentum:g}, batch "
        f"{optimiser.batch}, learning rate {optimiser.learning_rate:g} falling along a cosine, "
        f"weight decay {optimiser.weight_decay:g}, label smoothing {optimiser.label_smoothing:g}; "
        f"weights averaged with decay {averaging.decay:g}; seed {recipe.seed}"
    )


def source_commit() -> str | None:
    """The commit of the program's own checkout, or None where it is none."""
    here = Path(__file__).resolve().parent
    command = ["git", "-C", str(here), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()


def _preprocessing(recipe: Recipe) -> Preprocessing:
    size, pixels = recipe.evaluation_size, recipe.data_pixels
    return Preprocessing(
        crop=(size, size), resize=size, training_pixels=pixels if pixels < size else None
    )


def _write(path: Path, contents: bytes) -> None:
    with whole_file(path) as stream:
        stream.write(contents)
