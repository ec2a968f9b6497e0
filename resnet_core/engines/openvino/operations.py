"""The primitive operations of the explained graph as nodes of an OpenVINO model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from openvino import Output, opset13

from resnet_core.arrays import Array
from resnet_core.networks.config import Convolution

Node = Any  # openvino's node classes carry no types


class OpenVINOOps:
    """Ops that build a graph of static shapes, float32."""

    def constant(self, values: Array) -> Node:
        return opset13.constant(np.ascontiguousarray(values, np.float32))

    def result(self, x: Node) -> Node:
        """What the model gives; x is a node or one output of a node."""
        return opset13.result(x)

    def normalised(self, pixels: Node, scale: Array, shift: Array) -> Node:
        """uint8 (N, H, W, 3) -> scale * pixels - shift as (N, 3, H, W)."""
        x = opset13.multiply(opset13.convert(pixels, np.float32), self.constant(scale))
        x = opset13.subtract(x, self.constant(shift))
        return opset13.transpose(x, opset13.constant([0, 3, 1, 2]))

    def convolution(
        self, x: Node, weight: Array, shape: Convolution, bias: Array | None = None
    ) -> Node:
        sides = [shape.padding] * 2
        sums = opset13.convolution(
            x, self.constant(weight), [shape.stride] * 2, sides, sides, [1, 1]
        )
        return self._biased(sums, bias)

    def rectified_convolution(
        self, x: Node, weight: Array, shape: Convolution, bias: Array
    ) -> Node:
        return self.relu(self.convolution(x, weight, shape, bias))

    def _biased(self, sums: Node, bias: Array | None) -> Node:
        return sums if bias is None else opset13.add(sums, self.constant(bias))

    def convolution_transposed(self, g: Node, weight: Array, shape: Convolution) -> Node:
        if shape.stride == 1:
            # The transpose at stride 1 is a convolution with the kernel turned by 180 degrees and
            # its channels swapped; ordinary convolutions have the faster kernels.
            turned = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
            return self.convolution(g, turned, shape)
        return self._spreading(g, weight, [shape.stride] * 2, [shape.padding] * 2)

    def _spreading(self, g: Node, weight: Array, strides: list[int], sides: list[int]) -> Node:
        """The transpose of a convolution with those strides and sides, down and along rows."""
        return opset13.convolution_backprop_data(
            g,
            self.constant(weight),
            strides,
            pads_begin=sides,
            pads_end=sides,
            dilations=[1, 1],
            # Sides are even before a stride of 2, so the transpose gives back exactly twice.
            output_padding=[stride - 1 for stride in strides],
        )

    def matrix_product(self, x: Node, weight: Array) -> Node:
        return opset13.matmul(x, self.constant(weight), False, True)

    def matrix_product_transposed(self, g: Node, weight: Array) -> Node:
        return opset13.matmul(g, self.constant(weight), False, False)

    def keep_every_second(self, x: Node) -> Node:
        return opset13.strided_slice(
            x, [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 2, 2], [1, 1, 1, 1], [1, 1, 1, 1]
        )

    def spread_to_every_second(self, g: Node) -> Node:
        height, width = shape_of(g)[2:]
        return self._masked_repetition(g, {2: 2 * height, 3: 2 * width})

    def _masked_repetition(self, g: Node, sizes: dict[int, int]) -> Node:
        """Zeros after each number along the axes whose doubled lengths are given."""
        repeated = opset13.interpolate(
            g,
            opset13.constant(list(sizes.values())),
            "nearest",
            "sizes",
            axes=opset13.constant(list(sizes)),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        first = np.ones((1, 1, *shape_of(repeated)[2:]), np.float32)
        for axis in sizes:
            first[(slice(None),) * axis + (slice(1, None, 2),)] = 0
        return opset13.multiply(repeated, self.constant(first))

    def add_to_every_second(self, x: Node, g: Node) -> Node:
        return self.add(x, self.spread_to_every_second(g))

    def append_channels(self, x: Node, count: int) -> Node:
        return opset13.pad(
            x, [0, 0, 0, 0], [0, count, 0, 0], "constant", opset13.constant(0.0, np.float32)
        )

    def keep_channels(self, g: Node, count: int) -> Node:
        return opset13.slice(g, [0], [count], [1], [1])

    def add(self, a: Node, b: Node) -> Node:
        return opset13.add(a, b)

    def subtract(self, a: Node, b: Node) -> Node:
        return opset13.subtract(a, b)

    def multiply(self, a: Node, b: Node) -> Node:
        return opset13.multiply(a, b)

    def divide(self, a: Node, b: Node) -> Node:
        return opset13.divide(a, b)

    def square_root(self, x: Node) -> Node:
        return opset13.sqrt(x)

    def relu(self, x: Node) -> Node:
        return opset13.relu(x)

    def where_positive(self, condition: Node, values: Node) -> Node:
        zero = self.constant(_ZERO)
        # Zero, but by way of the values: a comparison that knows the condition alone would be made
        # where that is made, and its result be carried in memory from there to the backward pass.
        limit = opset13.minimum(opset13.abs(values), zero)
        return opset13.select(opset13.less_equal(condition, limit), zero, values)

    def sum(self, x: Node, axes: Sequence[int]) -> Node:
        return opset13.reduce_sum(x, list(axes), keep_dims=True)

    def mean(self, x: Node, axes: Sequence[int]) -> Node:
        return opset13.reduce_mean(x, list(axes), keep_dims=True)

    def mean_transposed(self, g: Node, x: Node) -> Node:
        # A product with a constant of the size spreads in the layout that convolutions like;
        # Broadcast does so in another, which would have to be reordered.
        height, width = shape_of(x)[2:]
        share = np.full((1, 1, height, width), 1 / (height * width), np.float32)
        return opset13.multiply(g, self.constant(share))

    def mean_of_absolutes(self, x: Node, axes: Sequence[int]) -> Node:
        count = np.prod([shape_of(x)[axis] for axis in axes])
        total = opset13.reduce_l1(x, list(axes), keep_dims=True)
        return opset13.multiply(total, self.constant(np.full((1, 1, 1, 1), 1 / count, np.float32)))

    def mean_and_weighted_sum_of_channels(self, x: Node, weights: Node) -> Node:
        count, channels, height, width = shape_of(x)
        mean = self.constant(np.full((count, 1, channels), 1 / channels, np.float32))
        both = opset13.concat([mean, opset13.reshape(weights, [0, 1, channels], True)], 1)
        sums = opset13.matmul(_rows(x, height * width), both, False, True)
        sums = opset13.transpose(sums, opset13.constant([0, 2, 1]))
        return opset13.reshape(sums, [0, 2, height, width], True)

    def norms(self, groups: Sequence[Sequence[Node]]) -> list[Node]:
        return [_reduced_in_two_steps(opset13.reduce_l2, tensors) for tensors in groups]

    def means(self, tensors: Sequence[Node]) -> Node:
        return _reduced_in_two_steps(opset13.reduce_mean, tensors)

    def max_pooling(self, x: Node) -> Node:
        return opset13.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)

    def softmax(self, logits: Node) -> Node:
        return opset13.softmax(logits, 1)

    def one_hot(self, logits: Node, target: Node) -> Node:
        best = opset13.topk(
            logits, opset13.constant(1, np.int32), 1, "max", "value", index_element_type="i32"
        )
        best = opset13.reshape(best.output(1), [-1], False)
        zero = opset13.constant(np.zeros(1, np.int32))
        chosen = opset13.select(opset13.less(target, zero), best, target)
        depth = opset13.constant(shape_of(logits)[1], np.int32)
        on, off = opset13.constant(1.0, np.float32), opset13.constant(0.0, np.float32)
        return opset13.one_hot(chosen, depth, on, off, axis=1)

    def concatenate(self, parts: Sequence[Node], axis: int) -> Node:
        return opset13.concat(list(parts), axis)

    def split(self, x: Node, axis: int, count: int) -> Sequence[Node]:
        parts: Sequence[Node] = opset13.split(x, opset13.constant(axis, np.int32), count).outputs()
        return parts

    def reshape(self, x: Node, shape: Sequence[int]) -> Node:
        return opset13.reshape(x, list(shape), True)

    def for_each(
        self, compute: Callable[..., tuple[Node, ...]], sets: Sequence[tuple[Node, ...]]
    ) -> list[tuple[Node, ...]]:
        return [compute(*nodes) for nodes in sets]


ROWS = 64
"""Every tensor's channels are a multiple of it."""

