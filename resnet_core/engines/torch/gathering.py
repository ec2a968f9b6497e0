"""The primitive operations for a GPU, where the number of kernels counts and not what each does.

At batch 1 a reduction over a block's output takes a GPU 7 microseconds and keeps few of its
processors busy; one over all blocks' outputs takes little longer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.arrays import Array
from resnet_core.engines.torch.operations import TorchOps
from resnet_core.networks.config import Convolution

K = TypeVar("K", bound=Hashable)


class GatheringOps(TorchOps):
    """Ops that do in one go what is to be done for many blocks."""

    def norms(self, groups: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        # Of tensors that lie in memory without gaps it takes two kernels for all of them.
        parts = [part for tensors in groups for x in tensors for part in _dense(x).unbind(0)]
        found = torch.stack(torch._foreach_norm(parts, 2, dtype=self._reduced))
        by_picture = found.view(-1, len(groups[0][0])).t()
        return list(torch.split(by_picture, [len(tensors) for tensors in groups], dim=1))

    def means(self, tensors: Sequence[Tensor]) -> Tensor:
        def mean(x: Tensor) -> tuple[Tensor]:
            return (x.mean(dim=(1, 2, 3), dtype=self._reduced),)

        return torch.stack([each for (each,) in self.for_each(mean, [(x,) for x in tensors])], 1)

    def for_each(
        self, compute: Callable[..., tuple[Tensor, ...]], sets: Sequence[tuple[Tensor, ...]]
    ) -> list[tuple[Tensor, ...]]:
        found: dict[int, tuple[Tensor, ...]] = {}
        for alike in _grouped(tuple(x.shape for x in tensors) for tensors in sets):
            columns = zip(*(sets[number] for number in alike), strict=True)
            joined = [torch.cat([_dense(x) for x in column]) for column in columns]
            results = [result.chunk(len(alike)) for result in compute(*joined)]
            found |= zip(alike, zip(*results, strict=True), strict=True)
        return [found[number] for number in range(len(sets))]


class CudaOps(GatheringOps):
    """The same with cuDNN's and cuBLAS's products that add the bias and take ReLU in passing."""

    def convolution(
        self, x: Tensor, weight: Array, shape: Convolution, bias: Array | None = None
    ) -> Tensor:
        if bias is None or (shape.kernel, shape.stride) != (1, 1):
            return super().convolution(x, weight, shape, bias)
        matrix = self.constant(weight).flatten(1)
        return _as_picture(torch.addmm(self._flat(bias), _rows(x), matrix.t()), x)

    def rectified_convolution(
        self, x: Tensor, weight: Array, shape: Convolution, bias: Array
    ) -> Tensor:
        steps, sides = [shape.stride] * 2, [shape.padding] * 2
        return torch.cudnn_convolution_relu(
            x, self.constant(weight), self._flat(bias), steps, sides, [1, 1], 1
        )

    def convolution_transposed(self, g: Tensor, weight: Array, shape: Convolution) -> Tensor:
        if (shape.kernel, shape.stride) != (1, 1):
            return super().convolution_transposed(g, weight, shape)
        return _as_picture(torch.mm(_rows(g), self.constant(weight).flatten(1)), g)

    def _flat(self, bias: Array) -> Tensor:
        return self.constant(bias).flatten()


@lru_cache(maxsize=1)
def fuses() -> bool:
    """Whether cuDNN's convolution with ReLU is there (AMD's GPUs call themselves CUDA and have
    none), and computes what two steps compute.
    """
    x = _dense(torch.linspace(-1, 1, 16 * 64).reshape(1, 16, 8, 8))
    weight = _dense(torch.linspace(-1, 1, 32 * 16 * 9).reshape(32, 16, 3, 3))
    bias = torch.linspace(-1, 1, 32)
    expected = functional.relu(functional.conv2d(x, weight, bias, padding=1))
    try:
        found = torch.cudnn_convolution_relu(
            x.cuda(), weight.cuda(), bias.cuda(), [1, 1], [1, 1], [1, 1], 1
        ).cpu()
    except (AttributeError, NotImplementedError, RuntimeError):
        return False
    # cuDNN may round to 10 bits here; a wrong operation is further off.
    return torch.allclose(found, expected, rtol=1e-2, atol=0.1)


def _dense(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _rows(x: Tensor) -> Tensor:
    """(N, C, h, w) as (N * h * w, C): so it lies in memory, channels last."""
    return x.permute(0, 2, 3, 1).flatten(0, 2)


def _as_picture(rows: Tensor, like: Tensor) -> Tensor:
    """(N * h * w, C) as (N, C, h, w), with the positions of ``like``."""
    count, _, height, width = like.shape
    return rows.view(count, height, width, -1).permute(0, 3, 1, 2)


def _grouped(keys: Iterable[K]) -> list[list[int]]:
    """The places of equal keys, group by group."""
    groups: dict[K, list[int]] = {}
    for number, key in enumerate(keys):
        groups.setdefault(key, []).append(number)
    return list(groups.values())
