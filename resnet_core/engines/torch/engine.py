"""torch as an engine: the same graph, run operation by operation without autograd."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from resnet_core.engines.batches import Batch, batch, strengths_of
from resnet_core.engines.engine import EngineDescription, Request
from resnet_core.engines.torch.operations import TorchOps
from resnet_core.errors import EngineError
from resnet_core.explained.folding import FoldedNetwork, fold
from resnet_core.explained.graph import Inputs, Outputs, explain, predict
from resnet_core.explained.unpacking import Run, block_tensors, full_names, unpack
from resnet_core.explained.values import BlockTensors, Explained
from resnet_core.weights.model import Model

Array = npt.NDArray[np.float32]

KEPT_MODELS = 4

_TITLES = {"cpu": "torch CPU", "cuda": "torch CUDA", "mps": "torch MPS", "xpu": "torch XPU"}


@dataclass(frozen=True, slots=True)
class _Loaded:
    ops: TorchOps
    network: FoldedNetwork


class TorchEngine:
    """The explained graph on a torch device: ``cpu``, ``cuda``, ``mps`` or ``xpu``.

    Raises EngineError if torch does not find the device.
    """

    def __init__(self, device: str = "cpu") -> None:
        if device not in available_devices():
            raise EngineError(
                f"torch {torch.__version__} finds no {device} device on this computer; "
                "check its driver or choose another engine."
            )
        self._device = torch.device(device)
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()

    def describe(self) -> EngineDescription:
        kind = self._device.type
        name = torch.cuda.get_device_name(self._device) if kind == "cuda" else kind.upper()
        return EngineDescription(f"torch:{kind}", _TITLES[kind], name, "f32", torch.__version__)

    def prepare(self, model: Model, batch: int = 1, *, forward_only: bool = False) -> None:
        del batch, forward_only  # nothing is compiled: sending the weights is all there is to do
        self._load(model)

    def explain(self, request: Request) -> Explained:
        return self.explain_batch([request])[0]

    def explain_batch(self, requests: Sequence[Request]) -> list[Explained]:
        started = time.perf_counter()
        arrays = batch(requests)
        outputs = _fetched(self._run(arrays))
        description = self.describe()
        seconds = (time.perf_counter() - started) / len(requests)
        return unpack(
            outputs,
            arrays.model.config,
            [request.identity for request in requests],
            Run(description.name, description.precision, seconds),
        )

    def logits(self, model: Model, inputs: Array, strengths: Array | None = None) -> Array:
        loaded = self._load(model)
        scaled = strengths is not None
        factors = self._send(strengths_of(model, len(inputs), strengths)) if scaled else None
        try:
            with torch.inference_mode():
                logits = predict(loaded.ops, loaded.network, self._picture(inputs), factors)
                return _array(logits)
        except RuntimeError as error:
            raise self._failed(error) from error

    def tensors(self, request: Request, block: str) -> BlockTensors:
        arrays = batch([request])
        names = full_names(arrays.model.config, block)
        full = self._run(arrays, block).full
        return block_tensors(block, {name: _array(full[name]) for name in names})

    def _run(self, arrays: Batch, *full: str) -> Outputs[Tensor]:
        loaded = self._load(arrays.model)
        try:
            with torch.inference_mode():
                inputs = Inputs(
                    self._picture(arrays.pictures),
                    torch.from_numpy(arrays.target).to(self._device, torch.int64),
                    self._send(arrays.loss),
                    None if (arrays.strengths == 1).all() else self._send(arrays.strengths),
                )
                return explain(loaded.ops, loaded.network, inputs, full)
        except RuntimeError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        self._loaded.clear()

    def _load(self, model: Model) -> _Loaded:
        known = self._loaded.get(model.identity)
        if known is None:
            while len(self._loaded) >= KEPT_MODELS:
                self._loaded.popitem(last=False)
            known = _Loaded(TorchOps(self._device), fold(model.config, model.tensors))
            self._loaded[model.identity] = known
        self._loaded.move_to_end(model.identity)
        return known

    def _send(self, values: Array) -> Tensor:
        return torch.from_numpy(values).to(self._device)

    def _picture(self, values: Array) -> Tensor:
        return self._send(values).contiguous(memory_format=torch.channels_last)

    def _failed(self, error: Exception) -> EngineError:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return EngineError(
            f"torch failed on {self._device} while it computed ({reason}); "
            "try again or choose another engine."
        )


def available_devices() -> tuple[str, ...]:
    """The devices that torch can use here, the CPU last."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    if torch.xpu.is_available():
        found.append("xpu")
    return (*found, "cpu")


def _fetched(outputs: Outputs[Tensor]) -> Outputs[npt.NDArray[np.float32]]:
    """The outputs as arrays, in one transfer: a device answers a hundred small ones slowly."""
    tensors = outputs.in_order()
    values = _array(torch.cat([tensor.float().flatten() for tensor in tensors]))
    ends = np.cumsum([tensor.numel() for tensor in tensors])
    parts = np.split(values, ends[:-1])
    shaped = [part.reshape(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
    return Outputs.of(shaped)


def _array(tensor: Tensor) -> Array:
    array: Array = tensor.float().cpu().numpy()
    return array
