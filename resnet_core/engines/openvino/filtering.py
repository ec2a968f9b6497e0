"""3x3 convolutions from half of the multiplications: minimal filtering down the columns.

Source: Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks", section 4.1, after
Winograd.

F(m, 3) gives m outputs of a filter of three taps from m + 2 products in place of 3 m. Here it runs
down the columns of a picture: m rows and their two neighbours are combined in m + 2 ways, each
combination is convolved along its rows alone (1x3), and combinations of the products are the m rows
that a 3x3 convolution gives. A row of all channels lies in memory in one piece, so that combining
rows is adding long vectors. Filtering along the rows as well would save more products, and lost
more than that in moving memory.

For this every m-th row has to be at hand as one tensor. From the first pooling on rows therefore
lie *apart*: those with an even number before those with an odd one, so again within each half, and
once more: of sixteen 0 8, 4 12, 2 10, 6 14, 1 9, 5 13, 3 11, 7 15. A stride of 2 keeps the first
half, which is in the same kind of order, and three of them later, in conv5_x, nothing is apart any
more. What works position by position does not notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from openvino import opset13

from resnet_core.arrays import Array
from resnet_core.engines.openvino.operations import Node, OpenVINOOps, node_of, shape_of
from resnet_core.explained.operations import POSITIONS
from resnet_core.networks.config import Convolution

APART = 8
"""In conv2_x rows lie together whose numbers differ by it; each stride of 2 halves it."""

# Lavin and Gray's matrices by m, transposed as they are used: B combines rows (one above, the m and
# one below), G makes m + 2 filters of three taps, A combines the products but for the first, which
# only the first row has, and the last, which only the last row has.
_B = {
    2: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]],
    4: [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
}
_G = {
    2: np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2,
    4: np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24,
}
_A = {
    2: [[1, 1], [1, -1]],
    4: [[1, 1, 1, 1], [1, -1, 2, -2], [1, 1, 4, 4], [1, -1, 8, -8]],
}


class FilteringOps(OpenVINOOps):
    """Ops whose 3x3 convolutions are minimal filters, on tensors whose rows lie apart."""

    def __init__(self) -> None:
        # How far rows are apart, by the node's name: Python's objects for nodes come and go.
        self._apart: dict[str, int] = {}

    def result(self, x: Node) -> Node:
        """Rows in order. It moves every number, which is little for maps and norms."""
        return super().result(self._in_order(x))

    def max_pooling(self, x: Node) -> Node:
        pooled = super().max_pooling(x)
        height = shape_of(pooled)[2]
        parts = [_rows(pooled, first, height, APART) for first in _order(APART)]
        return self._mark(opset13.concat(parts, 2), APART)

    # Linear maps and their transposes

    def convolution(
        self, x: Node, weight: Array, shape: Convolution, bias: Array | None = None
    ) -> Node:
        apart = self._apart_of(x)
        if apart == 1 or (shape.kernel, shape.stride) == (1, 1):
            return self._mark(super().convolution(x, weight, shape, bias), apart)
        if shape.stride == 1:
            return self._mark(self._filtered(x, weight, bias), apart)
        half = shape_of(x)[2] // 2
        if shape.kernel == 1:
            x = _rows(x, 0, half)
        else:
            # The kernel meets an odd row, the even one below it and the odd one below that: with
            # the odd rows on top once more these are always half a picture apart.
            x = opset13.concat([self._neighbours(x, 2)[0], x], 2)
        sides = [0, shape.padding]
        sums = opset13.convolution(
            x, self.constant(weight), [1, shape.stride], sides, sides, [half, 1]
        )
        return self._mark(self._biased(sums, bias), apart // 2)

    def convolution_transposed(self, g: Node, weight: Array, shape: Convolution) -> Node:
        if shape.stride == 1:
            return super().convolution_transposed(g, weight, shape)
        if shape.kernel == 1:
            narrow = self.convolution_transposed(g, weight, replace(shape, stride=1))
            return self.spread_to_every_second(narrow)
        below = self._neighbours(g, 1)[1]
        along = [1, shape.stride], [0, shape.padding]
        even = self._spreading(g, weight[:, :, 1:2], *along)
        odd = opset13.add(
            self._spreading(g, weight[:, :, 2:], *along),
            self._spreading(below, weight[:, :, :1], *along),
        )
        return self._mark(opset13.concat([even, odd], 2), 2 * self._apart_of(g))

    def _filtered(self, x: Node, weight: Array, bias: Array | None) -> Node:
        m = min(self._apart_of(x), 4)
        rows = dict(zip(_order(m), self.split(x, 2, m), strict=True))
        above, below = self._neighbours(x, m)
        combined = self._combinations(_B[m], [above, *(rows[row] for row in range(m)), below])
        filters = np.tensordot(_G[m], weight.astype(np.float64), (1, 2))
        products = []
        for number, part in enumerate(combined):
            kernel = self.constant(filters[number][:, :, np.newaxis])
            product = opset13.convolution(part, kernel, [1, 1], [0, 1], [0, 1], [1, 1])
            # The second product enters every row exactly once.
            products.append(self._biased(product, bias) if number == 1 else product)
        first, *inner, last = products
        results = self._combinations(_A[m], inner)
        # Added as the last thing, these sums are part of the convolution that they wait for.
        results[0] = opset13.add(results[0], first)
        results[-1] = opset13.add(results[-1], last)
        return opset13.concat([results[row] for row in _order(m)], 2)

    def _combinations(self, matrix: Iterable[Sequence[float]], parts: Sequence[Node]) -> list[Node]:
        """One sum for each row of the matrix, with its factors."""
        return [self._combination(factors, parts) for factors in matrix]

    def _combination(self, factors: Sequence[float], parts: Sequence[Node]) -> Node:
        terms = [(factor, part) for factor, part in zip(factors, parts, strict=True) if factor]
        # A positive one first: the others are added to it or subtracted.
        (first, total), *rest = sorted(terms, key=lambda term: -term[0])
        total = self._times(first, total)
        for factor, part in rest:
            term = self._times(abs(factor), part)
            total = opset13.add(total, term) if factor > 0 else opset13.subtract(total, term)
        return total

    def _times(self, factor: float, x: Node) -> Node:
        if factor == 1:
            return x
        return opset13.multiply(x, self.constant(np.full((1, 1, 1, 1), factor)))

    # Where rows lie

    def _apart_of(self, x: Node) -> int:
        return self._apart.get(node_of(x).get_friendly_name(), 1)

    def _mark(self, x: Node, apart: int) -> Node:
        self._apart[node_of(x).get_friendly_name()] = apart
        return x

    def _like(self, x: Node, result: Node) -> Node:
        return self._mark(result, self._apart_of(x))

    def _neighbours(self, x: Node, m: int) -> tuple[Node, Node]:
        """The rows above each m rows, and those below them, zeros at the picture's edges."""
        order = _order(self._apart_of(x))
        above = self._numbered(x, [row - 1 for row in order if row % m == 0])
        return above, self._numbered(x, [row + 1 for row in order if row % m == m - 1])

    def _numbered(self, x: Node, numbers: Sequence[int]) -> Node:
        """For each number, from -1 to apart, every row of that number modulo apart."""
        order = _order(self._apart_of(x))
        count, channels, height, width = shape_of(x)
        each = height // len(order)
        zeros = self.constant(np.zeros((count, channels, 1, width)))
        parts = []
        for number in numbers:
            first = order.index(number % len(order)) * each
            end = first + each
            if number < 0:
                parts.append(zeros)
                end -= 1
            if number == len(order):
                first += 1
            if first < end:
                parts.append(_rows(x, first, end))
            if number == len(order):
                parts.append(zeros)
        return opset13.concat(parts, 2)

    def _in_order(self, x: Node) -> Node:
        bits = self._apart_of(x).bit_length() - 1
        if bits == 0:
            return x
        _, channels, height, width = shape_of(x)
        table = opset13.reshape(x, [0, channels, *[2] * bits, height >> bits, width], True)
        turned = [0, 1, *range(2 + bits, 1, -1), 3 + bits]
        ordered = opset13.transpose(table, opset13.constant(turned))
        return opset13.reshape(ordered, [0, channels, height, width], True)

    # Every second position

    def keep_every_second(self, x: Node) -> Node:
        even = _rows(x, 0, shape_of(x)[2] // 2)
        kept = opset13.slice(even, [0], [shape_of(x)[3]], [2], [3])
        return self._mark(kept, self._apart_of(x) // 2)

    def spread_to_every_second(self, g: Node) -> Node:
        even = self._masked_repetition(g, {3: 2 * shape_of(g)[3]})
        zeros = self.constant(np.zeros(shape_of(even)))
        return self._mark(opset13.concat([even, zeros], 2), 2 * self._apart_of(g))

    # Position by position: rows lie in the result as they lie in what it is made of

    def add(self, a: Node, b: Node) -> Node:
        return self._like(a, super().add(a, b))

    def multiply(self, a: Node, b: Node) -> Node:
        return self._like(a, super().multiply(a, b))

    def relu(self, x: Node) -> Node:
        return self._like(x, super().relu(x))

    def where_positive(self, condition: Node, values: Node) -> Node:
        return self._like(values, super().where_positive(condition, values))

    def append_channels(self, x: Node, count: int) -> Node:
        return self._like(x, super().append_channels(x, count))

    def keep_channels(self, g: Node, count: int) -> Node:
        return self._like(g, super().keep_channels(g, count))

    def mean_transposed(self, g: Node, x: Node) -> Node:
        return self._like(x, super().mean_transposed(g, x))

    def mean_and_weighted_sum_of_channels(self, x: Node, weights: Node) -> Node:
        return self._like(x, super().mean_and_weighted_sum_of_channels(x, weights))

    def sum(self, x: Node, axes: Sequence[int]) -> Node:
        return self._reduced(x, super().sum(x, axes), axes)

    def mean(self, x: Node, axes: Sequence[int]) -> Node:
        return self._reduced(x, super().mean(x, axes), axes)

    def mean_of_absolutes(self, x: Node, axes: Sequence[int]) -> Node:
        return self._reduced(x, super().mean_of_absolutes(x, axes), axes)

    def _reduced(self, x: Node, result: Node, axes: Sequence[int]) -> Node:
        return result if POSITIONS[0] in axes else self._like(x, result)


def _order(apart: int) -> list[int]:
    """The row numbers modulo ``apart`` in the order in which they lie: 0 4 2 6 1 5 3 7."""
    if apart == 1:
        return [0]
    half = _order(apart // 2)
    return [2 * row for row in half] + [2 * row + 1 for row in half]


def _rows(x: Node, first: int, end: int, step: int = 1) -> Node:
    return opset13.slice(x, [first], [end], [step], [2])
