"""Convolutions on rows that lie apart against torch's own, and when an engine uses them."""

import numpy as np
import openvino
import pytest
import torch
from openvino import opset13
from torch.nn import functional

from resnet_core.engines.engine import Request
from resnet_core.engines.openvino import engine as engines
from resnet_core.engines.openvino import filtering_trial
from resnet_core.engines.openvino.compiled import CompiledCache
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.engines.openvino.filtering import FilteringOps
from resnet_core.engines.openvino.filtering_trial import (
    FEWEST_POSITIONS,
    FEWEST_POSITIONS_BESIDE,
    filters_pay,
)
from resnet_core.networks.config import Convolution, NetworkConfig
from tests.engines.conftest import frame, model_of

CHANNELS = 16
PLAIN = Convolution(3, CHANNELS, CHANNELS)
HALVING = Convolution(3, CHANNELS, CHANNELS, stride=2)
POINTWISE = Convolution(1, CHANNELS, CHANNELS)
PROJECTION = Convolution(1, CHANNELS, CHANNELS, stride=2)
F32 = {"INFERENCE_PRECISION_HINT": "f32"}


def numbers(*size, seed=0):
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def weight_of(shape):
    return numbers(*shape.weight_shape, seed=1) / shape.kernel / CHANNELS**0.5


def run(x, steps):
    """What an OpenVINO model gives whose pooled input goes through the steps, (ops, node) each."""
    ops = FilteringOps()
    given = opset13.parameter(list(x.shape), np.float32)
    node = ops.max_pooling(given)
    for step in steps:
        node = step(ops, node)
    model = openvino.Model([ops.result(node)], [given])
    return next(iter(openvino.compile_model(model, "CPU", F32)([x]).values()))


def torchs(x, steps):
    x = functional.max_pool2d(torch.from_numpy(x), 3, 2, 1)
    for step in steps:
        x = step(x)
    return x.numpy()


def convolve(shape, bias=None):
    def ours(ops, x):
        return ops.convolution(x, weight_of(shape), shape, bias)

    def theirs(x):
        added = None if bias is None else torch.from_numpy(bias.ravel())
        weight = torch.from_numpy(weight_of(shape))
        return functional.conv2d(x, weight, added, shape.stride, shape.padding)

    return ours, theirs


def transpose(shape):
    def ours(ops, g):
        return ops.convolution_transposed(g, weight_of(shape), shape)

    def theirs(g):
        weight = torch.from_numpy(weight_of(shape))
        return functional.conv_transpose2d(
            g, weight, None, shape.stride, shape.padding, shape.stride - 1
        )

    return ours, theirs


WAYS = {
    "nothing but the order of rows": [],
    "m of 4, rows apart by 8": [convolve(PLAIN, numbers(1, CHANNELS, 1, 1))],
    "m of 4, rows apart by 4": [convolve(HALVING), convolve(PLAIN)],
    "m of 2, rows apart by 2": [convolve(HALVING), convolve(PROJECTION), convolve(PLAIN)],
    "in order again": [*[convolve(HALVING, numbers(1, CHANNELS, 1, 1))] * 3, convolve(PLAIN)],
    "1x1": [convolve(POINTWISE), convolve(PROJECTION, numbers(1, CHANNELS, 1, 1))],
    "backwards at stride 1": [transpose(PLAIN), transpose(POINTWISE)],
    "backwards through every stride": [*[convolve(PROJECTION)] * 3, *[transpose(HALVING)] * 3],
    "backwards through strided 1x1": [convolve(HALVING), transpose(PROJECTION)],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [(1, 16, 16), (1, 112, 48), (3, 32, 48)], ids=str)
def test_equals_torch(way, size):
    count, height, width = size
    x = numbers(count, CHANNELS, height, width)
    steps = WAYS[way]

    found = run(x, [ours for ours, _ in steps])

    np.testing.assert_allclose(found, torchs(x, [theirs for _, theirs in steps]), atol=2e-5)


def test_gradients_are_spread_to_every_second_position():
    x = numbers(1, CHANNELS, 32, 32)
    steps = [
        lambda ops, x: ops.keep_every_second(x),
        lambda ops, x: ops.add_to_every_second(ops.spread_to_every_second(x), x),
    ]

    found = run(x, steps)

    expected = torchs(x, []).copy()
    expected[:, :, 1::2] = 0
    expected[:, :, :, 1::2] = 0
    np.testing.assert_array_equal(found, 2 * expected)


