"""Which network of the family a set of tensors belongs to, told by names and shapes alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from resnet_core.errors import WeightsError
from resnet_core.explained.folding import convolution_names, projection_name
from resnet_core.networks.config import (
    DEPTHS,
    BlockKind,
    NetworkConfig,
    Shortcut,
    StridePlacement,
)
from resnet_core.weights.checkpoints import StoredTensor, Tree

_LANDMARK = "layer1.0.conv1.weight"  # in every network of the family, in no other place of it
_BLOCK = re.compile(r"layer(\d+)\.(\d+)\.conv1\.weight")
_COUNTER = ".num_batches_tracked"  # nothing reads it
_USUAL_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "weights")
_NAMES_SHOWN = 3

_Value = TypeVar("_Value")


class Undecided(WeightsError):
    """The tensors fit more than one network, and ``answers`` are what can be said.

    ``sentence`` tells the question alone, the whole message also how to answer it in a command.
    """

    def __init__(
        self, sentence: str, answers: tuple[Shortcut | StridePlacement, ...], hint: str
    ) -> None:
        super().__init__(f"{sentence}; {hint}.")
        self.sentence, self.answers = sentence, answers


@dataclass(frozen=True, slots=True)
class Recognised:
    """A network and its tensors by torchvision's names.

    wrapper: where in the file they stood, ``ema/state_dict``, empty at the top; prefix: what
    stood before each name; stride_told: whether the stride placement is known and no guess.
    """

    network: NetworkConfig
    tensors: Mapping[str, StoredTensor]
    wrapper: str
    prefix: str
    stride_told: bool


def recognise(
    tree: Tree,
    name: str,
    stride: StridePlacement | None = None,
    shortcut: Shortcut | None = None,
    *,
    ask_stride: bool = False,
) -> Recognised:
    """Find the network in what a file holds.

    stride, shortcut: what the user says where tensors cannot tell: a bottleneck's stride
    placement (torchvision's v1.5 where nothing is said, unless ``ask_stride``), and option A or a
    plain network, which have the same tensors. Raises Undecided where that has to be said, and
    WeightsError, with names and shapes on both sides, where the tensors are of no network of the
    family.
    """
    wrapper, prefix, tensors = _network_in(tree, name)
    tensors = _with_classifier(tensors, name)
    depth = _depth(tensors, name)
    config = NetworkConfig(
        depth=depth,
        shortcut=_shortcut(tensors, depth, shortcut, name),
        stride=stride or StridePlacement.V1_5,
        classes=tensors["fc.weight"].shape[0],
    )
    _check_shapes(config, tensors, name)
    told = stride is not None or config.kind is BlockKind.BASIC
    if ask_stride and not told:
        raise Undecided(
            f"{name} is a {config.title}, and tensors cannot tell where its stride is: on the 3x3 "
            "of a block (v1.5, torchvision's) or on its first 1x1 (v1, the paper's)",
            (StridePlacement.V1_5, StridePlacement.V1),
            "say it with --stride",
        )
    return Recognised(config, tensors, wrapper, prefix, told)


def _network_in(tree: Tree, name: str) -> tuple[str, str, dict[str, StoredTensor]]:
    """The best place in the file where a network's tensors stand, and the prefix of its names."""
    places = [
        (path, key.removesuffix(_LANDMARK), values)
        for path, values in _dictionaries(tree)
        for key in values
        if key.endswith(_LANDMARK)
    ]
    if not places:
        found = _first_names(next((values for _, values in _dictionaries(tree) if values), {}))
        raise WeightsError(
            f"{name} holds no ResNet of this family: it has no {_LANDMARK}, but {found}."
        )
    path, prefix, values = min(places, key=lambda place: _preference(place[0], place[1]))
    outer = prefix.rpartition(".")[0].rpartition(".")[0]
    tensors = {
        key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)
    }
    if "fc.weight" not in tensors:  # a backbone whose classifier stands beside it
        beside = f"{outer}." if outer else ""
        tensors |= {
            key.removeprefix(beside): value
            for key, value in values.items()
            if key.startswith(beside) and not key.startswith(prefix)
        }
    return "/".join(path), prefix, tensors


def _dictionaries(
    tree: Tree, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, StoredTensor]]]:
    """Every dictionary of the file with the tensors that stand in it directly."""
    if not isinstance(tree, dict):
        return
    named = {key: value for key, value in tree.items() if isinstance(key, str)}
    yield path, {key: value for key, value in named.items() if hasattr(value, "read")}
    for key, value in named.items():
        yield from _dictionaries(value, (*path, key))


def _preference(path: tuple[str, ...], prefix: str) -> tuple[Any, ...]:
    """The usual wrappers first, then averages (``ema``), then whatever is nearest to the top."""
    usual = [
        _USUAL_WRAPPERS.index(key) if key in _USUAL_WRAPPERS else len(_USUAL_WRAPPERS)
        for key in path
    ]
    return (usual, len(path), len(prefix))


