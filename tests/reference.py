"""The oracle of the explained graph: torch modules and autograd, written the plain way."""

from dataclasses import dataclass

import torch
from torch import Tensor

from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.networks.modules import ResNet, build

EVERY_CONFIG = [
    NetworkConfig(depth, shortcut, stride, classes=10)
    for depth in (18, 34, 50, 101, 152)
    for shortcut in Shortcut
    for stride in StridePlacement
    if depth >= 50 or stride is StridePlacement.V1_5  # basic blocks have no such choice
]


def name_of(config: NetworkConfig) -> str:
    return f"{config.depth}-{config.shortcut}-{config.stride}"


def network(config: NetworkConfig, seed: int = 1, dtype: torch.dtype = torch.float32) -> ResNet:
    """A random network whose batch norms are all different, in evaluation mode.

    Their statistics come from a random batch, so that signals keep healthy sizes.
    """
    module = build(config, seed)
    generator = torch.Generator().manual_seed(seed)
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.momentum = None  # average: one batch sets the statistics
            # Above zero on average and not too wide: with centred signals a plain network of 152
            # layers magnifies the last bit a million times, and no two orders of summing agree.
            norm.weight.data.uniform_(0.3, 0.7, generator=generator)
            norm.bias.data.uniform_(0.2, 1.0, generator=generator)
    with torch.no_grad():
        module.train()(torch.randn(4, 3, 64, 64, generator=generator))
    return module.eval().to(dtype).requires_grad_(False)


def tensors_of(module: ResNet):
    return {name: tensor.numpy() for name, tensor in module.state_dict().items()}


def pictures(count: int, height: int, width: int, dtype=torch.float32, seed: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 3, height, width, generator=generator).to(dtype)


@dataclass
class BlockReference:
    activation: Tensor  # a
    gradient: Tensor  # g
    residual: Tensor | None = None  # F(x)
    shortcut: Tensor | None = None  # S(x)
    through_shortcut: Tensor | None = None  # s
    through_residual: Tensor | None = None  # r

    @property
    def maps(self) -> list[Tensor]:
        """Each (N, h, w), in the order of the graph's maps."""
        weights = self.gradient.mean(dim=(2, 3), keepdim=True)
        return [
            self.activation.mean(1),
            self.gradient.abs().mean(1),
            (weights * self.activation).sum(1),
            (self.gradient.clamp(min=0) * self.activation).sum(1),
        ]


@dataclass
class Reference:
    logits: Tensor
    blocks: list[BlockReference]  # conv1 first
    early_logits: Tensor


def explain(module: ResNet, x: Tensor, targets, loss: bool = False, strengths=None) -> Reference:
    """Everything by autograd. targets: a class for each picture, -1 for the best."""
    x = x.clone().requires_grad_(True)
    ways = []
    output = module.stem(x)
    outputs = [output]
    for number, block in enumerate(module.residual_blocks):
        # Two names for one input tell the two ways of its gradient apart.
        by_shortcut, by_residual = output.view_as(output), output.view_as(output)
        residual, shortcut = block.residual_branch(by_residual), block.shortcut(by_shortcut)
        t = 1.0 if strengths is None else strengths[:, number, None, None, None]
        z = t * residual if shortcut is None else t * residual + shortcut
        output = torch.relu(z)
        outputs.append(output)
        ways.append((by_shortcut, by_residual, residual, shortcut))
    logits = module.classifier(output)
    chosen = torch.where(torch.as_tensor(targets) < 0, logits.argmax(1), torch.as_tensor(targets))
    picked = logits if not loss else -logits.log_softmax(1)
    score = picked.gather(1, chosen[:, None]).sum()
    wanted = [*outputs]
    for by_shortcut, by_residual, _, shortcut in ways:
        wanted += [by_residual] if shortcut is None else [by_shortcut, by_residual]
    gradients = iter(torch.autograd.grad(score, wanted))
    blocks = [BlockReference(a.detach(), next(gradients)) for a in outputs]
    for block, (_, _, residual, shortcut) in zip(blocks[1:], ways, strict=True):
        block.residual = residual.detach()
        if shortcut is not None:
            block.shortcut = shortcut.detach()
            block.through_shortcut = next(gradients)
        block.through_residual = next(gradients)
    last = module.config.blocks_per_stage[-1]
    early = torch.stack([module.classifier(a).detach() for a in outputs[-last:]], dim=1)
    return Reference(logits.detach(), blocks, early)
