"""Batch norm folded into the convolutions before it: what the explained graph computes with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from resnet_core.arrays import Array
from resnet_core.errors import WeightsError
from resnet_core.networks.config import CONV1, STEM_NAME, Block, Convolution, NetworkConfig

if TYPE_CHECKING:
    import numpy.typing as npt

BATCH_NORM_EPSILON = 1e-5  # torch's default, which every published ResNet was trained with


@dataclass(frozen=True, slots=True, eq=False)
class FoldedConvolution:
    """A convolution with its batch norm inside.

    weight: (out_channels, in_channels, kernel, kernel). bias: (1, out_channels, 1, 1).
    """

    shape: Convolution
    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True, eq=False)
class FoldedBlock:
    """A block's residual branch and, where it has one, its projection."""

    block: Block
    residual_branch: tuple[FoldedConvolution, ...]
    projection: FoldedConvolution | None


@dataclass(frozen=True, slots=True, eq=False)
class FoldedNetwork:
    """All weights of a network in one precision. fc_weight: (K, C); fc_bias: (1, K)."""

    config: NetworkConfig
    conv1: FoldedConvolution
    blocks: tuple[FoldedBlock, ...]
    fc_weight: Array
    fc_bias: Array

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.fc_weight.dtype


@dataclass(frozen=True, slots=True)
class ConvolutionName:
    """Where a convolution and its batch norm stand in a state dict."""

    weight: str  # ``layer3.0.conv1.weight``
    norm: str  # ``layer3.0.bn1``


def convolution_names(config: NetworkConfig) -> dict[ConvolutionName, Convolution]:
    """Every convolution of a network by its names, from the picture to the answer."""
    names = {ConvolutionName(f"{STEM_NAME}.weight", "bn1"): CONV1}
    for block in config.blocks:
        names.update(zip(branch_names(block), block.residual_branch, strict=True))
        if block.projection is not None:
            names[projection_name(block)] = block.projection
    return names


def branch_names(block: Block) -> tuple[ConvolutionName, ...]:
    """The names of the residual branch's convolutions, in order."""
    prefix = block.checkpoint_prefix
    return tuple(
        ConvolutionName(f"{prefix}.conv{number}.weight", f"{prefix}.bn{number}")
        for number in range(1, len(block.residual_branch) + 1)
    )


def projection_name(block: Block) -> ConvolutionName:
    """The names of the projection in the block's shortcut."""
    prefix = f"{block.checkpoint_prefix}.downsample"
    return ConvolutionName(f"{prefix}.0.weight", f"{prefix}.1")


def fold(
    config: NetworkConfig, tensors: Mapping[str, Array], dtype: npt.DTypeLike = "float32"
) -> FoldedNetwork:
    """Fold a state dict; computed in float64, then rounded to ``dtype``.

    tensors: any floating precision, torchvision's names and shapes.
    Raises WeightsError if a tensor is missing or has another shape than the network.
    """
    reader = _Reader(tensors, np.dtype(dtype))
    blocks = tuple(
        FoldedBlock(
            block,
            tuple(
                reader.folded(name, convolution)
                for name, convolution in zip(
                    branch_names(block), block.residual_branch, strict=True
                )
            ),
            reader.folded(projection_name(block), block.projection) if block.projection else None,
        )
        for block in config.blocks
    )
    return FoldedNetwork(
        config=config,
        conv1=reader.folded(ConvolutionName(f"{STEM_NAME}.weight", "bn1"), CONV1),
        blocks=blocks,
        fc_weight=reader.read("fc.weight", (config.classes, config.features)).astype(dtype),
        fc_bias=reader.read("fc.bias", (config.classes,))[None].astype(dtype),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    tensors: Mapping[str, Array]
    dtype: np.dtype[Any]

    def read(self, name: str, shape: tuple[int, ...]) -> Array:
        if name not in self.tensors:
            raise WeightsError(f"The weights have no tensor {name}; they are of another network.")
        tensor = self.tensors[name]
        if tensor.shape != shape:
            raise WeightsError(
                f"The tensor {name} has the shape {tensor.shape} where the network needs {shape}; "
                "the weights are of another network."
            )
        return tensor.astype(np.float64)

    def folded(self, name: ConvolutionName, shape: Convolution) -> FoldedConvolution:
        channels = (shape.out_channels,)
        variance = self.read(f"{name.norm}.running_var", channels)
        scale = self.read(f"{name.norm}.weight", channels) / np.sqrt(variance + BATCH_NORM_EPSILON)
        shift = self.read(f"{name.norm}.running_mean", channels) * scale
        bias = self.read(f"{name.norm}.bias", channels) - shift
        weight = self.read(name.weight, shape.weight_shape) * scale[:, None, None, None]
        return FoldedConvolution(
            shape, weight.astype(self.dtype), bias.astype(self.dtype)[None, :, None, None]
        )
