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

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic

from resnet_core.explained.folding import FoldedBlock, FoldedConvolution, FoldedNetwork
from resnet_core.explained.operations import CHANNELS, POSITIONS, Ops, T
from resnet_core.networks.config import STEM_NAME, ShortcutKind


@dataclass(frozen=True, slots=True)
class Inputs(Generic[T]):
    """What changes from call to call, and never needs compiling again.

    pictures: (N, 3, H, W), preprocessed. target: whole numbers (N,), a class or -1 for the best.
    loss: (N, 1), 1 to take the gradient of -log p of the target, 0 of its score before softmax.
    strengths: (N, blocks, 1, 1), the factor on every F(x); None for 1 everywhere.
    """

    pictures: T
    target: T
    loss: T
    strengths: T | None


@dataclass(frozen=True, slots=True)
class Maps(Generic[T]):
    """The maps of one output, in the parts that are made in one go.

    activation_and_grad_cam: (N, 2, h, w). gradient, layer_cam: (N, 1, h, w).
    """

    activation_and_grad_cam: T
    gradient: T
    layer_cam: T


@dataclass(slots=True)
class Outputs(Generic[T]):
    """What comes out.

    forward_norms: (N, all), for each block ||F(x)|| and, unless it is plain, ||S(x)||.
    residual_means: (N, blocks), the mean of F(x) over channels and positions.
    logits, probabilities: (N, K). early_logits: (N, blocks of conv5_x, K).
    maps: for each output, from the last block back to conv1.
    gradient_norms: in the same order, (N, 3) for each block: of the gradient at its output, ||r||
        and, unless it is plain, ||s||; for conv1 (N, 1), of the gradient at its pooled output.
    full: whole tensors of the blocks that were asked for, by ``conv4_3.activation``,
        ``.gradient``, ``.through_shortcut`` and ``.through_residual``.
    """

    forward_norms: T
    residual_means: T
    logits: T
    probabilities: T
    early_logits: T
    maps: tuple[Maps[T], ...]
    gradient_norms: tuple[T, ...]
    full: dict[str, T] = field(default_factory=dict)

    def in_order(self) -> list[T]:
        """All but ``full``, in the order that needs each whole tensor only while it is at hand.

        An engine that runs what a result needs when the result is due reads activations and
        gradients while the processor's cache still holds them.
        """
        results = [
            self.forward_norms, self.residual_means,
            self.logits, self.probabilities, self.early_logits,
        ]  # fmt: skip
        for maps, norms in zip(self.maps, self.gradient_norms, strict=True):
            results += [maps.activation_and_grad_cam, maps.gradient, maps.layer_cam, norms]
        return results

    @classmethod
    def of(cls, values: Sequence[T]) -> Outputs[T]:
        """The outputs whose ``in_order`` is ``values``."""
        norms, means, logits, probabilities, early, *backward = values
        maps = map(Maps, backward[::4], backward[1::4], backward[2::4])
        gradients = tuple(backward[3::4])
        return cls(norms, means, logits, probabilities, early, tuple(maps), gradients)


def explain(
    ops: Ops[T], network: FoldedNetwork, inputs: Inputs[T], full: Collection[str] = ()
) -> Outputs[T]:
    """Run pictures forwards and their targets' gradients backwards to every block.

    full: names of blocks (or ``conv1``) whose whole tensors are wanted as well.
    """
    stem, steps = _forward(ops, network, inputs.pictures, inputs.strengths)
    early_logits, logits = _answers(ops, network, steps)
    probabilities = ops.softmax(logits)
    seed = _seed(ops, inputs, logits, probabilities)
    gradient = _gradient_at_last_block(ops, network, seed, steps[-1].output)
    arrivals = _backwards(ops, steps, stem, gradient)
    maps = ops.for_each(partial(_maps, ops), [(each.output, each.gradient) for each in arrivals])
    forward_norms, *gradient_norms = ops.norms([
        [way for step in steps for way in step.ways],
        *([each.gradient, *each.ways] for each in arrivals),
    ])  # fmt: skip

    return Outputs(
        forward_norms=forward_norms,
        residual_means=ops.means([step.residual for step in steps]),
        logits=logits,
        probabilities=probabilities,
        early_logits=early_logits,
        maps=tuple(Maps(*each) for each in maps),
        gradient_norms=tuple(gradient_norms),
        full={
            name: tensor
            for each in arrivals
            if each.name in full
            for name, tensor in _whole(ops, each).items()
        },
    )


