"""The same network in torch: bare, explained by autograd, and explained by other libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from torch import Tensor

from resnet_core.arrays import Floats
from resnet_core.errors import UsageError
from resnet_core.networks.modules import ResNet
from resnet_core.weights.model import Model

Ways = dict[str, Callable[[], object]]


def network_of(model: Model) -> ResNet:
    """The model as a torch module in evaluation mode, float32, on the processor."""
    network = ResNet(model.config)
    state = {name: torch.from_numpy(np.array(values)) for name, values in model.tensors.items()}
    network.load_state_dict(state, strict=False)  # torchvision counts batches; nothing reads that
    return network.eval()


def autograd_maps(network: ResNet, inputs: Floats) -> tuple[list[tuple[Floats, ...]], int]:
    """The four maps of conv1 and every block by autograd, and the best class that they are of.

    inputs: (1, 3, H, W), preprocessed. A map is (h, w), in the order of ``MapKind``.
    """
    outputs = network.outputs(torch.from_numpy(inputs))
    logits = network.classifier(outputs[-1])
    best = int(logits[0].argmax())
    gradients = torch.autograd.grad(logits[0, best], outputs)
    maps = [
        _maps(activation.detach(), gradient)
        for activation, gradient in zip(outputs, gradients, strict=True)
    ]
    return maps, best


def torch_ways(network: ResNet, inputs: Floats, device: str = "cpu") -> Ways:
    """A bare forward pass, and one with a single ``autograd.grad`` to all blocks.

    device: where the network is.
    """
    x = torch.from_numpy(inputs).to(device)

    def forward() -> Tensor:
        with torch.inference_mode():
            return cast(Tensor, network(x)).cpu()  # a GPU is only done when that is there

    def gradients() -> object:
        outputs = network.outputs(x)
        found = torch.autograd.grad(network.classifier(outputs[-1])[0].max(), outputs[1:])
        return found[0].flatten()[0].item()  # the last that is found; a GPU is done then

    return {"torch forward": forward, "torch autograd.grad, all": gradients}


def peer_ways(network: ResNet, inputs: Floats, device: str = "cpu") -> Ways:
    """Grad-CAM of every block by pytorch-grad-cam, in one call and in one a block, and by Captum.

    They explain the best class, which they are told. device: where the network is. Raises
    UsageError if one is not installed.
    """
    try:
        from captum.attr import LayerGradCam
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as error:
        raise UsageError(
            f"The peers cannot be measured ({error}); `pip install grad-cam captum` brings them."
        ) from error
    x = torch.from_numpy(inputs).to(device)
    with torch.inference_mode():
        best = int(network(x)[0].argmax())
    targets = [ClassifierOutputTarget(best)]
    blocks = list(network.residual_blocks)

    def one_call() -> object:
        with GradCAM(model=network, target_layers=blocks) as cam:
            return cam(input_tensor=x, targets=targets)

    def call_a_block() -> object:
        found = []
        for block in blocks:
            with GradCAM(model=network, target_layers=[block]) as cam:
                found.append(cam(input_tensor=x, targets=targets))
        return found

    def captum() -> object:
        return [LayerGradCam(network, block).attribute(x, target=best).cpu() for block in blocks]

    # Hooks are set and removed within each call, else they would slow the others down.
    return {
        "pytorch-grad-cam, one call": one_call,
        "pytorch-grad-cam, a call a block": call_a_block,
        "Captum, a call a block": captum,
    }


def _maps(activation: Tensor, gradient: Tensor) -> tuple[Floats, ...]:
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    maps = (
        activation.mean(1),
        gradient.abs().mean(1),
        (weights * activation).sum(1),
        (gradient.clamp(min=0) * activation).sum(1),
    )
    return tuple(map_[0].numpy() for map_ in maps)
