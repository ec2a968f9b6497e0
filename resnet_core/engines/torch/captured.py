"""A computation on a CUDA device that is recorded once and replayed for every picture.

At batch 1 a GPU finishes most operations sooner than Python asks for the next one. A recorded
graph is asked for once, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from resnet_core.arrays import Array, Floats

_WARM_UPS = 3
"""Rounds before the recording: weights are sent and cuDNN tries its algorithms in them."""


class Captured:
    """``compute`` for inputs of the shapes and types of ``examples``, on the current CUDA device.

    compute: from tensors on the device to one flat tensor; it may not wait for the device. Every
    call copies its inputs to the memory that was recorded, through pinned buffers.
    """

    def __init__(
        self, compute: Callable[..., Tensor], examples: Sequence[Array], device: torch.device
    ) -> None:
        self._pinned = [torch.from_numpy(np.array(each)).pin_memory() for each in examples]
        self._inputs = [pinned.to(device) for pinned in self._pinned]
        side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(side):
            for _ in range(_WARM_UPS):
                compute(*self._inputs)
        torch.cuda.current_stream(device).wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use the device for something else meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._output = compute(*self._inputs)
        self._fetched = torch.empty_like(self._output, device="cpu", pin_memory=True)
        self._device = device

    def __call__(self, values: Sequence[Array]) -> Floats:
        """Replay it for other values; the result is the caller's own."""
        for pinned, tensor, array in zip(self._pinned, self._inputs, values, strict=True):
            pinned.copy_(torch.from_numpy(array))
            tensor.copy_(pinned, non_blocking=True)
        self._graph.replay()
        self._fetched.copy_(self._output, non_blocking=True)
        torch.cuda.current_stream(self._device).synchronize()
        fetched: Floats = self._fetched.numpy().copy()
        return fetched
