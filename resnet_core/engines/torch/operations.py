"""The primitive operations of the explained graph in torch, run as they are called."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.arrays import Array
from resnet_core.engines.torch.packed import (
    PackedConvolution,
    Packing,
    available,
    pack,
    pack_transposed,
)
from resnet_core.networks.config import Convolution


class TorchOps:
    """Ops on tensors of one device and precision. Weights are sent to the device once.

    dtype: of activations, gradients and the convolutions' weights. Reductions and the classifier
    have at least float32. gradient_scale: the factor that gradients have in
    the blocks, for a dtype that cannot hold small ones; all that comes from them has it.
    """

    def __init__(
        self,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        gradient_scale: float = 1.0,
    ) -> None:
        self._device = device
        self._dtype = dtype
        self._reduced = torch.promote_types(dtype, torch.float32)
        self._gradient_scale = gradient_scale
        # Keyed by identity; the array is kept beside its tensor so that the key stays its own.
        self._tensors: dict[int, tuple[Array, Tensor]] = {}
        self._convolutions: dict[tuple[int, Packing], tuple[Array, PackedConvolution]] = {}
        self._packs = device.type == "cpu" and dtype == torch.float32 and available()

    def constant(self, values: Array) -> Tensor:
        known = self._tensors.get(id(values))
        if known is None:
            tensor = torch.from_numpy(np.ascontiguousarray(values))
            # Of two dimensions only the classifier's are, and that is computed in float32.
            dtype = self._dtype if tensor.ndim == 4 else self._reduced
            tensor = tensor.to(self._device, dtype)
            if tensor.ndim == 4:
                tensor = tensor.contiguous(memory_format=torch.channels_last)
            known = self._tensors[id(values)] = (values, tensor)
        return known[1]

    def normalised(self, pixels: Tensor, scale: Array, shift: Array) -> Tensor:
        """uint8 (N, H, W, 3) -> scale * pixels - shift as (N, 3, H, W), channels last."""
        x = pixels.to(self._reduced) * self.constant(scale) - self.constant(shift)
        return x.to(self._dtype).permute(0, 3, 1, 2)

    def convolution(
        self, x: Tensor, weight: Array, shape: Convolution, bias: Array | None = None
    ) -> Tensor:
        added = None if bias is None else self.constant(bias).flatten()
        if self._packs:
            return self._packed(pack, x, weight, shape)(x, added)
        return functional.conv2d(
            x, self.constant(weight), added, stride=shape.stride, padding=shape.padding
        )

    def rectified_convolution(
        self, x: Tensor, weight: Array, shape: Convolution, bias: Array
    ) -> Tensor:
        if self._packs:
            packed = self._packed(pack, x, weight, shape)
            return packed(x, self.constant(bias).flatten(), rectified=True)
        return self.relu(self.convolution(x, weight, shape, bias))

    def convolution_transposed(self, g: Tensor, weight: Array, shape: Convolution) -> Tensor:
        if self._packs:
            return self._packed(pack_transposed, g, weight, shape)(g)
        return functional.conv_transpose2d(
            g,
            self.constant(weight),
            stride=shape.stride,
            padding=shape.padding,
            # Sides are even before a stride of 2, so the transpose gives back exactly twice.
            output_padding=shape.stride - 1,
        )

    def _packed(
        self, how: Packing, x: Tensor, weight: Array, shape: Convolution
    ) -> PackedConvolution:
        known = self._convolutions.get((id(weight), how))
        if known is None:
            known = self._convolutions[id(weight), how] = (weight, how(weight, shape, x.shape))
        return known[1]

    def matrix_product(self, x: Tensor, weight: Array) -> Tensor:
        return functional.linear(x, self.constant(weight))

    def matrix_product_transposed(self, g: Tensor, weight: Array) -> Tensor:
        return g @ self.constant(weight)

    def keep_every_second(self, x: Tensor) -> Tensor:
        return x[:, :, ::2, ::2]

    def spread_to_every_second(self, g: Tensor) -> Tensor:
        spread = g.new_zeros((*g.shape[:2], 2 * g.shape[2], 2 * g.shape[3]))
        spread[:, :, ::2, ::2] = g
        return spread

    def add_to_every_second(self, x: Tensor, g: Tensor) -> Tensor:
        total = x.clone()
        total[:, :, ::2, ::2] += g
        return total

    def append_channels(self, x: Tensor, count: int) -> Tensor:
        return functional.pad(x, (0, 0, 0, 0, 0, count))

    def keep_channels(self, g: Tensor, count: int) -> Tensor:
        return g[:, :count]

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def subtract(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        return a * b

    def divide(self, a: Tensor, b: Tensor) -> Tensor:
        return a / b

    def square_root(self, x: Tensor) -> Tensor:
        return x.sqrt()

    def relu(self, x: Tensor) -> Tensor:
        return functional.relu(x)

    def where_positive(self, condition: Tensor, values: Tensor) -> Tensor:
        passed: Tensor = torch.ops.aten.threshold_backward(values, condition, 0)
        return passed

    def sum(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.sum(dim=tuple(axes), keepdim=True, dtype=self._reduced)

    def mean(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.mean(dim=tuple(axes), keepdim=True, dtype=self._reduced)

    def mean_transposed(self, g: Tensor, x: Tensor) -> Tensor:
        # Every gradient in a block comes through here, so here they get their scale.
        spread = (g * (self._gradient_scale / (x.shape[2] * x.shape[3]))).to(x.dtype)
        return spread.expand(*g.shape[:2], *x.shape[2:])

    def mean_of_absolutes(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        total: Tensor = torch.linalg.vector_norm(
            x, 1, dim=tuple(axes), keepdim=True, dtype=self._reduced
        )
        return total / math.prod(x.shape[axis] for axis in axes)

    def mean_and_weighted_sum_of_channels(self, x: Tensor, weights: Tensor) -> Tensor:
        # With channels last this is a product of matrices that neither copies nor multiplies out.
        rows = x.permute(0, 2, 3, 1).flatten(1, 2)
        weighted = weights.flatten(1).to(x.dtype)
        both = torch.stack([torch.full_like(weighted, 1 / x.shape[1]), weighted], dim=1)
        sums = torch.bmm(both, rows.transpose(1, 2)).to(self._reduced)
        return sums.view(len(x), 2, *x.shape[2:])

    def norms(self, groups: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        return [torch.stack([self._norm(x) for x in tensors], dim=1) for tensors in groups]

    def _norm(self, x: Tensor) -> Tensor:
        found: Tensor = torch.linalg.vector_norm(x, dim=(1, 2, 3), dtype=self._reduced)
        return found

    def means(self, tensors: Sequence[Tensor]) -> Tensor:
        return torch.stack([x.mean(dim=(1, 2, 3), dtype=self._reduced) for x in tensors], dim=1)

    def max_pooling(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(x, kernel_size=3, stride=2, padding=1)

    def softmax(self, logits: Tensor) -> Tensor:
        return logits.softmax(dim=1)

    def one_hot(self, logits: Tensor, target: Tensor) -> Tensor:
        chosen = torch.where(target < 0, logits.argmax(dim=1), target)
        classes = torch.arange(logits.shape[1], device=logits.device)
        return (classes[None] == chosen[:, None]).to(logits.dtype)

    def concatenate(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        return torch.cat(list(parts), dim=axis)

    def split(self, x: Tensor, axis: int, count: int) -> Sequence[Tensor]:
        return x.chunk(count, dim=axis)

    def reshape(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        return x.reshape(x.shape[0], *shape[1:])

    def for_each(
        self, compute: Callable[..., tuple[Tensor, ...]], sets: Sequence[tuple[Tensor, ...]]
    ) -> list[tuple[Tensor, ...]]:
        return [compute(*tensors) for tensors in sets]