def predict(ops: Ops[T], network: FoldedNetwork, pictures: T, strengths: T | None = None) -> T:
    """The forward pass alone: (N, 3, H, W) and, unless all are 1, (N, blocks, 1, 1) -> (N, K)."""
    _, steps = _forward(ops, network, pictures, strengths)
    return ops.reshape(_classify(ops, network, steps[-1:]), (0, network.config.classes))


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

    @property
    def ways(self) -> list[T]:
        """F(x) and, unless the block is plain, S(x)."""
        return [self.residual] if self.shortcut is None else [self.residual, self.shortcut]


def _forward(
    ops: Ops[T], network: FoldedNetwork, pictures: T, strengths: T | None
) -> tuple[T, list[_Step[T]]]:
    x = stem = ops.max_pooling(_rectified_convolution(ops, pictures, network.conv1))
    steps: list[_Step[T]] = []
    count = len(network.blocks)
    factors = [None] * count if strengths is None else ops.split(strengths, axis=1, count=count)
    for folded, strength in zip(network.blocks, factors, strict=True):
        steps.append(_block(ops, folded, x, strength))
        x = steps[-1].output
    return stem, steps


def _block(ops: Ops[T], folded: FoldedBlock, x: T, strength: T | None) -> _Step[T]:
    *rectified, last = folded.residual_branch
    inner: list[T] = []
    for convolution in rectified:
        inner.append(_rectified_convolution(ops, inner[-1] if inner else x, convolution))
    residual = _convolution(ops, inner[-1], last)
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
    return ops.convolution(x, folded.weight, folded.shape, folded.bias)


def _rectified_convolution(ops: Ops[T], x: T, folded: FoldedConvolution) -> T:
    return ops.rectified_convolution(x, folded.weight, folded.shape, folded.bias)


def _classify(ops: Ops[T], network: FoldedNetwork, steps: list[_Step[T]]) -> T:
    """(N, blocks, K): the classifier on the output of each block, in one product."""
    shape = (0, 1, network.config.features)
    features = [ops.reshape(ops.mean(step.output, POSITIONS), shape) for step in steps]
    joined = ops.concatenate(features, axis=1)
    return ops.add(ops.matrix_product(joined, network.fc_weight), ops.constant(network.fc_bias))


def _answers(ops: Ops[T], network: FoldedNetwork, steps: list[_Step[T]]) -> tuple[T, T]:
    """The answer after each block of conv5_x, whose channels the classifier fits; the last one."""
    last_stage = [step for step in steps if step.folded.block.stage == 5]
    early = _classify(ops, network, last_stage)
    last = ops.split(early, axis=1, count=len(last_stage))[-1]
    return early, ops.reshape(last, (0, network.config.classes))


# Backwards


@dataclass(frozen=True, slots=True)
class _Arrival(Generic[T]):
    """The gradient where it arrives: at a block's output, or at conv1's.

    through_residual, through_shortcut: what goes on to the block's input by either way, r and s.
    Through the shortcut of a block of stride 2 it only reaches every second position (two by two);
    ``through_shortcut`` holds these alone. conv1, where the walk ends, has neither.
    """

    name: str
    output: T
    gradient: T
    stride: int = 1
    through_residual: T | None = None
    through_shortcut: T | None = None

    @property
    def ways(self) -> list[T]:
        """The gradients r and, unless the block is plain, s."""
        return [way for way in (self.through_residual, self.through_shortcut) if way is not None]