@pytest.fixture
def built(monkeypatch):
    """Whether each graph that was built had filters."""
    seen = []

    def build(model, count, size, ops, **named):
        seen.append(isinstance(ops, FilteringOps))
        return original(model, count, size, ops, **named)

    original = engines.build
    monkeypatch.setattr(engines, "build", build)
    return seen


@pytest.mark.parametrize("pays", [True, False])
def test_a_trial_decides_where_pictures_are_large(built, monkeypatch, pays):
    monkeypatch.setattr(engines, "filters_pay", lambda *_: pays)
    monkeypatch.setattr(engines, "FEWEST_POSITIONS", 64 * 64)
    config = NetworkConfig(18, classes=10)
    for size in ((64, 64), (32, 64)):
        picture = frame(1, *size)
        OpenVINOEngine().explain(Request(picture, model_of(config, size)))

    assert built == [pays, False]


def test_side_by_side_smaller_pictures_are_large_enough(built, monkeypatch):
    monkeypatch.setattr(engines, "filters_pay", lambda *_: True)
    monkeypatch.setattr(engines, "FEWEST_POSITIONS", 96 * 96)
    monkeypatch.setattr(engines, "FEWEST_POSITIONS_BESIDE", 64 * 64)
    model = model_of(NetworkConfig(18, classes=10), (64, 64))
    engine = OpenVINOEngine(threads=2)

    engine.prepare(model)
    streams = engine.streams(model, 2)

    assert built == [False, True]
    assert len(streams) == 2


def test_several_small_pictures_are_large_together(built, monkeypatch):
    monkeypatch.setattr(engines, "filters_pay", lambda *_: True)
    monkeypatch.setattr(engines, "FEWEST_POSITIONS", 2 * 32 * 32)
    model = model_of(NetworkConfig(18, classes=10), (32, 32))

    OpenVINOEngine().explain_batch([Request(frame(seed, 32, 32), model) for seed in (1, 2)])

    assert built == [True]


def test_kept_models_know_whether_they_were_to_have_filters(built, small_model, tmp_path):
    for wish in (True, False, True):
        engine = OpenVINOEngine(cache=CompiledCache(tmp_path, 2**30), filtering=wish)
        engine.explain(Request(frame(1), small_model))

    assert built == [True, False]  # the third was on the disk


@pytest.fixture
def clock(monkeypatch):
    """What each of two ways takes in turn, in seconds."""
    filtering_trial._pay.cache_clear()
    turns = [1.0, 1.0]
    calls = iter(range(10**6))
    monkeypatch.setattr(filtering_trial, "_seconds", lambda _: turns[next(calls) % 2])
    yield turns
    filtering_trial._pay.cache_clear()


@pytest.mark.parametrize(("filtered", "pays"), [(0.8, True), (0.99, False), (1.3, False)])
def test_filters_have_to_gain_something(clock, filtered, pays):
    clock[1] = filtered

    assert filters_pay("CPU", F32, 224) is pays


def test_what_else_runs_does_not_decide_about_filters(monkeypatch):
    filtering_trial._pay.cache_clear()
    random = np.random.default_rng(0)
    ways = iter(range(10**6))
    # Both wait in most of the rounds, for as long as an explanation takes.
    monkeypatch.setattr(
        filtering_trial, "_seconds", lambda _: (1.0, 0.9)[next(ways) % 2] + random.choice([0, 5, 9])
    )
    assert filters_pay("CPU", F32, 224)
    filtering_trial._pay.cache_clear()


def test_filters_that_differ_are_not_used(clock, monkeypatch):
    class Wrong(FilteringOps):
        def relu(self, x):
            return self.multiply(super().relu(x), self.constant(np.full((1, 1, 1, 1), 1.001)))

    clock[1] = 0.5
    monkeypatch.setattr(filtering_trial, "FilteringOps", Wrong)

    assert not filters_pay("CPU", F32, 224)


def test_filters_that_openvino_refuses_are_not_used_and_the_log_says_why(
    clock, monkeypatch, caplog
):
    class Refused(FilteringOps):
        def relu(self, x):
            raise RuntimeError("Check failed: no kernel")

    monkeypatch.setattr(filtering_trial, "FilteringOps", Refused)

    assert not filters_pay("CPU", F32, 224)
    assert "no kernel" in caplog.text


def test_the_usual_picture_is_large_and_the_default_weights_is_not():
    assert 128 * 128 < FEWEST_POSITIONS <= 224 * 224
    assert FEWEST_POSITIONS_BESIDE == 128 * 128
