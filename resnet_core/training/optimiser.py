"""How the weights move: SGD with Nesterov momentum, and the learning rates over the run."""

from __future__ import annotations

from typing import Any

from torch.optim import SGD

from resnet_core.networks.modules import ResNet
from resnet_core.training.recipe import Optimiser


def build_optimiser(network: ResNet, recipe: Optimiser) -> SGD:
    """SGD over all weights; biases and the factors of batch norm are not decayed."""
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    free = [weight for weight in network.parameters() if weight.ndim < 2]
    return SGD(
        [
            {"params": decayed, "weight_decay": recipe.weight_decay},
            {"params": free, "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.momentum > 0,
    )


def set_rate(optimiser: SGD, rate: float) -> None:
    """Use the learning rate for all weights from the next step on."""
    settings: dict[str, Any]
    for settings in optimiser.param_groups:
        settings["lr"] = rate