_ZERO = np.zeros((1, 1, 1, 1), np.float32)


def node_of(x: Node) -> Node:
    """The node itself, where x may be one of its outputs."""
    return x.get_node() if isinstance(x, Output) else x


def shape_of(x: Node) -> tuple[int, ...]:
    """The lengths of its axes."""
    output = x if isinstance(x, Output) else x.output(0)
    return tuple(int(length) for length in output.get_shape())


def _rows(x: Node, count: int, order: type[np.signedinteger[Any]] = np.int64) -> Node:
    """(N, C, h, w) as (N, count, C * h * w / count), channels last: so it lies in memory.

    order: the type of a constant that nothing depends on. OpenVINO joins equal transpositions, and
    moves memory for one that two read; read by one it costs nothing. Readers of one tensor
    therefore ask with different types.
    """
    return opset13.reshape(_channels_last(x, order), [0, count, -1], True)


def _channels_last(x: Node, order: type[np.signedinteger[Any]] = np.int64) -> Node:
    return opset13.transpose(x, opset13.constant(np.array([0, 2, 3, 1], order)))


def joined_rows(reduce: Callable[..., Node], tensors: Sequence[Node]) -> Node:
    """(N, C, h, w) each -> (N, k, ROWS), reduced by row.

    Rows of equal length keep all processors busy; theirs are reduced together afterwards, which is
    one small node in place of one for each tensor.
    """
    parts = [reduce(_rows(x, ROWS, np.int32), [2], keep_dims=False) for x in tensors]
    return opset13.concat([opset13.reshape(part, [0, 1, -1], True) for part in parts], 1)


def _reduced_in_two_steps(reduce: Callable[..., Node], tensors: Sequence[Node]) -> Node:
    """(N, C, h, w) each -> (N, k)."""
    return reduce(joined_rows(reduce, tensors), [2], keep_dims=False)
