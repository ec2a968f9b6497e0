"""What a residual network is made of, as data: depth, shortcut, stride placement, classes.

Everything else in the core (census, torch modules, explained graph, checkpoints) reads the
blocks from here, so a depth or a shortcut is a row of a table and never a class of its own.
Source: He et al. 2015, "Deep Residual Learning for Image Recognition", table 1 and section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeVar

from resnet_core.errors import ShapeMismatch, UsageError

SIDE_MULTIPLE = 32
"""conv1, its pooling and the stages conv3_x to conv5_x each halve the picture: 2**5."""

STEM_CHANNELS = 64
STEM_NAME = "conv1"


_Option = TypeVar("_Option", bound=StrEnum)


class Shortcut(StrEnum):
    """How a network carries x past the residual branch (the paper's options A, B, C)."""

    A = "A"
    B = "B"
    C = "C"
    NONE = "none"

    @property
    def words(self) -> str:
        """The option in words, for captions."""
        return {
            Shortcut.A: "zero padding where shapes change",
            Shortcut.B: "projection where shapes change",
            Shortcut.C: "projection everywhere",
            Shortcut.NONE: "plain network, no shortcut",
        }[self]


class ShortcutKind(StrEnum):
    """What the shortcut of one block does to its input x."""

    IDENTITY = "identity"
    ZERO_PADDING = "zero padding"
    PROJECTION = "projection"
    NONE = "none"


class StridePlacement(StrEnum):
    """Where a bottleneck that halves the picture has its stride."""

    V1 = "v1"  # on the first 1x1 convolution, as in the paper
    V1_5 = "v1.5"  # on the 3x3 convolution, as in torchvision


class BlockKind(StrEnum):
    """The two residual branches of the paper's figure 5."""

    BASIC = "basic block"
    BOTTLENECK = "bottleneck"

    @property
    def expansion(self) -> int:
        """Channels that leave the block, in widths of the block."""
        return 4 if self is BlockKind.BOTTLENECK else 1


# Table 1 of the paper: depth -> kind of block and blocks in conv2_x, conv3_x, conv4_x, conv5_x.
_STAGES: dict[int, tuple[BlockKind, tuple[int, int, int, int]]] = {
    18: (BlockKind.BASIC, (2, 2, 2, 2)),
    34: (BlockKind.BASIC, (3, 4, 6, 3)),
    50: (BlockKind.BOTTLENECK, (3, 4, 6, 3)),
    101: (BlockKind.BOTTLENECK, (3, 4, 23, 3)),
    152: (BlockKind.BOTTLENECK, (3, 8, 36, 3)),
}

DEPTHS = tuple(_STAGES)


@dataclass(frozen=True, slots=True)
class Convolution:
    """One convolution without bias, followed by batch norm. Kernels are square."""

    kernel: int
    in_channels: int
    out_channels: int
    stride: int = 1

    @property
    def padding(self) -> int:
        """Pixels of zeros on each side: an odd kernel keeps the size at stride 1."""
        return self.kernel // 2

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """(out_channels, in_channels, kernel, kernel), torch's order."""
        return (self.out_channels, self.in_channels, self.kernel, self.kernel)


CONV1 = Convolution(kernel=7, in_channels=3, out_channels=STEM_CHANNELS, stride=2)


@dataclass(frozen=True, slots=True)
class Block:
    """One residual block, named as in the paper: ``conv4_3`` is the third block of conv4_x."""

    stage: int  # 2 to 5
    index: int  # from 1 within its stage
    kind: BlockKind
    residual_branch: tuple[Convolution, ...]
    shortcut: ShortcutKind
    projection: Convolution | None

    @property
    def name(self) -> str:
        return f"conv{self.stage}_{self.index}"

    @property
    def checkpoint_prefix(self) -> str:
        """The block's name in torchvision's state dicts, ``layer3.2``: the one translation."""
        return f"layer{self.stage - 1}.{self.index - 1}"

    @property
    def in_channels(self) -> int:
        return self.residual_branch[0].in_channels

    @property
    def out_channels(self) -> int:
        return self.residual_branch[-1].out_channels

    @property
    def stride(self) -> int:
        """2 where the block halves the picture, else 1."""
        stride = 1
        for convolution in self.residual_branch:
            stride *= convolution.stride
        return stride


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """One network of the family.

    Raises UsageError if the depth is not one of 18, 34, 50, 101, 152 or there is no class.
    """

    depth: int = 18
    shortcut: Shortcut = Shortcut.B
    stride: StridePlacement = StridePlacement.V1_5
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.depth not in _STAGES:
            known = ", ".join(map(str, DEPTHS))
            raise UsageError(f"There is no ResNet-{self.depth} here; choose a depth of {known}.")
        if self.classes < 1:
            raise UsageError(f"A network needs at least one class, not {self.classes}.")
        # Strings from files and command lines become the enums, or fail here with a sentence.
        object.__setattr__(self, "shortcut", _member(Shortcut, self.shortcut))
        object.__setattr__(self, "stride", _member(StridePlacement, self.stride))

    @property
    def kind(self) -> BlockKind:
        return _STAGES[self.depth][0]

    @property
    def blocks_per_stage(self) -> tuple[int, int, int, int]:
        """Blocks in conv2_x, conv3_x, conv4_x, conv5_x."""
        return _STAGES[self.depth][1]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block from the picture to the answer."""
        return _blocks(self)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Where maps are taken: conv1 after pooling, then every block, by name."""
        return (STEM_NAME, *(block.name for block in self.blocks))

    @property
    def features(self) -> int:
        """Channels that reach the classifier."""
        return 512 * self.kind.expansion

    @property
    def title(self) -> str:
        """``ResNet-34 A``, or ``plain-34`` for a network without shortcuts."""
        if self.shortcut is Shortcut.NONE:
            return f"plain-{self.depth}"
        return f"ResNet-{self.depth} {self.shortcut.value}"


def check_input_size(height: int, width: int) -> None:
    """Raise ShapeMismatch unless both sides are positive multiples of 32."""
    if height < SIDE_MULTIPLE or width < SIDE_MULTIPLE or height % 32 or width % 32:
        raise ShapeMismatch(
            f"A picture of {height} x {width} pixels does not fit the network; "
            f"both sides must be multiples of {SIDE_MULTIPLE}."
        )


@cache
def _blocks(config: NetworkConfig) -> tuple[Block, ...]:
    """Made once: a live window asks hundreds of times a second."""
    return tuple(_each_block(config))


def _each_block(config: NetworkConfig) -> Iterator[Block]:
    in_channels = STEM_CHANNELS
    for stage, count in enumerate(config.blocks_per_stage, start=2):
        width = 64 * 2 ** (stage - 2)
        out_channels = width * config.kind.expansion
        for index in range(1, count + 1):
            stride = 2 if stage > 2 and index == 1 else 1
            shortcut = _shortcut_kind(config.shortcut, stride != 1 or in_channels != out_channels)
            yield Block(
                stage=stage,
                index=index,
                kind=config.kind,
                residual_branch=_residual_branch(config, in_channels, width, stride),
                shortcut=shortcut,
                projection=Convolution(1, in_channels, out_channels, stride)
                if shortcut is ShortcutKind.PROJECTION
                else None,
            )
            in_channels = out_channels


def _residual_branch(
    config: NetworkConfig, in_channels: int, width: int, stride: int
) -> tuple[Convolution, ...]:
    if config.kind is BlockKind.BASIC:
        return (Convolution(3, in_channels, width, stride), Convolution(3, width, width))
    paper = config.stride is StridePlacement.V1
    return (
        Convolution(1, in_channels, width, stride if paper else 1),
        Convolution(3, width, width, 1 if paper else stride),
        Convolution(1, width, width * config.kind.expansion),
    )


def _shortcut_kind(option: Shortcut, shape_changes: bool) -> ShortcutKind:
    if option is Shortcut.NONE:
        return ShortcutKind.NONE
    if option is Shortcut.C:
        return ShortcutKind.PROJECTION
    if not shape_changes:
        return ShortcutKind.IDENTITY
    return ShortcutKind.PROJECTION if option is Shortcut.B else ShortcutKind.ZERO_PADDING


def _member(kind: type[_Option], value: str) -> _Option:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        name = "shortcut" if kind is Shortcut else "stride placement"
        raise UsageError(f"There is no {name} {value!r}; choose one of {known}.") from None
