"""Setting an untrained network's batch-norm statistics from pictures, without torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import openvino
from openvino import opset13

from resnet_core.engines.openvino.operations import OpenVINOOps
from resnet_core.explained.statistics import batch_norm_statistics
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import prepare_batch
from resnet_core.weights.model import Model
from resnet_core.weights.untrained import with_statistics


def calibrated(model: Model, frames: Sequence[Frame]) -> Model:
    """The untrained model with the statistics that these pictures show, layer after layer."""
    pictures = prepare_batch(frames, model.card.preprocessing)
    ops = OpenVINOOps()
    parameter = opset13.parameter(list(pictures.shape), np.float32)
    nodes = batch_norm_statistics(ops, model.config, model.tensors, parameter)
    results = [node for pair in nodes.values() for node in pair]
    compiled = openvino.Core().compile_model(
        openvino.Model(results, [parameter]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    values = [np.array(value) for value in compiled([pictures]).values()]
    pairs = zip(values[::2], values[1::2], strict=True)
    return with_statistics(model, dict(zip(nodes, pairs, strict=True)))
