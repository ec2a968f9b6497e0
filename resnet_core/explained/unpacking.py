"""From the packed tensors of the explained graph to one value per picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resnet_core.arrays import Array, Floats
from resnet_core.errors import UsageError
from resnet_core.explained.graph import Maps, Outputs
from resnet_core.explained.values import (
    BlockExplained,
    BlockTensors,
    Explained,
    Identity,
    ResidualNumbers,
)
from resnet_core.networks.config import (
    STEM_CHANNELS,
    STEM_NAME,
    NetworkConfig,
    ShortcutKind,
)


@dataclass(frozen=True, slots=True)
class Run:
    """Who computed, how exactly, and how long it took per picture."""

    engine: str
    precision: str
    seconds: float


def unpack(
    outputs: Outputs[Array], config: NetworkConfig, identities: Sequence[Identity], run: Run
) -> list[Explained]:
    """One Explained for each picture of a batch.

    Nothing is copied: ``outputs`` have to be the caller's own, float32, and are read-only then.
    """
    for values in outputs.in_order():
        values.flags.writeable = False
    return [
        _picture(outputs, config, number, identities[number], run)
        for number in range(len(identities))
    ]


def full_names(config: NetworkConfig, block: str) -> tuple[str, ...]:
    """The whole tensors that the graph gives of a block, in order. Raises UsageError."""
    if block == STEM_NAME:
        return (f"{block}.activation", f"{block}.gradient")
    kinds = {known.name: known.shortcut for known in config.blocks}
    if block not in kinds:
        raise UsageError(f"There is no block {block} in {config.title}.")
    parts = ["activation", "gradient", "through_residual"]
    if kinds[block] is not ShortcutKind.NONE:
        parts.append("through_shortcut")
    return tuple(f"{block}.{part}" for part in parts)


def block_tensors(block: str, tensors: Mapping[str, Array]) -> BlockTensors:
    """The tensors of ``full_names`` (each of one picture) as a value."""
    by_part = {name.split(".")[1]: _own(tensor[0]) for name, tensor in tensors.items()}
    return BlockTensors(
        block,
        by_part["activation"],
        by_part["gradient"],
        by_part.get("through_shortcut"),
        by_part.get("through_residual"),
    )


def _picture(
    outputs: Outputs[Array], config: NetworkConfig, row: int, identity: Identity, run: Run
) -> Explained:
    logits = outputs.logits[row]
    target = identity.target.class_index
    # The backward pass ends at conv1; a person reads from there.
    maps = [_maps(each, row) for each in reversed(outputs.maps)]
    gradients = [norms[row].tolist() for norms in reversed(outputs.gradient_norms)]
    forward = outputs.forward_norms[row].reshape(len(config.blocks), -1).tolist()
    means = outputs.residual_means[row].tolist()
    strengths = dict(identity.strengths)
    blocks = [BlockExplained(STEM_NAME, STEM_CHANNELS, *maps[0], gradients[0][0], None)]
    for index, block in enumerate(config.blocks):
        own_maps, own_gradients = maps[index + 1], gradients[index + 1]
        numbers = _numbers(
            forward[index],
            means[index],
            own_gradients,
            # The gradient at this block's input is the one at the output before it.
            entering=gradients[index][0],
            strength=strengths.get(index, 1.0),
            count=block.out_channels * own_maps[0].size,
        )
        blocks.append(
            BlockExplained(block.name, block.out_channels, *own_maps, own_gradients[0], numbers)
        )
    return Explained(
        identity=identity,
        logits=logits,
        probabilities=outputs.probabilities[row],
        target_class=int(np.argmax(logits)) if target is None else target,
        blocks=tuple(blocks),
        early_logits=outputs.early_logits[row],
        engine=run.engine,
        precision=run.precision,
        seconds=run.seconds,
    )


def _maps(maps: Maps[Array], row: int) -> tuple[Array, Array, Array, Array]:
    """Activation map, gradient map, Grad-CAM and LayerCAM of one picture, (h, w) each."""
    activation, grad_cam = maps.activation_and_grad_cam[row]
    return activation, maps.gradient[row, 0], grad_cam, maps.layer_cam[row, 0]


def _numbers(
    forward: list[float],
    mean: float,
    gradients: list[float],
    entering: float,
    strength: float,
    count: int,
) -> ResidualNumbers:
    """Norms as the graph gives them; a plain block has none of its shortcut.

    mean, count: of the numbers in F(x). entering: the norm of the gradient at the block's input.
    """
    residual_norm, *shortcut_norm = forward
    _, through_residual, *through_shortcut = gradients
    variance = residual_norm**2 / count - mean**2
    return ResidualNumbers(
        shortcut_gradient_norm=sum(through_shortcut),
        residual_gradient_norm=through_residual,
        input_gradient_norm=entering,
        residual_norm=abs(strength) * residual_norm,
        shortcut_norm=sum(shortcut_norm),
        residual_std=max(variance, 0.0) ** 0.5,
    )


def _own(values: Array) -> Floats:
    copy = np.array(values, np.float32)
    copy.flags.writeable = False
    return copy
