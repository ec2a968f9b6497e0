"""Whether minimal filters pay on this processor, which multiplies less and moves more for them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import openvino
from openvino import opset13

from resnet_core.engines.openvino.filtering import FilteringOps
from resnet_core.engines.openvino.operations import OpenVINOOps
from resnet_core.networks.config import Convolution

logger = logging.getLogger(__name__)

FEWEST_POSITIONS = 192 * 192
"""Smaller pictures, all of a batch taken together, leave too little work for each of the products.

ResNet-18 on two cores of a Zen 3: 0.87 of the time without filters at 224, 1.0 at 128, 1.2 at 64.
"""

FEWEST_POSITIONS_BESIDE = 128 * 128
"""The same where pictures are explained side by side: no product waits for another core.

ResNet-18 on the same: 0.93 of the time without filters at 128.
"""

_STAGES = ((64, 64), (64, 128), (128, 256))
_ROUNDS = 25
_LEAST_GAIN = 0.03
_MOST_DIFFERENCE = 1e-4  # of the largest number


def filters_pay(device: str, properties: dict[str, Any], side: int) -> bool:
    """Time both ways in turn on a few convolutions of conv2_x to conv4_x; half a second.

    side: of a picture. Asked again in the same process it remembers. They do not pay where results
    differ or OpenVINO fails, either.
    """
    try:
        return _pay(device, tuple(sorted(properties.items())), side)
    except RuntimeError:
        logger.exception("Minimal filters cannot be tried on %s and are not used", device)
        return False


@lru_cache
def _pay(device: str, properties: tuple[tuple[str, Any], ...], side: int) -> bool:
    core = openvino.Core()
    ways = [
        core.compile_model(_stages(ops, side // 2), device, dict(properties)).create_infer_request()
        for ops in (OpenVINOOps(), FilteringOps())
    ]
    x = np.random.default_rng(0).standard_normal(
        (1, _STAGES[0][0], side // 2, side // 2), np.float32
    )
    plain, filtered = (np.array(way.infer([x])[0]) for way in ways)
    if np.abs(plain - filtered).max() > _MOST_DIFFERENCE * np.abs(plain).max():
        logger.warning("Minimal filters give other results on %s and are not used", device)
        return False
    seconds = np.array([[_seconds(way.infer) for way in ways] for _ in range(_ROUNDS)])
    # The quickest of each: a live picture may keep the processors busy meanwhile.
    plain_seconds, filtered_seconds = seconds.min(axis=0)
    share = float(filtered_seconds / plain_seconds)
    logger.info("Minimal filters take %.2f of the time on %s", share, device)
    return share < 1 - _LEAST_GAIN


def _stages(ops: OpenVINOOps, side: int) -> openvino.Model:
    """side: of what conv1 gives, before pooling."""
    random = np.random.default_rng(0)
    picture = opset13.parameter([1, _STAGES[0][0], side, side], np.float32)
    x = ops.max_pooling(picture)
    for before, channels in _STAGES:
        stride = channels // before
        for shape in (
            Convolution(3, before, channels, stride),
            Convolution(3, channels, channels),
        ):
            size = (shape.out_channels, shape.in_channels, 3, 3)
            weight = random.standard_normal(size, np.float32) / np.sqrt(9 * shape.in_channels)
            x = ops.relu(ops.convolution(x, weight, shape))
    return openvino.Model([ops.result(x)], [picture])


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
