"""Counts of a network's parameters and multiply-adds, from its configuration alone.

Convention: parameters include the two per channel of each batch norm and the classifier's bias;
multiply-adds count the convolutions and the classifier, nothing else. The paper calls a
multiply-add a FLOP. Nothing is built and no framework is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from resnet_core.networks.config import (
    CONV1,
    STEM_CHANNELS,
    STEM_NAME,
    Block,
    Convolution,
    NetworkConfig,
    check_input_size,
)

Size = tuple[int, int]


class LayerKind(StrEnum):
    """What a layer does."""

    CONVOLUTION = "convolution"
    BATCH_NORM = "batch norm"
    MAX_POOLING = "max pooling"
    AVERAGE_POOLING = "average pooling"
    CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True)
class Count:
    """What a layer, block, stage or network costs for one picture.

    output: (channels, height, width) of what leaves it.
    """

    name: str
    output: tuple[int, int, int]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True)
class LayerCount(Count):
    """One layer, named by its place: ``conv4_3.conv2``, ``conv3_1.projection``."""

    kind: LayerKind


@dataclass(frozen=True, slots=True)
class Census:
    """The counts of a network at one picture size, from layers up to the total."""

    config: NetworkConfig
    size: Size
    layers: tuple[LayerCount, ...]
    blocks: tuple[Count, ...]
    stages: tuple[Count, ...]
    total: Count

    def as_document(self) -> dict[str, Any]:
        """The census as ``skiplens info --census --json`` prints it."""
        return {
            "config": {**asdict(self.config), "size": list(self.size)},
            "layers": [asdict(layer) for layer in self.layers],
            "blocks": [asdict(block) for block in self.blocks],
            "stages": [asdict(stage) for stage in self.stages],
            "total": asdict(self.total),
        }


def census(config: NetworkConfig, height: int = 224, width: int = 224) -> Census:
    """Count every layer, block and stage of a network for one (3, height, width) picture.

    Raises ShapeMismatch unless height and width are multiples of 32.
    """
    check_input_size(height, width)
    size = (height, width)
    stem, size = _stem(size)
    layers = list(stem)
    blocks: list[Count] = []
    stages = [_sum(STEM_NAME, stem)]
    for stage in range(2, 6):
        of_stage: list[Count] = []
        for block in (block for block in config.blocks if block.stage == stage):
            of_block = tuple(_block_layers(block, size))
            size = (size[0] // block.stride, size[1] // block.stride)
            layers.extend(of_block)
            # Not the last layer's size: a block ends with the sum, after its projection's layers.
            of_stage.append(_sum(block.name, of_block, (block.out_channels, *size)))
        blocks.extend(of_stage)
        stages.append(_sum(f"conv{stage}_x", of_stage))
    head = _head(config)
    layers.extend(head)
    stages.append(_sum("fc", head))
    total = _sum(config.title, stages)
    return Census(config, (height, width), tuple(layers), tuple(blocks), tuple(stages), total)


def _stem(size: Size) -> tuple[list[LayerCount], Size]:
    layers = list(_convolution_layers(STEM_NAME, "bn1", CONV1, size))
    pooled = (size[0] // 4, size[1] // 4)
    layers.append(LayerCount("max_pooling", (STEM_CHANNELS, *pooled), 0, 0, LayerKind.MAX_POOLING))
    return layers, pooled


def _block_layers(block: Block, size: Size) -> Iterator[LayerCount]:
    entering = size
    for number, convolution in enumerate(block.residual_branch, start=1):
        yield from _convolution_layers(
            f"{block.name}.conv{number}", f"{block.name}.bn{number}", convolution, size
        )
        size = (size[0] // convolution.stride, size[1] // convolution.stride)
    if block.projection is not None:
        yield from _convolution_layers(
            f"{block.name}.projection", f"{block.name}.projection_bn", block.projection, entering
        )


def _convolution_layers(
    name: str, norm_name: str, convolution: Convolution, size: Size
) -> Iterator[LayerCount]:
    height, width = size[0] // convolution.stride, size[1] // convolution.stride
    output = (convolution.out_channels, height, width)
    weights = convolution.kernel**2 * convolution.in_channels * convolution.out_channels
    yield LayerCount(name, output, weights, weights * height * width, LayerKind.CONVOLUTION)
    yield LayerCount(norm_name, output, 2 * convolution.out_channels, 0, LayerKind.BATCH_NORM)


def _head(config: NetworkConfig) -> list[LayerCount]:
    weights = config.features * config.classes
    return [
        LayerCount("average_pooling", (config.features, 1, 1), 0, 0, LayerKind.AVERAGE_POOLING),
        LayerCount(
            "fc", (config.classes, 1, 1), weights + config.classes, weights, LayerKind.CLASSIFIER
        ),
    ]


def _sum(name: str, parts: Iterable[Count], output: tuple[int, int, int] | None = None) -> Count:
    parts = list(parts)
    return Count(
        name=name,
        output=output or parts[-1].output,
        parameters=sum(part.parameters for part in parts),
        multiply_adds=sum(part.multiply_adds for part in parts),
    )
