"""The exponential average of the weights over the steps, which answers better than the last."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from resnet_core.networks.modules import ResNet, build
from resnet_core.training.augmentation import enlarged, normalise
from resnet_core.training.pictures import PictureSet
from resnet_core.training.precision import Arithmetic, placed

_BATCH = 128


class Average:
    """Averages of the parameters, kept in float32 beside the network."""

    def __init__(self, network: ResNet, decay: float) -> None:
        self._decay = decay
        self._steps = 0
        self._means = {
            name: weight.detach().clone().float() for name, weight in network.named_parameters()
        }

    @torch.no_grad()
    def update(self, network: ResNet) -> None:
        """Take the present weights in."""
        self._steps += 1
        # At first the average follows quickly, so that it does not remember the start for long.
        decay = min(self._decay, self._steps / (self._steps + 10))
        weights = [weight.detach() for weight in network.parameters()]
        torch._foreach_lerp_(list(self._means.values()), weights, 1 - decay)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"steps": self._steps, "means": self._means}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self._steps = state["steps"]
        for name, mean in state["means"].items():
            self._means[name].copy_(mean)

    def network(self, trained: ResNet) -> ResNet:
        """A network of its own with the averaged weights, its batch norm still unmeasured."""
        network = build(trained.config)
        network.load_state_dict(self._means, strict=False)
        return placed(network, trained.conv1.weight.device)


@torch.no_grad()
def measure_statistics(
    network: ResNet, pictures: PictureSet, size: int, count: int, arithmetic: Arithmetic
) -> None:
    """Measure the running statistics of batch norm on whole training pictures at ``size``.

    Averaged weights never ran together, and most of the training is done at other sizes: so the
    statistics are measured afterwards (Izmailov et al. 2018, section 3.2), as the plain mean over
    batches of at most 128 of ``count`` pictures, always the same ones.
    """
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # the plain mean over all batches
    network.train()
    # In random order: the set is sorted by class, and the pictures of one class are too alike.
    order = np.random.default_rng(0).permutation(len(pictures))[:count]
    batch = min(_BATCH, len(order))
    # A smaller last batch would weigh as much as the others, so it is left out.
    for start in range(0, len(order) - batch + 1, batch):
        numbers = order[start : start + batch]
        inputs = torch.from_numpy(pictures.pictures[numbers]).to(arithmetic.device)
        with arithmetic.autocast():
            network(enlarged(normalise(inputs), size))
    network.eval()
