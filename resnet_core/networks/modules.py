"""The networks as torch modules, for training and as the reference of the explained graph.

State dicts are torchvision's by name and shape where torchvision has the network: depths 18, 34,
50, 101 and 152 with shortcut B and the stride of v1.5. Nothing works in place, so that hooks and
gradients see what the formulas say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_core.networks.config import (
    CONV1,
    STEM_CHANNELS,
    Block,
    Convolution,
    NetworkConfig,
    ShortcutKind,
    check_input_size,
)


def _convolution(convolution: Convolution) -> nn.Conv2d:
    return nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel,
        stride=convolution.stride,
        padding=convolution.padding,
        bias=False,
    )


class ResidualBlock(nn.Module):
    """y = ReLU(strength * F(x) + shortcut(x)); F ends after its last batch norm."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block
        for number, convolution in enumerate(block.residual_branch, start=1):
            self.add_module(f"conv{number}", _convolution(convolution))
            self.add_module(f"bn{number}", nn.BatchNorm2d(convolution.out_channels))
        self.downsample = (
            nn.Sequential(_convolution(block.projection), nn.BatchNorm2d(block.out_channels))
            if block.projection is not None
            else None
        )

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm that ends the residual branch."""
        return cast(nn.BatchNorm2d, self.get_submodule(f"bn{len(self.block.residual_branch)}"))

    def residual_branch(self, x: Tensor) -> Tensor:
        """F(x): (N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride)."""
        last = len(self.block.residual_branch)
        for number in range(1, last + 1):
            x = self.get_submodule(f"bn{number}")(self.get_submodule(f"conv{number}")(x))
            if number < last:
                x = functional.relu(x)
        return x

    def shortcut(self, x: Tensor) -> Tensor | None:
        """S(x) with the shape of F(x), or None in a plain network."""
        if self.block.shortcut is ShortcutKind.NONE:
            return None
        if self.downsample is not None:
            return cast(Tensor, self.downsample(x))
        if self.block.shortcut is ShortcutKind.IDENTITY:
            return x
        stride, added = self.block.stride, self.block.out_channels - self.block.in_channels
        return functional.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, added))

    def forward(self, x: Tensor, strength: Tensor | None = None) -> Tensor:
        """strength: (N,), the factor on F(x) for each picture; 1 where it is not given."""
        residual = self.residual_branch(x)
        if strength is not None:
            residual = strength[:, None, None, None] * residual
        shortcut = self.shortcut(x)
        return functional.relu(residual if shortcut is None else residual + shortcut)


class ResNet(nn.Module):
    """A residual network of the given configuration, freshly initialised as in torchvision."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.conv1 = _convolution(CONV1)
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        for stage in range(2, 6):
            blocks = [ResidualBlock(block) for block in config.blocks if block.stage == stage]
            self.add_module(f"layer{stage - 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(config.features, config.classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @property
    def residual_blocks(self) -> tuple[ResidualBlock, ...]:
        """The blocks from the picture to the answer, in the order of ``config.blocks``."""
        return tuple(module for module in self.modules() if isinstance(module, ResidualBlock))

    def stem(self, pictures: Tensor) -> Tensor:
        """conv1 after pooling: (N, 3, H, W) -> (N, 64, H / 4, W / 4)."""
        conv1 = functional.relu(self.bn1(self.conv1(pictures)))
        return functional.max_pool2d(conv1, kernel_size=3, stride=2, padding=1)

    def classifier(self, features: Tensor) -> Tensor:
        """Average pooling and the last layer: (N, features, h, w) -> logits (N, classes)."""
        return cast(Tensor, self.fc(features.mean(dim=(2, 3))))

    def outputs(self, pictures: Tensor, strengths: Tensor | None = None) -> Sequence[Tensor]:
        """conv1's pooled output and each block's output, for a look at what lies between.

        pictures: (N, 3, H, W), H and W multiples of 32; strengths: (N, blocks).
        """
        check_input_size(pictures.shape[2], pictures.shape[3])
        outputs = [self.stem(pictures)]
        for number, block in enumerate(self.residual_blocks):
            strength = None if strengths is None else strengths[:, number]
            outputs.append(block(outputs[-1], strength))
        return outputs

    def forward(self, pictures: Tensor, strengths: Tensor | None = None) -> Tensor:
        """(N, 3, H, W) -> logits (N, classes).

        Any size goes through here, for training at sizes between the multiples of 32.
        """
        x = self.stem(pictures)
        for number, block in enumerate(self.residual_blocks):
            x = block(x, None if strengths is None else strengths[:, number])
        return self.classifier(x)


def build(config: NetworkConfig, seed: int | None = None) -> ResNet:
    """Build a freshly initialised network, the same one for the same seed."""
    if seed is None:
        return ResNet(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ResNet(config)
