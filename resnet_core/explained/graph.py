"""The explained graph: prediction, and every block's maps and gradients, in one go.

The chain rule of a residual network, written out. A block has the input x, the residual branch F,
the shortcut S and the strength t, and gives a = ReLU(z) with z = t F(x) + S(x). Let g be the
gradient of the target's score at a. ReLU lets it through where z is positive: h. Then the gradient
at x is

    s + r    with  s = S'(x)^T h  through the shortcut  and  r = t F'(x)^T h  through the branch,

and that sum is the gradient at the output of the block before. Every block is named as in the
paper; ``conv1`` stands for its output after pooling, where the backward pass ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Generic

from resnet_core.explained.folding import FoldedBlock, FoldedConvolution, FoldedNetwork
from resnet_core.explained.operations import CHANNELS, EVERYTHING, POSITIONS, Ops, T
from resnet_core.networks.config import STEM_NAME, ShortcutKind


@dataclass(frozen=True, slots=True)
class Inputs(Generic[T]):
    """What changes from call to call, and never needs compiling again.

    pictures: (N, 3, H, W), preprocessed. target: whole numbers (N,), a class or -1 for the best.
    loss: (N, 1), 1 to take the gradient of -log p of the target, 0 of its score before softmax.
    strengths: (N, blocks, 1, 1), the factor on every F(x).
    """

    pictures: T
    target: T
    loss: T
    strengths: T


@dataclass(slots=True)
class Outputs(Generic[T]):
    """What comes out, packed into few tensors.

    logits, probabilities: (N, K). early_logits: (N, blocks of conv5_x, K).
    maps: for each stage (N, 4 x outputs, h, w): for each block its activation map, gradient map,
        Grad-CAM and LayerCAM; conv1's come before those of conv2_x.
    gradient_norms: (N, 1 + blocks), at conv1's pooled output and at each block's output.
    numbers: (N, 5 x blocks), for each block ||s||, ||r||, ||F(x)||, ||S(x)|| and the mean of F(x).
    full: whole tensors of the blocks that were asked for, by ``conv4_3.activation``,
        ``.gradient``, ``.through_shortcut`` and ``.through_residual``.
    """

    logits: T
    probabilities: T
    early_logits: T
    maps: tuple[T, ...]
    gradient_norms: T
    numbers: T
    full: dict[str, T] = field(default_factory=dict)


MAPS_PER_OUTPUT = 4
NUMBERS_PER_BLOCK = 5


def explain(
    ops: Ops[T], network: FoldedNetwork, inputs: Inputs[T], full: Collection[str] = ()
) -> Outputs[T]:
    """Run pictures forwards and their targets' gradients backwards to every block.

    full: names of blocks (or ``conv1``) whose whole tensors are wanted as well.
    """
    stem, steps = _forward(ops, network, inputs.pictures, inputs.strengths)
    logits = _classify(ops, network, steps[-1].output)
    probabilities = ops.softmax(logits)
    seed = _seed(ops, inputs, logits, probabilities)
    gradient = _gradient_at_last_block(ops, network, seed, steps[-1].output)

    maps: list[T] = []
    norms: list[T] = []
    numbers: list[T] = []
    tensors: dict[str, T] = {}
    for step in reversed(steps):
        name = step.folded.block.name
        maps.append(_maps(ops, step.output, gradient))
        norms.append(ops.norm(gradient, EVERYTHING))
        through = _backward(ops, step, gradient)
        numbers.append(_numbers(ops, step, through))
        if name in full:
            tensors[f"{name}.activation"] = step.output
            tensors[f"{name}.gradient"] = gradient
            tensors[f"{name}.through_residual"] = through.residual
            if through.shortcut is not None:
                tensors[f"{name}.through_shortcut"] = through.shortcut
        gradient = through.sum
    maps.append(_maps(ops, stem, gradient))
    norms.append(ops.norm(gradient, EVERYTHING))
    if STEM_NAME in full:
        tensors |= {f"{STEM_NAME}.activation": stem, f"{STEM_NAME}.gradient": gradient}

    maps.reverse()
    return Outputs(
        logits=logits,
        probabilities=probabilities,
        early_logits=_early_logits(ops, network, steps, logits),
        maps=_by_stage(ops, network, maps),
        gradient_norms=_row(ops, norms[::-1]),
        numbers=_row(ops, numbers[::-1]),
        full=tensors,
    )


def predict(ops: Ops[T], network: FoldedNetwork, pictures: T, strengths: T | None = None) -> T:
    """The forward pass alone: (N, 3, H, W) and, unless all are 1, (N, blocks, 1, 1) -> (N, K)."""
    _, steps = _forward(ops, network, pictures, strengths)
    return _classify(ops, network, steps[-1].output)


# Forwards


@dataclass(frozen=True, slots=True)
class _Step(Generic[T]):
    """One block after its forward pass: all that its backward pass needs."""

    folded: FoldedBlock
    x: T
    strength: T | None  # (N, 1, 1, 1), None for 1
    inner: tuple[T, ...]  # after each ReLU within the branch
    residual: T  # F(x)
    shortcut: T | None  # S(x)
    output: T  # a


def _forward(
    ops: Ops[T], network: FoldedNetwork, pictures: T, strengths: T | None
) -> tuple[T, list[_Step[T]]]:
    x = stem = ops.max_pooling(ops.relu(_convolution(ops, pictures, network.conv1)))
    steps: list[_Step[T]] = []
    count = len(network.blocks)
    factors = [None] * count if strengths is None else ops.split(strengths, axis=1, count=count)
    for folded, strength in zip(network.blocks, factors, strict=True):
        steps.append(_block(ops, folded, x, strength))
        x = steps[-1].output
    return stem, steps


def _block(ops: Ops[T], folded: FoldedBlock, x: T, strength: T | None) -> _Step[T]:
    inner: list[T] = []
    residual = x
    for number, convolution in enumerate(folded.residual_branch, start=1):
        residual = _convolution(ops, residual, convolution)
        if number < len(folded.residual_branch):
            residual = ops.relu(residual)
            inner.append(residual)
    shortcut = _shortcut(ops, folded, x)
    z = residual if strength is None else ops.multiply(residual, strength)
    if shortcut is not None:
        z = ops.add(z, shortcut)
    return _Step(folded, x, strength, tuple(inner), residual, shortcut, ops.relu(z))


def _shortcut(ops: Ops[T], folded: FoldedBlock, x: T) -> T | None:
    block = folded.block
    if block.shortcut is ShortcutKind.NONE:
        return None
    if folded.projection is not None:
        return _convolution(ops, x, folded.projection)
    if block.shortcut is ShortcutKind.ZERO_PADDING:
        x = ops.keep_every_second(x) if block.stride == 2 else x
        return ops.append_channels(x, block.out_channels - block.in_channels)
    return x


def _convolution(ops: Ops[T], x: T, folded: FoldedConvolution) -> T:
    return ops.add(ops.convolution(x, folded.weight, folded.shape), ops.constant(folded.bias))


def _classify(ops: Ops[T], network: FoldedNetwork, output: T) -> T:
    features = ops.reshape(ops.mean(output, POSITIONS), (0, network.config.features))
    return ops.add(ops.matrix_product(features, network.fc_weight), ops.constant(network.fc_bias))


def _early_logits(ops: Ops[T], network: FoldedNetwork, steps: list[_Step[T]], logits: T) -> T:
    """The answer after each block of conv5_x, whose channels the classifier fits."""
    last_stage = [step for step in steps if step.folded.block.stage == 5]
    early = [_classify(ops, network, step.output) for step in last_stage[:-1]] + [logits]
    return ops.concatenate(
        [ops.reshape(part, (0, 1, network.config.classes)) for part in early], axis=1
    )


# Backwards


@dataclass(frozen=True, slots=True)
class _Through(Generic[T]):
    """The gradient at a block's input, by the way that it came."""

    shortcut: T | None  # s
    residual: T  # r
    sum: T


