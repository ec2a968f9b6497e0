"""The primitive operations that the explained graph is written in.

An engine implements these and knows nothing of residual networks; the graph uses these and knows
nothing of engines. ``T`` is what flows: a tensor in torch, a node of a graph in OpenVINO. Pictures
are (N, C, H, W). No operation changes what it is given. Reductions keep the axes that they reduce
over, with length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from resnet_core.arrays import Array
from resnet_core.networks.config import Convolution

T = TypeVar("T")

CHANNELS = (1,)
POSITIONS = (2, 3)


class Ops(Protocol[T]):
    """About twenty primitive operations, each a line or two in any framework."""

    def constant(self, values: Array) -> T:
        """Numbers that never change."""

    # Linear maps and their transposes

    def convolution(self, x: T, weight: Array, shape: Convolution, bias: Array | None = None) -> T:
        """Cross-correlation of (N, in, H, W) with ``weight``; bias: (1, out, 1, 1)."""

    def rectified_convolution(self, x: T, weight: Array, shape: Convolution, bias: Array) -> T:
        """ReLU of ``convolution``."""

    def convolution_transposed(self, g: T, weight: Array, shape: Convolution) -> T:
        """Transpose of ``convolution``: (N, out, h, w) -> (N, in, h * stride, w * stride)."""

    def matrix_product(self, x: T, weight: Array) -> T:
        """(N, ..., C) times the transpose of ``weight`` (K, C) -> (N, ..., K)."""

    def matrix_product_transposed(self, g: T, weight: Array) -> T:
        """The adjoint: (N, K) times ``weight`` (K, C) -> (N, C)."""

    def keep_every_second(self, x: T) -> T:
        """x[:, :, ::2, ::2]."""

    def spread_to_every_second(self, g: T) -> T:
        """Transpose of ``keep_every_second``: zeros between the values, twice the size."""

    def add_to_every_second(self, x: T, g: T) -> T:
        """The sum of x and ``spread_to_every_second(g)``."""

    def append_channels(self, x: T, count: int) -> T:
        """``count`` channels of zeros after the channels of x."""

    def keep_channels(self, g: T, count: int) -> T:
        """Transpose of ``append_channels``: the first ``count`` channels."""

    # Element by element, broadcasting axes of length 1

    def add(self, a: T, b: T) -> T: ...

    def subtract(self, a: T, b: T) -> T: ...

    def multiply(self, a: T, b: T) -> T: ...

    def divide(self, a: T, b: T) -> T: ...

    def square_root(self, x: T) -> T: ...

    def relu(self, x: T) -> T: ...

    def where_positive(self, condition: T, values: T) -> T:
        """``values`` where ``condition`` is above zero, and zero elsewhere: ReLU backwards."""

    # Reductions

    def sum(self, x: T, axes: Sequence[int]) -> T: ...

    def mean(self, x: T, axes: Sequence[int]) -> T: ...

    def mean_transposed(self, g: T, x: T) -> T:
        """Transpose of the mean over positions: g (N, C, 1, 1) spread evenly over the size of x."""

    def mean_of_absolutes(self, x: T, axes: Sequence[int]) -> T: ...

    def mean_and_weighted_sum_of_channels(self, x: T, weights: T) -> T:
        """(N, C, h, w) and (N, C, 1, 1) -> (N, 2, h, w), both sums in one pass over x."""

    def norms(self, groups: Sequence[Sequence[T]]) -> list[T]:
        """The root of each tensor's sum of squares, by picture, for each group by itself.

        A group of k tensors (N, C, h, w) gives (N, k).
        """

    def means(self, tensors: Sequence[T]) -> T:
        """The mean of all numbers of each tensor, by picture: k of (N, C, h, w) -> (N, k)."""

    # Shape and choice

    def max_pooling(self, x: T) -> T:
        """The maximum over 3x3 at stride 2, padded by 1, as after conv1."""

    def softmax(self, logits: T) -> T: ...

    def one_hot(self, logits: T, target: T) -> T:
        """(N, K) and whole numbers (N,) -> 1 at the target, or at the best where it is negative."""

    def concatenate(self, parts: Sequence[T], axis: int) -> T: ...

    def split(self, x: T, axis: int, count: int) -> Sequence[T]:
        """``count`` equal parts along ``axis``."""

    def reshape(self, x: T, shape: Sequence[int]) -> T:
        """The same numbers in another shape; the first axis stays what it is (written 0)."""

    # Many at once

    def for_each(
        self, compute: Callable[..., tuple[T, ...]], sets: Sequence[tuple[T, ...]]
    ) -> list[tuple[T, ...]]:
        """``compute(*tensors)`` for the tensors of each set; no picture may enter another's result.

        So sets of equal shapes may also be joined along the batch and computed in one go.
        """
