"""OpenVINO as an engine: graphs are built once per model, shape and batch, and kept compiled."""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino
from openvino import opset13

from resnet_core.arrays import Floats
from resnet_core.engines.batches import batch, strengths_of
from resnet_core.engines.engine import EngineDescription, Request
from resnet_core.engines.openvino.compiled import CompiledCache
from resnet_core.engines.openvino.filtering import FilteringOps
from resnet_core.engines.openvino.filtering_trial import (
    FEWEST_POSITIONS,
    FEWEST_POSITIONS_BESIDE,
    filters_pay,
)
from resnet_core.engines.openvino.operations import OpenVINOOps
from resnet_core.engines.openvino.rounding import RoundingOps
from resnet_core.errors import EngineError
from resnet_core.explained.folding import fold
from resnet_core.explained.graph import Inputs, Outputs, explain, predict
from resnet_core.explained.unpacking import Run, block_tensors, full_names, unpack
from resnet_core.explained.values import BlockTensors, Explained
from resnet_core.pictures.preprocessing import Preprocessing, normalisation
from resnet_core.weights.model import Model

KEPT_MODELS = 6
"""Compiled models that stay in memory; a ResNet-152 holds its weights twice, 480 MB."""


@dataclass(frozen=True, slots=True)
class _Key:
    model: str
    preprocessing: Preprocessing  # normalising is part of the graph
    batch: int
    size: tuple[int, int]
    forward_only: bool = False
    strengths: bool = True  # whether they are an input, or all 1
    full: str | None = None  # the block whose whole tensors come out as well
    filtering: bool | None = None  # as the engine was asked for it; a trial decides on None


class OpenVINOEngine:
    """The explained graph on an OpenVINO device, ``CPU`` or ``GPU``.

    threads: how many the CPU uses; None leaves it to OpenVINO. cache: where compiled models are
    kept from one start to the next. precision: ``f32``, or ``bf16`` where the device has it.
    filtering: whether every block is explained with minimal filters for its 3x3 convolutions; None
    where pictures are large enough, the CPU computes in f32 and a short trial says that it pays.
    Only in f32 are there any.
    Raises EngineError if the device is not there or has no such precision.
    """

    def __init__(
        self,
        device: str = "CPU",
        threads: int | None = None,
        cache: CompiledCache | None = None,
        precision: str = "f32",
        filtering: bool | None = None,
    ) -> None:
        self._core = openvino.Core()
        self._cache = cache or CompiledCache()
        self._device = device
        self._properties: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            # Said outright: on CPUs with bfloat16 OpenVINO would quietly choose that.
            "INFERENCE_PRECISION_HINT": precision,
        }
        if threads is not None and device == "CPU":
            self._properties["INFERENCE_NUM_THREADS"] = threads
        self._streams = 1  # pictures that its compiled models can explain at once
        self._compiled: OrderedDict[_Key, openvino.InferRequest] = OrderedDict()
        try:
            self._device_name = str(self._core.get_property(device, "FULL_DEVICE_NAME"))
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO finds no device {device} on this computer; choose openvino:cpu."
            ) from error
        self._precision = precision
        self._filtering = filtering
        if precision != "f32" and precision.upper() not in self._capabilities():
            raise EngineError(
                f"{self._device_name.strip()} does not multiply in {precision}; choose f32."
            )

    def _capabilities(self) -> list[str]:
        return list(self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES"))

    def describe(self) -> EngineDescription:
        return EngineDescription(
            name=f"openvino:{self._device.lower()}",
            title=f"OpenVINO {self._device}",
            device=self._device_name.strip(),
            precision=self._precision,
            version=openvino.__version__.split("-")[0],
        )

    def prepare(self, model: Model, batch: int = 1, *, forward_only: bool = False) -> None:
        size = model.card.preprocessing.crop
        key = self._key(model, batch, size, forward_only=forward_only, strengths=not forward_only)
        self._request(key, model)

    def explain(self, request: Request) -> Explained:
        return self.explain_batch([request])[0]

    def explain_batch(self, requests: Sequence[Request]) -> list[Explained]:
        if requests:
            self.prepare(
                requests[0].model, len(requests)
            )  # compiling is no part of a picture's time
        started = time.perf_counter()
        arrays = batch(requests)
        key = self._key(arrays.model, len(requests), arrays.size)
        results = self._infer(self._request(key, arrays.model), arrays.inputs)
        # OpenVINO writes the next results to the same memory.
        outputs = Outputs.of([np.array(result, np.float32) for result in results])
        seconds = (time.perf_counter() - started) / len(requests)
        description = self.describe()
        return unpack(
            outputs,
            arrays.model.config,
            [request.identity for request in requests],
            Run(description.name, description.precision, seconds),
        )

    def logits(self, model: Model, inputs: Floats, strengths: Floats | None = None) -> Floats:
        count, _, height, width = inputs.shape
        size, scaled = (height, width), strengths is not None
        key = self._key(model, count, size, forward_only=True, strengths=scaled)
        arrays = [inputs, strengths_of(model, count, strengths)] if scaled else [inputs]
        results = self._infer(self._request(key, model), arrays)
        return np.array(results[0])

    def tensors(self, request: Request, block: str) -> BlockTensors:
        arrays = batch([request])
        key = self._key(arrays.model, 1, arrays.size, full=block)
        results = self._infer(self._request(key, arrays.model), arrays.inputs)
        names = full_names(arrays.model.config, block)
        return block_tensors(block, dict(zip(names, results[-len(names) :], strict=True)))

    def streams(self, model: Model, count: int) -> tuple[OpenVINOEngine, ...]:
        if self._device != "CPU":
            return ()
        first = copy.copy(self)
        first._streams, first._compiled = count, OrderedDict()
        first.prepare(model)
        requests = list(first._compiled.values())
        if requests[0].get_compiled_model().get_property("NUM_STREAMS") < count:
            return ()  # one core, or one thread
        return (first, *(first._sibling() for _ in range(count - 1)))

    def close(self) -> None:
        self._compiled.clear()

    def _sibling(self) -> OpenVINOEngine:
        """Another engine on the same compiled models."""
        other = copy.copy(self)
        other._compiled = OrderedDict(
            (key, request.get_compiled_model().create_infer_request())
            for key, request in self._compiled.items()
        )
        return other

    def _infer(self, request: openvino.InferRequest, arrays: list[Any]) -> list[Floats]:
        try:
            results = request.infer(dict(enumerate(arrays)), share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO failed on {self._device_name} while it computed ({_first_line(error)}); "
                "try again or choose another engine."
            ) from error
        return list(results.values())

    def _request(self, key: _Key, model: Model) -> openvino.InferRequest:
        known = self._compiled.get(key)
        if known is None:
            while len(self._compiled) >= KEPT_MODELS:
                self._compiled.popitem(last=False)
            known = self._compiled[key] = self._compile(key, model)
        self._compiled.move_to_end(key)
        return known

    @property
    def _all_properties(self) -> dict[str, Any]:
        if self._streams == 1:
            return self._properties
        return {**self._properties, "NUM_STREAMS": self._streams}

    def _compile(self, key: _Key, model: Model) -> openvino.InferRequest:
        properties = self._all_properties
        kept = self._cache.load(self._core, self._device, properties, key)
        if kept is not None:
            return kept.create_infer_request()
        if key.forward_only:
            graph = build_forward(model, key.batch, key.size, strengths=key.strengths)
        else:
            graph = build(model, key.batch, key.size, self._ops(key), full=key.full)
        try:
            compiled = self._core.compile_model(graph, self._device, properties)
            self._cache.keep(self._core, self._device, properties, key, compiled)
            return compiled.create_infer_request()
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO cannot prepare {model.config.title} on {self._device_name} "
                f"({_first_line(error)}); choose a smaller network or another engine."
            ) from error

    def _ops(self, key: _Key) -> OpenVINOOps:
        if self._precision != "f32":
            return RoundingOps()
        return FilteringOps() if self._with_filters(key) else OpenVINOOps()

    def _with_filters(self, key: _Key) -> bool:
        if key.filtering is not None:
            return key.filtering
        height, width = key.size
        fewest, side = (
            (FEWEST_POSITIONS, 224) if self._streams == 1 else (FEWEST_POSITIONS_BESIDE, 128)
        )
        large = key.batch * height * width >= fewest
        on_cpu = self._device == "CPU"
        return large and on_cpu and filters_pay(self._device, self._all_properties, side)

    def _key(self, model: Model, batch: int, size: tuple[int, int], **rest: Any) -> _Key:
        preprocessing = model.card.preprocessing
        return _Key(model.identity, preprocessing, batch, size, filtering=self._filtering, **rest)


