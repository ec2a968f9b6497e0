"""From the packed tensors of the explained graph to one value per picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from resnet_core.errors import UsageError
from resnet_core.explained.graph import MAPS_PER_OUTPUT, NUMBERS_PER_BLOCK, Outputs
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
    Block,
    NetworkConfig,
    ShortcutKind,
)

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Run:
    """Who computed, how exactly, and how long it took per picture."""

    engine: str
    precision: str
    seconds: float


def unpack(
    outputs: Outputs[Array], config: NetworkConfig, identities: Sequence[Identity], run: Run
) -> list[Explained]:
    """One Explained for each picture of a batch. Copies: engines reuse their buffers."""
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
    logits = _own(outputs.logits[row])
    target = identity.target.class_index
    maps: list[Array] = []
    for joined in outputs.maps:
        own = _own(joined[row])  # one copy a stage; each block looks at its part of it
        starts = range(0, len(own), MAPS_PER_OUTPUT)
        maps.extend(own[start : start + MAPS_PER_OUTPUT] for start in starts)
    norms = outputs.gradient_norms[row]
    numbers = outputs.numbers[row].reshape(-1, NUMBERS_PER_BLOCK)
    blocks = [_explained(STEM_NAME, STEM_CHANNELS, maps[0], float(norms[0]), None)]
    for index, block in enumerate(config.blocks):
        # The gradient at this block's input is the one at the output before it.
        entering = float(norms[index])
        own_maps = maps[index + 1]
        block_numbers = _numbers(
            block, numbers[index], own_maps, entering, _strength(identity, index)
        )
        blocks.append(
            _explained(
                block.name, block.out_channels, own_maps, float(norms[index + 1]), block_numbers
            )
        )
    return Explained(
        identity=identity,
        logits=logits,
        probabilities=_own(outputs.probabilities[row]),
        target_class=int(np.argmax(logits)) if target is None else target,
        blocks=tuple(blocks),
        early_logits=_own(outputs.early_logits[row]),
        engine=run.engine,
        precision=run.precision,
        seconds=run.seconds,
    )


def _strength(identity: Identity, index: int) -> float:
    return dict(identity.strengths).get(index, 1.0)


def _numbers(
    block: Block, packed: Array, maps: Array, entering: float, strength: float
) -> ResidualNumbers:
    through_shortcut, through_residual, residual_norm, shortcut_norm, mean = map(float, packed)
    count = block.out_channels * maps.shape[1] * maps.shape[2]
    variance = residual_norm**2 / count - mean**2
    return ResidualNumbers(
        shortcut_gradient_norm=through_shortcut,
        residual_gradient_norm=through_residual,
        input_gradient_norm=entering,
        residual_norm=abs(strength) * residual_norm,
        shortcut_norm=shortcut_norm,
        residual_std=max(variance, 0.0) ** 0.5,
    )


def _explained(
    name: str, channels: int, maps: Array, gradient_norm: float, numbers: ResidualNumbers | None
) -> BlockExplained:
    activation, gradient, grad_cam, layer_cam = maps
    return BlockExplained(
        name, channels, activation, gradient, grad_cam, layer_cam, gradient_norm, numbers
    )


def _own(values: Array) -> npt.NDArray[np.float32]:
    copy = np.array(values, np.float32)
    copy.flags.writeable = False
    return copy
