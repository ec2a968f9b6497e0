"""Explained pictures for the tests of strip and block: right sizes, known numbers, no engine."""

from types import MappingProxyType

import numpy as np

from resnet_core.explained.values import (
    BlockExplained,
    Explained,
    Identity,
    MapKind,
    ResidualNumbers,
    Target,
)
from resnet_core.networks.config import NetworkConfig, ShortcutKind
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.painting import Painted, PaintedMap


def explained_for(config: NetworkConfig, share: float = 0.64, frame: int = 1) -> Explained:
    """A 64 x 64 picture; each block's share through the shortcut is `share`, plain networks 0."""
    blocks = [_block("conv1", 64, 16, 0.5, None)]
    side = 16
    for block in config.blocks:
        side //= block.stride
        through = 0.0 if block.shortcut is ShortcutKind.NONE else share
        carried = 0.0 if block.shortcut is ShortcutKind.NONE else 2.0
        numbers = ResidualNumbers(through, 1 - through, 0.8, 1.16, carried, 0.3)
        blocks.append(_block(block.name, block.out_channels, side, 0.26, numbers))
    logits = np.linspace(0, 4, config.classes, dtype=np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    return Explained(
        Identity(frame, "sample", Target()),
        logits,
        probabilities,
        config.classes - 1,
        tuple(blocks),
        np.zeros((1, config.classes), np.float32),
        "openvino:cpu",
        "f32",
        0.05,
    )


class OneColour(PaintedMap):
    """A map that is shown in one colour."""

    colour = (0, 0, 0)

    @property
    def pixels(self):
        return np.full((*self.values.shape, 3), self.colour, np.uint8)


def painted_for(explained: Explained, kind: MapKind = MapKind.GRAD_CAM) -> Painted:
    """Every map in one colour of its own: red is the index of the block."""
    maps = {}
    for index, block in enumerate(explained.blocks):
        shown = OneColour(block.name, block.map(kind), 0.0, 1.0, Colormap.VIRIDIS)
        object.__setattr__(shown, "colour", (index, 200, 40))
        maps[block.name] = shown
    return Painted(explained.identity, kind, Colormap.VIRIDIS, False, MappingProxyType(maps))


def _block(
    name: str, channels: int, side: int, norm: float, numbers: ResidualNumbers | None
) -> BlockExplained:
    one = np.ones((side, side), np.float32)
    return BlockExplained(name, channels, one, one, one, one, norm, numbers)