def _seed(ops: Ops[T], inputs: Inputs[T], logits: T, probabilities: T) -> T:
    """(N, K): the gradient of what the target aims at, at the logits."""
    chosen = ops.one_hot(logits, inputs.target)
    # Of the score it is the one-hot row, of -log p it is p minus that row.
    towards_loss = ops.subtract(probabilities, ops.add(chosen, chosen))
    return ops.add(chosen, ops.multiply(inputs.loss, towards_loss))


def _gradient_at_last_block(ops: Ops[T], network: FoldedNetwork, seed: T, output: T) -> T:
    features = ops.matrix_product(seed, network.fc_weight.T)
    pooled = ops.reshape(features, (0, network.config.features, 1, 1))
    return ops.mean_transposed(pooled, output)


def _backward(ops: Ops[T], step: _Step[T], gradient: T) -> _Through[T]:
    h = ops.where_positive(step.output, gradient)
    residual = h
    for number in reversed(range(len(step.folded.residual_branch))):
        convolution = step.folded.residual_branch[number]
        residual = ops.convolution_transposed(residual, convolution.weight, convolution.shape)
        if number > 0:
            residual = ops.where_positive(step.inner[number - 1], residual)
        if number == 1 and step.strength is not None:
            # The strength can enter anywhere on this way; here a bottleneck is narrow.
            residual = ops.multiply(residual, step.strength)
    shortcut = _shortcut_transposed(ops, step.folded, h)
    if shortcut is None:
        return _Through(None, residual, residual)
    return _Through(shortcut, residual, ops.add(shortcut, residual))


