"""Operations that let OpenVINO compute in bfloat16 what lies between two convolutions.

Asked for bfloat16, OpenVINO multiplies in it and still computes in float32 whatever lies between
the last product of matrices and a result. Here maps and norms are results of every block: that
would be each sum and mask of the network, and two conversions for each convolution. With a product
before each result only that result stays in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from openvino import opset13

from resnet_core.engines.openvino.operations import (
    ROWS,
    Node,
    OpenVINOOps,
    joined_rows,
    shape_of,
)


class RoundingOps(OpenVINOOps):
    """The same operations, each reduction that a result is made of with a product after it."""

    def norms(self, groups: Sequence[Sequence[Node]]) -> list[Node]:
        found = []
        for tensors in groups:
            rows = joined_rows(opset13.reduce_l2, tensors)
            found.append(opset13.sqrt(self._total(opset13.multiply(rows, rows), 1.0)))
        return found

    def means(self, tensors: Sequence[Node]) -> Node:
        return self._total(joined_rows(opset13.reduce_mean, tensors), 1 / ROWS)

    def sum(self, x: Node, axes: Sequence[int]) -> Node:
        return self._times(super().sum(x, axes), 1.0)

    def mean_of_absolutes(self, x: Node, axes: Sequence[int]) -> Node:
        count = np.prod([shape_of(x)[axis] for axis in axes])
        return self._times(opset13.reduce_l1(x, list(axes), keep_dims=True), 1 / count)

    def _total(self, rows: Node, factor: float) -> Node:
        """(N, k, ROWS) -> (N, k): the sum of each row, times a factor."""
        factors = self.constant(np.full((ROWS, 1), factor))
        return opset13.reshape(opset13.matmul(rows, factors, False, False), [0, -1], True)

    def _times(self, x: Node, factor: float) -> Node:
        flat = opset13.reshape(x, [0, -1, 1], True)
        product = opset13.matmul(flat, self.constant(np.full((1, 1), factor)), False, False)
        return opset13.reshape(product, [0, *shape_of(x)[1:]], True)