def build_forward(
    model: Model, count: int, size: tuple[int, int], *, strengths: bool
) -> openvino.Model:
    """The bare forward pass as an OpenVINO model of static shapes.

    strengths: whether F(x) is scaled by an input (N, blocks, 1, 1).
    """
    ops, network = OpenVINOOps(), fold(model.config, model.tensors)
    inputs = [opset13.parameter([count, 3, *size], np.float32, "pictures")]
    if strengths:
        shape = [count, len(network.blocks), 1, 1]
        inputs.append(opset13.parameter(shape, np.float32, "strengths"))
    return openvino.Model([predict(ops, network, *inputs)], inputs, model.card.name)


def build(
    model: Model,
    count: int,
    size: tuple[int, int],
    ops: OpenVINOOps,
    *,
    full: str | None = None,
) -> openvino.Model:
    """The explained graph as an OpenVINO model of static shapes.

    full: the block whose whole tensors come out as well.
    """
    network = fold(model.config, model.tensors)
    pixels = opset13.parameter([count, *size, 3], np.uint8, "pixels")
    pictures = ops.normalised(pixels, *normalisation(model.card.preprocessing))
    strengths = opset13.parameter([count, len(network.blocks), 1, 1], np.float32, "strengths")
    target = opset13.parameter([count], np.int32, "target")
    loss = opset13.parameter([count, 1], np.float32, "loss")
    wanted = () if full is None else (full,)
    out = explain(ops, network, Inputs(pictures, target, loss, strengths), wanted)
    results = out.in_order()
    if full is not None:
        results.extend(out.full[name] for name in full_names(model.config, full))
    return openvino.Model(
        [ops.result(result) for result in results],
        [pixels, target, loss, strengths],
        model.card.name,
    )


def _first_line(error: Exception) -> str:
    # OpenVINO's messages begin with source positions; the last line is what went wrong.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
