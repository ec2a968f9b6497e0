"""Convolutions on the CPU with weights that lie as oneDNN wants them.

torch's own convolutions lay the weights out anew in every call, which takes a third of the time
where pictures are small and weights many. The operations here are those of torch's compiler and no
documented part of it, hence `available`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.arrays import Array
from resnet_core.networks.config import Convolution

_onednn: Any = torch.ops.mkldnn
_PLAIN: tuple[Any, ...] = ("none", [], "")  # nothing is done to what comes out
_RECTIFIED: tuple[Any, ...] = ("relu", [], "")


class PackedConvolution:
    """A convolution of one weight (out, in, kernel, kernel), float32, or its transpose.

    size: of a tensor that it will get, (N, C, H, W); the layout suits it, and any other works.
    """

    def __init__(
        self, weight: Array, shape: Convolution, size: torch.Size, *, transposed: bool = False
    ) -> None:
        plain = torch.from_numpy(np.ascontiguousarray(weight, np.float32))
        sides, steps, ones = [shape.padding] * 2, [shape.stride] * 2, [1, 1]
        self._transposed = transposed
        if transposed:
            # Sides are even before a stride of 2, so the transpose gives back exactly twice.
            more = [shape.stride - 1] * 2
            self._how: tuple[Any, ...] = (sides, more, steps, ones, 1)
            self._weight = _onednn._reorder_convolution_transpose_weight(
                plain, *self._how, list(size)
            )
        else:
            self._how = (sides, steps, ones, 1)
            self._weight = _onednn._reorder_convolution_weight(plain, *self._how, list(size))

    def __call__(self, x: Tensor, bias: Tensor | None = None, *, rectified: bool = False) -> Tensor:
        """x: (N, C, H, W), channels last. bias: (out,). Returns channels last.

        rectified: whether ReLU is taken of what comes out.
        """
        then = _RECTIFIED if rectified else _PLAIN
        if bias is not None:
            bias = bias.contiguous()  # they read on, whatever its stride
        if self._transposed:
            found: Tensor = _onednn._convolution_transpose_pointwise(
                x, self._weight, bias, *self._how, *then
            )
        else:
            found = _onednn._convolution_pointwise(x, self._weight, bias, *self._how, *then)
        return found


Packing = Callable[[Array, Convolution, torch.Size], PackedConvolution]


def pack(weight: Array, shape: Convolution, size: torch.Size) -> PackedConvolution:
    """The convolution itself."""
    return PackedConvolution(weight, shape, size)


def pack_transposed(weight: Array, shape: Convolution, size: torch.Size) -> PackedConvolution:
    """Its transpose; at stride 1 that is a convolution with the kernel turned by 180 degrees and
    its channels swapped, and ordinary convolutions have the faster kernels.
    """
    if shape.stride == 1:
        swapped = Convolution(shape.kernel, shape.out_channels, shape.in_channels)
        return PackedConvolution(weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1], swapped, size)
    return PackedConvolution(weight, shape, size, transposed=True)


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether this torch on this processor has them, and they compute what its own compute."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    shape = Convolution(kernel=3, in_channels=16, out_channels=32, stride=2)
    weight = torch.linspace(-1, 1, 32 * 16 * 9).reshape(shape.weight_shape)
    x = torch.linspace(-1, 1, 16 * 64).reshape(1, 16, 8, 8)
    x = x.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        try:
            packed = pack(weight.numpy(), shape, x.shape)
            forwards = packed(x, weight[:, 0, 0, 0])
            rectified = packed(x, weight[:, 0, 0, 0], rectified=True)
            backwards = pack_transposed(weight.numpy(), shape, forwards.shape)(forwards)
        except (AttributeError, NotImplementedError, RuntimeError):
            return False
        expected = functional.conv2d(x, weight, weight[:, 0, 0, 0], stride=2, padding=1)
        back = functional.conv_transpose2d(expected, weight, stride=2, padding=1, output_padding=1)
    return (
        torch.allclose(forwards, expected, atol=1e-4)
        and torch.allclose(rectified, functional.relu(expected), atol=1e-4)
        and torch.allclose(backwards, back, rtol=1e-4, atol=1e-3)
    )