def _shortcut_transposed(ops: Ops[T], folded: FoldedBlock, h: T) -> T | None:
    block = folded.block
    if block.shortcut is ShortcutKind.NONE:
        return None
    if folded.projection is not None:
        return ops.convolution_transposed(h, folded.projection.weight, folded.projection.shape)
    if block.shortcut is ShortcutKind.ZERO_PADDING:
        h = ops.keep_channels(h, block.in_channels)
        return ops.spread_to_every_second(h) if block.stride == 2 else h
    return h


# Maps and numbers


def _maps(ops: Ops[T], activation: T, gradient: T) -> T:
    """(N, 4, h, w): activation map, gradient map, Grad-CAM, LayerCAM."""
    weights = ops.mean(gradient, POSITIONS)
    return ops.concatenate(
        [
            ops.mean(activation, CHANNELS),
            ops.mean_of_absolutes(gradient, CHANNELS),
            ops.sum(ops.multiply(weights, activation), CHANNELS),
            ops.sum(ops.multiply(ops.relu(gradient), activation), CHANNELS),
        ],
        axis=1,
    )


def _numbers(ops: Ops[T], step: _Step[T], through: _Through[T]) -> T:
    """(N, 5, 1, 1): ||s||, ||r||, ||F(x)||, ||S(x)||, mean of F(x)."""
    residual_norm = ops.norm(step.residual, EVERYTHING)
    nothing = ops.subtract(residual_norm, residual_norm)
    return ops.concatenate(
        [
            nothing if through.shortcut is None else ops.norm(through.shortcut, EVERYTHING),
            ops.norm(through.residual, EVERYTHING),
            residual_norm,
            nothing if step.shortcut is None else ops.norm(step.shortcut, EVERYTHING),
            ops.mean(step.residual, EVERYTHING),
        ],
        axis=1,
    )


def _by_stage(ops: Ops[T], network: FoldedNetwork, maps: list[T]) -> tuple[T, ...]:
    """Join the maps of each stage; conv1's have the size of conv2_x's and come first."""
    joined: list[T] = []
    first = 0
    for stage, count in enumerate(network.config.blocks_per_stage, start=2):
        last = first + count + (1 if stage == 2 else 0)
        joined.append(ops.concatenate(maps[first:last], axis=1))
        first = last
    return tuple(joined)


def _row(ops: Ops[T], numbers: list[T]) -> T:
    """Join numbers of shape (N, k, 1, 1) to one (N, all)."""
    return ops.reshape(ops.concatenate(numbers, axis=1), (0, -1))
