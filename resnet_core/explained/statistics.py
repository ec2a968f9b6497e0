"""Batch norm's statistics of an untrained network, taken from pictures.

A freshly initialised network has never seen a picture, so its running statistics (mean 0, variance
1) let signals grow from block to block. Here they are set to what the given pictures show, layer
after layer in one pass, as a forward pass in training mode would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from resnet_core.arrays import Array
from resnet_core.explained.folding import (
    BATCH_NORM_EPSILON,
    ConvolutionName,
    branch_names,
    projection_name,
)
from resnet_core.explained.operations import POSITIONS, Ops, T
from resnet_core.networks.config import (
    CONV1,
    STEM_NAME,
    Block,
    Convolution,
    NetworkConfig,
    ShortcutKind,
)


def batch_norm_statistics(
    ops: Ops[T], config: NetworkConfig, tensors: Mapping[str, Array], pictures: T
) -> dict[str, tuple[T, T]]:
    """Mean and variance before each batch norm, as (1, C, 1, 1), by its name: ``layer3.0.bn1``.

    tensors: the untrained weights. pictures: (N, 3, H, W), preprocessed; more than one, so that
    the last stage's channels vary.
    """
    return _Pass(ops, tensors).run(config, pictures)


class _Pass:
    def __init__(self, ops: Ops[Any], tensors: Mapping[str, Array]) -> None:
        self.ops = ops
        self.tensors = tensors
        self.statistics: dict[str, tuple[Any, Any]] = {}

    def run(self, config: NetworkConfig, pictures: Any) -> dict[str, tuple[Any, Any]]:
        conv1 = ConvolutionName(f"{STEM_NAME}.weight", "bn1")
        x = self.ops.max_pooling(self.ops.relu(self._normalised(conv1, CONV1, pictures)))
        for block in config.blocks:
            x = self._block(block, x)
        return self.statistics

    def _block(self, block: Block, x: Any) -> Any:
        residual = x
        names = branch_names(block)
        for name, convolution in zip(names, block.residual_branch, strict=True):
            residual = self._normalised(name, convolution, residual)
            if name != names[-1]:
                residual = self.ops.relu(residual)
        if block.shortcut is ShortcutKind.NONE:
            return self.ops.relu(residual)
        if block.projection is not None:
            x = self._normalised(projection_name(block), block.projection, x)
        elif block.shortcut is ShortcutKind.ZERO_PADDING:
            x = self.ops.keep_every_second(x) if block.stride == 2 else x
            x = self.ops.append_channels(x, block.out_channels - block.in_channels)
        return self.ops.relu(self.ops.add(residual, x))

    def _normalised(self, name: ConvolutionName, shape: Convolution, x: Any) -> Any:
        ops = self.ops
        x = ops.convolution(x, self._tensor(name.weight), shape)
        mean = ops.mean(x, (0, *POSITIONS))
        centred = ops.subtract(x, mean)
        variance = ops.mean(ops.multiply(centred, centred), (0, *POSITIONS))
        self.statistics[name.norm] = (mean, variance)
        epsilon = ops.constant(np.full((1, 1, 1, 1), BATCH_NORM_EPSILON, np.float32))
        scaled = ops.divide(centred, ops.square_root(ops.add(variance, epsilon)))
        weight = self._tensor(f"{name.norm}.weight")[None, :, None, None]
        bias = self._tensor(f"{name.norm}.bias")[None, :, None, None]
        return ops.add(ops.multiply(scaled, ops.constant(weight)), ops.constant(bias))

    def _tensor(self, name: str) -> Array:
        return self.tensors[name].astype(np.float32, copy=False)
