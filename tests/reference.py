"""The oracle of the explained graph: torch modules and autograd, written the plain way."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.networks.modules import ResNet, build


def name_of(config: NetworkConfig) -> str:
    return f"{config.depth}-{config.shortcut}-{config.stride}"


# Every network of the family, for parametrize; the deepest are left to the slow tests.
EVERY_CONFIG = [
    pytest.param(
        (config := NetworkConfig(depth, shortcut, stride, classes=10)),
        id=name_of(config),
        marks=[pytest.mark.slow] if depth > 50 else [],
    )
    for depth in (18, 34, 50, 101, 152)
    for shortcut in Shortcut
    for stride in StridePlacement
    if depth >= 50 or stride is StridePlacement.V1_5  # basic blocks have no such choice
]


def network(
    config: NetworkConfig, seed: int = 1, dtype: torch.dtype = torch.float32, calm: bool = False
) -> ResNet:
    """A random network whose batch norms are all different, in evaluation mode.

    Their statistics come from a random batch, so that signals keep healthy sizes. Biases lie above
    zero: with centred signals a plain network of 152 layers magnifies the last bit a million
    times, and no two orders of summing agree.

    calm: so far above zero that hardly a ReLU stands near its edge. In float32 one that does may
    fall to either side, which moves a map by 1e-3: two right engines, two answers. Where none
    does, float32 agrees with float64 to 1e-10. Edges are what the float64 tests are for.
    """
    module = build(config, seed)
    generator = torch.Generator().manual_seed(seed)
    deep = config.depth > 34
    weights = ((0.1, 0.2) if deep else (0.2, 0.5)) if calm else (0.3, 0.7)
    biases = ((0.7, 1.0) if deep else (0.3, 1.0)) if calm else (0.2, 1.0)
    if calm:
        # Sure answers leave a loss gradient of 1 - p, which float32 cannot tell from nothing.
        module.fc.weight.data.mul_(0.05)
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.momentum = None  # average: one batch sets the statistics
            norm.weight.data.uniform_(*weights, generator=generator)
            norm.bias.data.uniform_(*biases, generator=generator)
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
