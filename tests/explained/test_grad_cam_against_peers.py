"""Grad-CAM of each block against pytorch-grad-cam and Captum, before their own rescaling."""

import numpy as np
import pytest
import torch

from tests import reference
from tests.explained.test_graph_against_autograd import run

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning",
                                        "ignore::FutureWarning")  # fmt: skip

TARGET = 3


@pytest.fixture(scope="module", params=[18, 50])
def case(request):
    from resnet_core.networks.config import NetworkConfig

    module = reference.network(NetworkConfig(request.param, classes=10), dtype=torch.float64)
    x = reference.pictures(1, 64, 64, torch.float64)
    maps = reversed(run(module, x, [TARGET]).maps)
    ours = [each.activation_and_grad_cam[0, 1].numpy() for each in maps]
    for parameter in module.parameters():
        parameter.requires_grad_(True)
    return module, x, ours


def test_equals_captum(case):
    from captum.attr import LayerGradCam

    module, x, ours = case
    for block, expected in zip(module.residual_blocks, ours[1:], strict=True):
        theirs = LayerGradCam(module, block).attribute(x, target=TARGET)[0, 0]
        np.testing.assert_allclose(expected, theirs.detach().numpy(), rtol=1e-9, atol=1e-14)


def test_equals_pytorch_grad_cam(case):
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.activations_and_gradients import ActivationsAndGradients
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    module, x, ours = case
    for block, expected in zip(module.residual_blocks, ours[1:], strict=True):
        with GradCAM(model=module, target_layers=[block]) as cam:
            assert isinstance(cam.activations_and_grads, ActivationsAndGradients)
            cam(input_tensor=x, targets=[ClassifierOutputTarget(TARGET)])
            activations = cam.activations_and_grads.activations[0].numpy()
            gradients = cam.activations_and_grads.gradients[0].numpy()
            theirs = cam.get_cam_image(
                x, block, [ClassifierOutputTarget(TARGET)], activations, gradients, False
            )[0]
        np.testing.assert_allclose(expected, theirs, rtol=1e-9, atol=1e-14)
