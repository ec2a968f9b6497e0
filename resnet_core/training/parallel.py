"""Several processes that train one network, each with its share of every batch.

Works alone, under ``torchrun``, and with the processes that ``members`` starts. The gradients are
summed in one message per step: for these networks that is faster on a CPU than overlapping many
small messages with the backward pass, which needs the same cores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, distributed
from torch.nn import Parameter


@dataclass(frozen=True, slots=True)
class Group:
    """rank: this process, from 0; size: all processes."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def sum_(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            distributed.all_reduce(tensor)
        return tensor

    def from_leader(self, numbers: Sequence[float], device: torch.device) -> list[float]:
        """The leader's numbers, so that all processes decide alike."""
        if self.size == 1:
            return list(numbers)
        shared = torch.tensor(numbers, dtype=torch.float64, device=device)
        distributed.broadcast(shared, src=0)
        return [float(number) for number in shared.tolist()]

    def share(self, parts: int) -> range:
        """Which parts of a batch are this process's."""
        return range(self.rank, parts, self.size)


ALONE = Group()

# Longer than any process needs to start or to write a checkpoint while the others wait.
_PATIENCE = timedelta(minutes=10)


def started_by_torchrun() -> bool:
    """Whether the environment names a group to join, as torchrun leaves it."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def join(device: torch.device) -> Group:
    """Meet the other processes as torchrun's variables tell, or stay alone."""
    if not started_by_torchrun():
        return ALONE
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Group(distributed.get_rank(), distributed.get_world_size())


def meet(rank: int, size: int, meeting_place: Path) -> Group:
    """Meet the other processes of this computer's processor through a file."""
    address = meeting_place.resolve().as_uri()
    distributed.init_process_group(
        "gloo", init_method=address, rank=rank, world_size=size, timeout=_PATIENCE
    )
    return Group(rank, size)


def await_others(group: Group) -> None:
    """Wait until every process has done its work: who parts while another still talks can abort."""
    if group.size > 1:
        distributed.barrier()


def leave(group: Group) -> None:
    """Part from the other processes."""
    if group.size > 1:
        distributed.destroy_process_group()


def sum_gradients(parameters: Iterable[Parameter], group: Group) -> None:
    """Replace each gradient by its sum over all processes."""
    if group.size == 1:
        return
    gradients = [weight.grad for weight in parameters if weight.grad is not None]
    flat = group.sum_(torch.cat([gradient.reshape(-1) for gradient in gradients]))
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