def _with_classifier(tensors: Mapping[str, StoredTensor], name: str) -> dict[str, StoredTensor]:
    """The tensors without counters, the classifier named ``fc`` whatever it was called."""
    kept = {key: value for key, value in tensors.items() if not key.endswith(_COUNTER)}
    if "fc.weight" in kept:
        return kept
    candidates = [
        key for key, value in kept.items() if key.endswith(".weight") and len(value.shape) == 2
    ]
    if len(candidates) != 1:
        what = f"{len(candidates)} layers that could be it" if candidates else "none"
        raise WeightsError(
            f"{name} has no classifier named fc.weight and {what}"
            f"{': ' + _shapes(kept, candidates) if candidates else ''}; save the whole network "
            "with one linear layer at its end."
        )
    stem = candidates[0].removesuffix("weight")
    renamed = {"fc.weight": kept.pop(f"{stem}weight")}
    if f"{stem}bias" in kept:
        renamed["fc.bias"] = kept.pop(f"{stem}bias")
    return kept | renamed


def _depth(tensors: Mapping[str, StoredTensor], name: str) -> int:
    counts = [0, 0, 0, 0]
    for key in tensors:
        match = _BLOCK.fullmatch(key)
        if match and 1 <= int(match[1]) <= 4:
            counts[int(match[1]) - 1] += 1
    bottleneck = "layer1.0.conv3.weight" in tensors
    kind = BlockKind.BOTTLENECK if bottleneck else BlockKind.BASIC
    for depth in DEPTHS:
        config = NetworkConfig(depth)
        if config.kind is kind and config.blocks_per_stage == tuple(counts):
            return depth
    raise WeightsError(
        f"{name} has {kind.value}s in stages of {', '.join(map(str, counts))}, which is none of "
        f"ResNet-{', '.join(map(str, DEPTHS))}."
    )


def _shortcut(
    tensors: Mapping[str, StoredTensor], depth: int, said: Shortcut | None, name: str
) -> Shortcut:
    found = {key for key in tensors if key.endswith(".downsample.0.weight")}
    if not found:
        if said in (Shortcut.A, Shortcut.NONE):
            return said
        raise Undecided(
            f"{name} has no projections, so it is a network with shortcut A or a plain one, and "
            "its tensors cannot tell which",
            (Shortcut.A, Shortcut.NONE),
            "say it with --shortcut A or --shortcut none",
        )
    for shortcut in (Shortcut.B, Shortcut.C):
        config = NetworkConfig(depth, shortcut)
        if found == {projection_name(block).weight for block in config.blocks if block.projection}:
            return shortcut
    raise WeightsError(
        f"{name} has projections in {len(found)} blocks, which is neither shortcut B nor C."
    )


def _check_shapes(config: NetworkConfig, tensors: Mapping[str, StoredTensor], name: str) -> None:
    needed = expected_shapes(config)
    if "fc.bias" not in tensors:  # a linear layer without bias has a bias of zeros
        needed.pop("fc.bias")
    missing = [key for key in needed if key not in tensors]
    unknown = [key for key in tensors if key not in needed]
    other = [key for key in needed if key in tensors and tensors[key].shape != needed[key]]
    problems = []
    if missing:
        problems.append(f"it lacks {_bounded(f'{key} {needed[key]}' for key in missing)}")
    if unknown:
        problems.append(f"it has besides {_shapes(tensors, unknown)}")
    if other:
        pairs = (f"{key} is {tensors[key].shape} and must be {needed[key]}" for key in other)
        problems.append(_bounded(pairs))
    if problems:
        raise WeightsError(f"{name} is not a {config.title}: {'; '.join(problems)}.")


def expected_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """Every tensor of a network in torchvision's names, counters left out, with its shape."""
    shapes: dict[str, tuple[int, ...]] = {}
    for names, convolution in convolution_names(config).items():
        shapes[names.weight] = convolution.weight_shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{names.norm}.{part}"] = (convolution.out_channels,)
    shapes["fc.weight"] = (config.classes, config.features)
    shapes["fc.bias"] = (config.classes,)
    return shapes


def _shapes(tensors: Mapping[str, StoredTensor], names: list[str]) -> str:
    return _bounded(f"{key} {tensors[key].shape}" for key in names)


def _first_names(values: Mapping[str, StoredTensor]) -> str:
    return _shapes(values, list(values)) if values else "no tensors at all"


def _bounded(parts: Iterator[str]) -> str:
    """The first of them, and how many there are more."""
    listed = list(parts)
    more = len(listed) - _NAMES_SHOWN
    shown = ", ".join(listed[:_NAMES_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
