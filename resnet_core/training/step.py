"""One step of training: a batch forward and backward, and the weights moved.

What a step does depends on the recipe, its number and the weights alone: the order of the pictures
and every random choice come from the seed and the step.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.arrays import Integers
from resnet_core.training.augmentation import cropped, mixed, normalise, relit
from resnet_core.training.averaging import Average
from resnet_core.training.logs import BlockGauge
from resnet_core.training.optimiser import build_optimiser, set_rate
from resnet_core.training.parallel import Group, sum_gradients
from resnet_core.training.pictures import PictureSet
from resnet_core.training.precision import Arithmetic, placed
from resnet_core.training.recipe import Phase, Recipe
from resnet_core.training.start import start_network


@dataclass(frozen=True, slots=True)
class StepResult:
    """Sums over the pictures of one batch, of all processes."""

    loss: float
    right: float
    pictures: int


class Learner:
    """The network with all that moves it: optimiser and average."""

    def __init__(
        self, recipe: Recipe, pictures: PictureSet, arithmetic: Arithmetic, group: Group
    ) -> None:
        self._recipe, self._pictures = recipe, pictures
        self._arithmetic, self._group = arithmetic, group
        self.network = placed(start_network(recipe), arithmetic.device)
        self.optimiser = build_optimiser(self.network, recipe.optimiser)
        self.average = Average(self.network, recipe.averaging.decay)
        self.gauge = BlockGauge(self.network)
        self._epoch, self._order = -1, np.empty(0, np.int64)

    def step(self, number: int, phase: Phase, rate: float, gauged: bool) -> StepResult:
        """Learn from the batch of step ``number``; ``gauged`` fills the gauge on the way."""
        batch = self._batch(number)
        parts = self._recipe.optimiser.parts
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        sums = torch.zeros(2, dtype=torch.float64, device=self._arithmetic.device)
        for part in self._group.share(parts):
            reading = self.gauge.reading() if gauged and part == 0 else nullcontext()
            with reading:
                sums += self._learn(batch[part::parts], (number, part), phase)
        sum_gradients(self.network.parameters(), self._group)
        loss, right = self._group.sum_(sums).tolist()
        set_rate(self.optimiser, rate)
        self.optimiser.step()
        self.average.update(self.network)
        return StepResult(loss, right, len(batch))

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.restore(state["average"])

    def _batch(self, number: int) -> Integers:
        """The step's pictures; each epoch has its own order, and leaves out what fills no batch."""
        size, count = self._recipe.optimiser.batch, len(self._pictures)
        epoch, place = divmod(number, max(1, count // size))
        if self._epoch != epoch:
            random = np.random.default_rng((self._recipe.seed, epoch))
            self._epoch, self._order = epoch, random.permutation(count)
        return self._order[place * size : (place + 1) * size]

    def _learn(self, numbers: Integers, key: tuple[int, int], phase: Phase) -> Tensor:
        """Add the gradients of one part of a batch; gives its sums of loss and right answers."""
        recipe, device = self._recipe, self._arithmetic.device
        random = np.random.default_rng((recipe.seed, *key))
        chosen = torch.from_numpy(self._pictures.pictures[numbers]).to(device)
        labels = torch.from_numpy(self._pictures.labels[numbers]).to(device)
        inputs = cropped(normalise(chosen), phase, recipe.augmentation, random)
        inputs = relit(inputs, recipe.augmentation, random)
        inputs, others, weight = mixed(inputs, labels, recipe.augmentation, random)
        with self._arithmetic.autocast():
            logits = self.network(inputs.contiguous(memory_format=torch.channels_last)).float()
        loss = weight * self._loss(logits, labels)
        if weight < 1:
            loss = loss + (1 - weight) * self._loss(logits, others)
        torch.autograd.backward([loss / recipe.optimiser.parts])
        right = (logits.argmax(1) == labels).sum()
        return torch.stack([loss.detach() * len(numbers), right]).double()

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        smoothing = self._recipe.optimiser.label_smoothing
        return functional.cross_entropy(logits, labels, label_smoothing=smoothing)
