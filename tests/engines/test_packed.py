"""Convolutions with packed weights against torch's own, in every shape that networks have."""

import pytest
import torch

from resnet_core.engines.torch import operations
from resnet_core.engines.torch.operations import TorchOps
from resnet_core.engines.torch.packed import available
from resnet_core.networks.config import CONV1, Convolution

SHAPES = [
    CONV1,
    Convolution(kernel=3, in_channels=64, out_channels=64),
    Convolution(kernel=3, in_channels=64, out_channels=128, stride=2),
    Convolution(kernel=1, in_channels=64, out_channels=256),
    Convolution(kernel=1, in_channels=256, out_channels=512, stride=2),
]

pytestmark = pytest.mark.skipif(not available(), reason="this torch has no packed convolutions")


@pytest.fixture
def packing():
    return TorchOps(torch.device("cpu"))


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setattr(operations, "available", lambda: False)
    return TorchOps(torch.device("cpu"))


def like_channels_last(*size):
    tensor = torch.randn(size, generator=torch.Generator().manual_seed(0))
    return tensor.contiguous(memory_format=torch.channels_last)


def weight_and_bias(shape):
    weight = like_channels_last(*shape.weight_shape).numpy() / shape.in_channels
    return weight, like_channels_last(1, shape.out_channels, 1, 1).numpy()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("biased", [True, False])
def test_convolution(packing, plain, shape, biased):
    weight, bias = weight_and_bias(shape)
    with torch.inference_mode():
        # The weights are laid out for the first size, and are right for the others.
        for count, side in [(1, 28), (3, 28), (1, 14)]:
            x = like_channels_last(count, shape.in_channels, side, side)
            given = (x, weight, shape, bias if biased else None)
            torch.testing.assert_close(packing.convolution(*given), plain.convolution(*given))


@pytest.mark.parametrize("shape", SHAPES[1:], ids=str)
def test_transpose(packing, plain, shape):
    weight, _ = weight_and_bias(shape)
    with torch.inference_mode():
        for count, side in [(1, 14), (3, 14), (1, 7)]:
            g = like_channels_last(count, shape.out_channels, side, side)
            given = (g, weight, shape)
            found, expected = (ops.convolution_transposed(*given) for ops in (packing, plain))
            torch.testing.assert_close(found, expected)


def test_forwards_and_transpose_of_one_weight_are_kept_apart(packing, plain):
    shape = SHAPES[1]
    weight, _ = weight_and_bias(shape)
    with torch.inference_mode():
        x = like_channels_last(1, 64, 14, 14)
        for _ in range(2):
            for name in ("convolution", "convolution_transposed"):
                found, expected = (getattr(ops, name)(x, weight, shape) for ops in (packing, plain))
                torch.testing.assert_close(found, expected)
