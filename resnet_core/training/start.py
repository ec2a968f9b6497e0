"""The network that a run starts from."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from resnet_core.bundled import bundled
from resnet_core.errors import TrainingError
from resnet_core.networks.modules import ResNet, build
from resnet_core.training.recipe import Recipe


def start_network(recipe: Recipe) -> ResNet:
    """The recipe's starting weights, or fresh ones from its seed.

    A plain network has no shortcut to begin as, whatever ``zero_init_residual`` says.
    Raises TrainingError if the weights cannot be read or do not fit.
    """
    network = build(recipe.network, recipe.seed)
    if recipe.start is not None:
        _load(network, start_file(recipe.start))
        return network
    for block in network.residual_blocks:
        if recipe.zero_init_residual and block.block.shortcut != "none":
            torch.nn.init.zeros_(block.last_norm.weight)
    return network


def start_file(start: str) -> Path:
    """The file that a recipe's ``start`` means: bundled weights by name, else a path."""
    shipped = bundled("weights", f"{start}.safetensors")
    return shipped if shipped.is_file() else Path(start).expanduser()


def _load(network: ResNet, path: Path) -> None:
    try:
        tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
        missing, unknown = network.load_state_dict(tensors, strict=False)
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"The starting weights {path} cannot be read: {error}.") from error
    except RuntimeError as error:  # torch's for shapes that differ
        raise TrainingError(_of_another_network(path)) from error
    if unknown or any(not name.endswith("num_batches_tracked") for name in missing):
        raise TrainingError(_of_another_network(path))


def _of_another_network(path: Path) -> str:
    return f"The starting weights {path} are of another network than the recipe's; name others."
