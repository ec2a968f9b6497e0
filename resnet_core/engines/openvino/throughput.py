"""OpenVINO's own way to answer many pictures: several requests at once, as its benchmark does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import openvino

from resnet_core.engines.openvino.engine import build_forward
from resnet_core.weights.model import Model


def bare_throughput(model: Model, batch: int) -> Callable[[int], None]:
    """The bare forward pass compiled for throughput; call it with a number of pictures.

    They are made up and already on the network's size, so that nothing but the network is paid.
    The number is rounded up to whole batches.
    """
    size = model.card.preprocessing.crop
    graph = build_forward(model, batch, size, strengths=False)
    properties = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
    queue = openvino.AsyncInferQueue(openvino.Core().compile_model(graph, "CPU", properties))
    inputs = np.random.default_rng(0).standard_normal((batch, 3, *size), np.float32)

    def answer(pictures: int) -> None:
        for _ in range(-(-pictures // batch)):
            queue.start_async({0: inputs}, share_inputs=True)
        queue.wait_all()

    return answer
