"""The explained graph in float64 against autograd on the torch modules, to 1e-10."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from resnet_core.engines.torch.gathering import GatheringOps
from resnet_core.engines.torch.operations import TorchOps
from resnet_core.explained.folding import fold
from resnet_core.explained.graph import Inputs, explain
from resnet_core.networks.config import NetworkConfig, Shortcut
from tests import reference

CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def run(module, x, targets, loss=False, strengths=None, full=(), kind=TorchOps):
    config = module.config
    ops = kind(torch.device("cpu"), torch.float64)
    network = fold(config, reference.tensors_of(module), np.float64)
    count = len(x)
    if strengths is None:
        strengths = torch.ones(count, len(config.blocks), dtype=torch.float64)
    inputs = Inputs(
        pictures=x,
        target=torch.as_tensor(targets),
        loss=torch.full((count, 1), float(loss), dtype=torch.float64),
        strengths=strengths[:, :, None, None],
    )
    return explain(ops, network, inputs, full)


def assert_equal(actual, expected):
    scale = float(expected.abs().max()) or 1.0
    torch.testing.assert_close(actual, expected, rtol=1e-10, atol=1e-10 * scale)


def norms(tensors):
    return torch.stack([tensor.flatten(1).norm(dim=1) for tensor in tensors], dim=1)


@pytest.mark.parametrize("config", reference.EVERY_CONFIG)
@pytest.mark.parametrize(
    ("kind", "loss"), [(TorchOps, False), (TorchOps, True), (GatheringOps, True)]
)
def test_every_map_and_number_equals_autograd(config, kind, loss):
    module = reference.network(config, dtype=torch.float64)
    x = reference.pictures(2, 32, 64, torch.float64)
    targets = [3, -1]
    generator = torch.Generator().manual_seed(5)
    strengths = torch.rand(2, len(config.blocks), generator=generator, dtype=torch.float64) + 0.5

    expected = reference.explain(module, x, targets, loss, strengths)
    outputs = run(module, x, targets, loss, strengths, kind=kind)

    assert_equal(outputs.logits, expected.logits)
    assert_equal(outputs.probabilities, expected.logits.softmax(1))
    assert_equal(outputs.early_logits, expected.early_logits)
    for actual, block in zip(reversed(outputs.maps), expected.blocks, strict=True):
        activation, grad_cam = actual.activation_and_grad_cam.unbind(1)
        found = [activation, actual.gradient[:, 0], grad_cam, actual.layer_cam[:, 0]]
        for map_, wanted in zip(found, block.maps, strict=True):
            assert_equal(map_, wanted)
    gradients = outputs.gradient_norms[::-1]
    at_outputs = torch.stack([values[:, 0] for values in gradients], dim=1)
    assert_equal(at_outputs, norms([block.gradient for block in expected.blocks]))
    blocks = expected.blocks[1:]
    for values, block in zip(gradients[1:], blocks, strict=True):
        assert_equal(values[:, 1:], norms_of_ways(block.through_residual, block.through_shortcut))
    forward = torch.cat([norms_of_ways(block.residual, block.shortcut) for block in blocks], dim=1)
    assert_equal(outputs.forward_norms, forward)
    means = torch.stack([block.residual.mean(dim=(1, 2, 3)) for block in blocks], dim=1)
    assert_equal(outputs.residual_means, means)


def norms_of_ways(residual, shortcut):
    return norms([residual] if shortcut is None else [residual, shortcut])


@pytest.mark.parametrize("shortcut", list(Shortcut))
@pytest.mark.parametrize("depth", [18, 50])
def test_both_ways_of_the_gradient_add_up_to_the_gradient_of_the_block_before(depth, shortcut):
    config = NetworkConfig(depth, shortcut, classes=10)
    module = reference.network(config, dtype=torch.float64)
    x = reference.pictures(1, 64, 64, torch.float64)
    names = ["conv1"] + [block.name for block in config.blocks]

    full = run(module, x, [-1], full=names).full

    expected = reference.explain(module, x, [-1])
    for before, name in pairwise(names):
        residual = full[f"{name}.through_residual"]
        ways = residual + full.get(f"{name}.through_shortcut", torch.zeros_like(residual))
        assert_equal(ways, full[f"{before}.gradient"])
    for name, block in zip(names, expected.blocks, strict=True):
        assert_equal(full[f"{name}.activation"], block.activation)
        assert_equal(full[f"{name}.gradient"], block.gradient)


def test_gradient_equals_finite_differences():
    config = NetworkConfig(18, classes=4)
    module = reference.network(config, dtype=torch.float64)
    x = reference.pictures(1, 32, 32, torch.float64)
    full = run(module, x, [2], full=["conv4_1"]).full
    activation, gradient = full["conv4_1.activation"], full["conv4_1.gradient"]
    later = module.residual_blocks[5:]
    direction = torch.randn(activation.shape, generator=torch.Generator().manual_seed(1)).double()

    def score(step):
        output = activation + step * direction
        for block in later:
            output = block(output)
        return module.classifier(output)[0, 2]

    step = 1e-6
    slope = (score(step) - score(-step)) / (2 * step)

    assert float((gradient * direction).sum()) == pytest.approx(float(slope), rel=1e-6)


@pytest.mark.parametrize("name", ["conv2_1", "conv3_1", "conv5_2"])
def test_strength_zero_equals_the_module_with_that_branch_removed(name):
    config = NetworkConfig(18, classes=10)
    module = reference.network(config, dtype=torch.float64)
    x = reference.pictures(2, 64, 32, torch.float64)
    index = [block.name for block in config.blocks].index(name)
    strengths = torch.ones(2, len(config.blocks), dtype=torch.float64)
    strengths[0, index] = 0

    logits = run(module, x, [-1, -1], strengths=strengths).logits

    intact = module(x)
    block = module.residual_blocks[index]
    block.residual_branch = lambda value: torch.zeros_like(block.shortcut(value))
    torch.testing.assert_close(logits[0], module(x)[0], **CLOSE)
    torch.testing.assert_close(logits[1], intact[1], **CLOSE)
