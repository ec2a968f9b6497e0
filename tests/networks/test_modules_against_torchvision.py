"""Our modules and engines against torchvision's networks with the same weights."""

import numpy as np
import pytest
import torch
import torchvision

from resnet_core.engines.torch.operations import TorchOps
from resnet_core.explained.folding import fold
from resnet_core.explained.graph import predict
from resnet_core.networks.config import NetworkConfig
from tests import reference

DEPTHS = (18, 34, 50, 101, 152)


def torchvisions(depth, classes):
    return getattr(torchvision.models, f"resnet{depth}")(num_classes=classes).eval()


@pytest.mark.parametrize("depth", DEPTHS)
def test_state_dicts_are_torchvisions_by_name_and_shape(depth):
    with torch.device("meta"):
        theirs = torchvisions(depth, 1000).state_dict()
        from resnet_core.networks.modules import ResNet

        ours = ResNet(NetworkConfig(depth)).state_dict()

    assert {name: tensor.shape for name, tensor in ours.items()} == {
        name: tensor.shape for name, tensor in theirs.items()
    }


@pytest.mark.parametrize("depth", DEPTHS)
def test_logits_equal_torchvisions_to_1e_5(depth):
    module = reference.network(NetworkConfig(depth, classes=10))
    theirs = torchvisions(depth, 10)
    theirs.load_state_dict(module.state_dict())
    pictures = reference.pictures(2, 64, 96)
    with torch.no_grad():
        expected = theirs(pictures)
        ours = module(pictures)
    network = fold(module.config, reference.tensors_of(module))
    strengths = torch.ones(2, len(network.blocks), 1, 1)
    folded = predict(TorchOps(torch.device("cpu")), network, pictures, strengths)

    scale = float(expected.abs().max())
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5 * scale)
    np.testing.assert_allclose(folded, expected, rtol=1e-5, atol=1e-5 * scale)
