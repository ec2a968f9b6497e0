"""torch as an engine: the same graph, run operation by operation without autograd."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from resnet_core.arrays import Array, Floats
from resnet_core.engines.batches import Batch, batch, strengths_of
from resnet_core.engines.engine import EngineDescription, Request
from resnet_core.engines.torch.captured import Captured
from resnet_core.engines.torch.gathering import CudaOps, GatheringOps, fuses
from resnet_core.engines.torch.operations import TorchOps
from resnet_core.errors import EngineError
from resnet_core.explained.folding import FoldedNetwork, fold
from resnet_core.explained.graph import Inputs, Outputs, explain, predict
from resnet_core.explained.unpacking import Run, block_tensors, full_names, unpack
from resnet_core.explained.values import BlockTensors, Explained
from resnet_core.pictures.preprocessing import Preprocessing, normalisation
from resnet_core.weights.model import Model

Shapes = list[torch.Size]

KEPT_MODELS = 4
KEPT_RECORDINGS = 4

_TITLES = {"cpu": "torch CPU", "cuda": "torch CUDA", "mps": "torch MPS", "xpu": "torch XPU"}
_DTYPES = {"f32": torch.float32, "f16": torch.float16}

PRECISIONS = {"cuda": ("f32", "f16"), "mps": ("f32", "f16"), "xpu": ("f32", "f16"), "cpu": ("f32",)}
"""What is worth trying on a device, the exact one first."""

_UNSCALED = 3
"""How many inputs a graph without strengths has."""

F16_GRADIENT_SCALE = 2.0**10
"""Gradients of a score are often smaller than float16's smallest number, 6e-8."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """normalisation: scale and shift of pixels.

    recorded: by the pictures' shape and whether there are strengths; only CUDA records.
    unscaling: by the results' shapes.
    """

    ops: TorchOps
    network: FoldedNetwork
    normalisation: tuple[Floats, Floats]
    recorded: OrderedDict[tuple[tuple[int, ...], bool], tuple[Captured, Shapes]]
    unscaling: dict[tuple[torch.Size, ...], Floats]


class TorchEngine:
    """The explained graph on a torch device: ``cpu``, ``cuda``, ``mps`` or ``xpu``.

    precision: of the convolutions, ``f32`` or ``f16``; norms, means and the classifier are float32
    in both.
    Raises EngineError if torch does not find the device, or for another precision.
    """

    def __init__(self, device: str = "cpu", precision: str = "f32") -> None:
        if device not in available_devices():
            raise EngineError(
                f"torch {torch.__version__} finds no {device} device on this computer; "
                "check its driver or choose another engine."
            )
        if precision not in _DTYPES:
            raise EngineError(f"torch does not explain in {precision}; choose f32 or f16.")
        self._device = torch.device(device)
        self._precision, self._dtype = precision, _DTYPES[precision]
        self._gradient_scale = F16_GRADIENT_SCALE if precision == "f16" else 1.0
        self._loaded: OrderedDict[tuple[str, Preprocessing], _Loaded] = OrderedDict()

    def describe(self) -> EngineDescription:
        kind = self._device.type
        name = torch.cuda.get_device_name(self._device) if kind == "cuda" else kind.upper()
        return EngineDescription(
            f"torch:{kind}", _TITLES[kind], name, self._precision, torch.__version__
        )

    def prepare(self, model: Model, batch: int = 1, *, forward_only: bool = False) -> None:
        self._prepare(model, batch, forward_only=forward_only)

    def explain(self, request: Request) -> Explained:
        return self.explain_batch([request])[0]

    def explain_batch(self, requests: Sequence[Request]) -> list[Explained]:
        if requests:
            # No part of a picture's time.
            scaled = any(t != 1 for each in requests for t in each.strengths.values())
            self._prepare(requests[0].model, len(requests), scaled=scaled)
        started = time.perf_counter()
        arrays = batch(requests)
        outputs = self._outputs(arrays)
        description = self.describe()
        seconds = (time.perf_counter() - started) / len(requests)
        return unpack(
            outputs,
            arrays.model.config,
            [request.identity for request in requests],
            Run(description.name, description.precision, seconds),
        )

    def logits(self, model: Model, inputs: Floats, strengths: Floats | None = None) -> Floats:
        loaded = self._load(model)
        with self._computing():
            factors = None
            if strengths is not None:
                factors = self._send(strengths_of(model, len(inputs), strengths)).to(self._dtype)
            pictures = self._send(inputs).to(self._dtype, memory_format=torch.channels_last)
            return _array(predict(loaded.ops, loaded.network, pictures, factors))

    def tensors(self, request: Request, block: str) -> BlockTensors:
        arrays = batch([request])
        names = full_names(arrays.model.config, block)
        with self._computing():
            inputs = [self._send(values) for values in arrays.inputs]
            full = self._explained(self._load(arrays.model), inputs, (block,)).full
            found = {name: _array(full[name]) for name in names}
        for name in names:
            if not name.endswith(".activation"):
                found[name] /= self._gradient_scale
        return block_tensors(block, found)

    def streams(self, model: Model, count: int) -> tuple[TorchEngine, ...]:
        return ()

    def close(self) -> None:
        self._loaded.clear()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _prepare(
        self, model: Model, batch: int, *, forward_only: bool = False, scaled: bool = False
    ) -> None:
        """Load the model and, where there is one, make the recording. scaled: with strengths."""
        loaded = self._load(model)
        if self._device.type != "cuda" or forward_only:
            return
        examples: list[Array] = [
            np.zeros((batch, *model.card.preprocessing.crop, 3), np.uint8),
            np.zeros(batch, np.int32),
            np.zeros((batch, 1), np.float32),
        ]
        if scaled:
            examples.append(np.ones((batch, len(model.config.blocks), 1, 1), np.float32))
        with self._computing():
            self._recorded(loaded, examples)

    def _outputs(self, arrays: Batch) -> Outputs[Floats]:
        loaded = self._load(arrays.model)
        inputs = arrays.inputs
        if (arrays.strengths == 1).all():
            inputs = inputs[:_UNSCALED]
        with self._computing():
            if self._device.type == "cuda":
                captured, shapes = self._recorded(loaded, inputs)
                values = captured(inputs)
            else:
                sent = [self._send(values) for values in inputs]
                flat, shapes = _joined(self._explained(loaded, sent))
                values = _array(flat)
        if self._gradient_scale != 1:
            values *= self._unscaling(loaded, shapes)
        return _separated(values, shapes)

    def _explained(
        self, loaded: _Loaded, inputs: Sequence[Tensor], full: Sequence[str] = ()
    ) -> Outputs[Tensor]:
        """The graph on what was sent as it came: all conversions are part of a recording.

        inputs: pixels, target, loss and, unless all are 1, strengths.
        """
        pixels, target, loss, *strengths = inputs
        factors = strengths[0].to(self._dtype) if strengths else None
        pictures = loaded.ops.normalised(pixels, *loaded.normalisation)
        converted = Inputs(pictures, target.long(), loss, factors)
        return explain(loaded.ops, loaded.network, converted, full)

    def _recorded(self, loaded: _Loaded, examples: list[Array]) -> tuple[Captured, Shapes]:
        key = examples[0].shape, len(examples) > _UNSCALED
        known = loaded.recorded.get(key)
        if known is None:
            while len(loaded.recorded) >= KEPT_RECORDINGS:
                loaded.recorded.popitem(last=False)
            shapes: Shapes = []

            def compute(*inputs: Tensor) -> Tensor:
                flat, shapes[:] = _joined(self._explained(loaded, inputs))
                return flat

            known = loaded.recorded[key] = Captured(compute, examples, self._device), shapes
        loaded.recorded.move_to_end(key)
        return known

    def _unscaling(self, loaded: _Loaded, shapes: Shapes) -> Floats:
        """The factor on each number that makes gradients what they are."""
        key = tuple(shapes)
        known = loaded.unscaling.get(key)
        if known is None:
            known = np.ones(sum(map(torch.Size.numel, shapes)), np.float32)
            loaded.unscaling[key] = known
            outputs = _separated(known, shapes)
            scaled = [
                scaled
                for maps in outputs.maps
                for scaled in (maps.activation_and_grad_cam[:, 1:], maps.gradient, maps.layer_cam)
            ]
            for gradients in (*scaled, *outputs.gradient_norms):
                np.divide(gradients, self._gradient_scale, out=gradients)
        return known

    def _load(self, model: Model) -> _Loaded:
        preprocessing = model.card.preprocessing
        key = (model.identity, preprocessing)
        known = self._loaded.get(key)
        if known is None:
            while len(self._loaded) >= KEPT_MODELS:
                self._loaded.popitem(last=False)
            ops = _ops_of(self._device)(self._device, self._dtype, self._gradient_scale)
            network = fold(model.config, model.tensors)
            known = _Loaded(ops, network, normalisation(preprocessing), OrderedDict(), {})
            self._loaded[key] = known
        self._loaded.move_to_end(key)
        return known

    def _send(self, values: Array) -> Tensor:
        return torch.from_numpy(values).to(self._device)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Without autograd, in the precision that is told, with failures in a sentence."""
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode())
            if self._device.type == "cuda":
                # cuDNN would round float32 to 10 bits; shapes stay, so trying algorithms pays.
                flags = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False)
                stack.enter_context(flags)
                matmul = torch.backends.cuda.matmul
                if matmul.allow_tf32:  # so would cuBLAS, for a program that allows it
                    stack.callback(setattr, matmul, "allow_tf32", True)
                    matmul.allow_tf32 = False
            try:
                yield
            except RuntimeError as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise EngineError(
                    f"torch failed on {self._device} while it computed ({reason}); "
                    "try again or choose another engine."
                ) from error


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


def _ops_of(device: torch.device) -> type[TorchOps]:
    if device.type == "cpu":
        return TorchOps
    return CudaOps if device.type == "cuda" and fuses() else GatheringOps


def _joined(outputs: Outputs[Tensor]) -> tuple[Tensor, Shapes]:
    """All outputs as one tensor: a device answers a hundred small transfers slowly."""
    tensors = outputs.in_order()
    return torch.cat([each.float().flatten() for each in tensors]), [each.shape for each in tensors]


def _separated(values: Floats, shapes: Shapes) -> Outputs[Floats]:
    """Views of the parts."""
    parts, end = [], 0
    for shape in shapes:
        start, end = end, end + shape.numel()
        parts.append(values[start:end].reshape(shape))
    return Outputs.of(parts)


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.float().cpu().numpy()
    return array