def _seed(ops: Ops[T], inputs: Inputs[T], logits: T, probabilities: T) -> T:
    """(N, K): the gradient of what the target aims at, at the logits."""
    chosen = ops.one_hot(logits, inputs.target)
    # Of the score it is the one-hot row, of -log p it is p minus that row.
    towards_loss = ops.subtract(probabilities, ops.add(chosen, chosen))
    return ops.add(chosen, ops.multiply(inputs.loss, towards_loss))


def _gradient_at_last_block(ops: Ops[T], network: FoldedNetwork, seed: T, output: T) -> T:
    features = ops.matrix_product_transposed(seed, network.fc_weight)
    pooled = ops.reshape(features, (0, network.config.features, 1, 1))
    return ops.mean_transposed(pooled, output)


def _backwards(ops: Ops[T], steps: Sequence[_Step[T]], stem: T, gradient: T) -> list[_Arrival[T]]:
    """From the gradient at the last block's output, block by block, to conv1."""
    arrivals: list[_Arrival[T]] = []
    for step in reversed(steps):
        block = step.folded.block
        h = ops.where_positive(step.output, gradient)
        r = _residual_transposed(ops, step, h)
        s = _shortcut_transposed(ops, step.folded, h)
        arrivals.append(_Arrival(block.name, step.output, gradient, block.stride, r, s))
        if s is None:
            gradient = r
        elif block.stride == 2:
            gradient = ops.add_to_every_second(r, s)
        else:
            gradient = ops.add(s, r)
    return [*arrivals, _Arrival(STEM_NAME, stem, gradient)]


def _residual_transposed(ops: Ops[T], step: _Step[T], h: T) -> T:
    """The gradient through the branch, r."""
    r = h
    for number in reversed(range(len(step.folded.residual_branch))):
        convolution = step.folded.residual_branch[number]
        r = ops.convolution_transposed(r, convolution.weight, convolution.shape)
        if number > 0:
            r = ops.where_positive(step.inner[number - 1], r)
        if number == 1 and step.strength is not None:
            # The strength can enter anywhere on this way; here a bottleneck is narrow.
            r = ops.multiply(r, step.strength)
    return r


def _shortcut_transposed(ops: Ops[T], folded: FoldedBlock, h: T) -> T | None:
    """s, without the zeros that a stride of 2 puts between."""
    block = folded.block
    if block.shortcut is ShortcutKind.NONE:
        return None
    if folded.projection is not None:
        pointwise = replace(folded.projection.shape, stride=1)
        return ops.convolution_transposed(h, folded.projection.weight, pointwise)
    if block.shortcut is ShortcutKind.ZERO_PADDING:
        return ops.keep_channels(h, block.in_channels)
    return h


# Maps and numbers


def _maps(ops: Ops[T], activation: T, gradient: T) -> tuple[T, T, T]:
    """What ``Maps`` holds, in its order."""
    weights = ops.mean(gradient, POSITIONS)
    # Nothing is lost by taking max after the product: no activation is below zero.
    products = ops.relu(ops.multiply(gradient, activation))
    return (
        ops.mean_and_weighted_sum_of_channels(activation, weights),
        ops.mean_of_absolutes(gradient, CHANNELS),
        ops.sum(products, CHANNELS),
    )


def _whole(ops: Ops[T], arrival: _Arrival[T]) -> dict[str, T]:
    """Whole tensors by their names; zeros between where a stride of 2 left them out."""
    tensors = {
        "activation": arrival.output,
        "gradient": arrival.gradient,
        "through_residual": arrival.through_residual,
        "through_shortcut": arrival.through_shortcut,
    }
    if arrival.through_shortcut is not None and arrival.stride == 2:
        tensors["through_shortcut"] = ops.spread_to_every_second(arrival.through_shortcut)
    return {
        f"{arrival.name}.{part}": tensor for part, tensor in tensors.items() if tensor is not None
    }
