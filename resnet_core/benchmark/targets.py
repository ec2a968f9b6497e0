"""What SkipLens promises of its speed, measured: each ratio from an alternating run of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from resnet_core.benchmark import peers
from resnet_core.benchmark.alternating import measure
from resnet_core.benchmark.folders import throughput
from resnet_core.benchmark.outcomes import Outcome, Target
from resnet_core.benchmark.subjects import picture_of, untrained_model
from resnet_core.engines.choice import choose
from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.engines.torch.engine import TorchEngine
from resnet_core.errors import EngineError
from resnet_core.pictures.preprocessing import prepare_batch

SIZE = (224, 224)


EXPLAINED = {
    depth: Target(f"every block explained / OpenVINO's forward pass, ResNet-{depth}", limit)
    for depth, limit in ((18, 1.95), (50, 2.3), (152, 2.35))
}
PEERS = {
    "pytorch-grad-cam, one call": Target(
        "pytorch-grad-cam, all blocks in one call / ours, ResNet-50", 2.3, at_least=True
    ),
    "pytorch-grad-cam, a call a block": Target(
        "pytorch-grad-cam, a call a block / ours, ResNet-50", 38, at_least=True
    ),
    "Captum, a call a block": Target("Captum, a call a block / ours, ResNet-50", 18, at_least=True),
}
TORCH = {
    depth: Target(f"torch CPU engine / torch's forward and autograd.grad, ResNet-{depth}", 1.0)
    for depth in (18, 50)
}
BF16 = Target("explained in bf16 / in f32, OpenVINO, ResNet-50", 0.5)
FOLDER = Target(
    "photos of a folder a second / OpenVINO's own throughput, ResNet-50", 0.75, at_least=True
)
CUDA = Target("explained in f16 on CUDA / torch's eager forward pass, ResNet-50", 1.0)


def outcomes(rounds: int, photos: Sequence[Path]) -> list[Callable[[], list[Outcome]]]:
    """Measurements one after the other, each when it is called; all take minutes."""
    return [
        *(partial(_explained, depth, rounds) for depth in EXPLAINED),
        partial(_peers, max(5, rounds // 3)),
        *(partial(_torch, depth, rounds) for depth in TORCH),
        partial(_bf16, rounds),
        partial(_folder, photos, max(3, rounds // 5)),
        partial(_cuda, rounds),
    ]


def _explained(depth: int, rounds: int) -> list[Outcome]:
    subject = _Subject(depth)
    engine = _openvino()
    ratio = _ratio(subject.explain(engine), subject.forward(engine), rounds)
    return [Outcome(EXPLAINED[depth], ratio)]


def _peers(rounds: int) -> list[Outcome]:
    subject = _Subject(50)
    ways = peers.peer_ways(peers.network_of(subject.model), subject.inputs)
    ours = subject.explain(_openvino())
    return [Outcome(target, _ratio(ways[way], ours, rounds)) for way, target in PEERS.items()]


def _torch(depth: int, rounds: int) -> list[Outcome]:
    subject = _Subject(depth)
    network = peers.network_of(subject.model)
    autograd = peers.torch_ways(network, subject.inputs)["torch autograd.grad, all"]
    return [Outcome(TORCH[depth], _ratio(subject.explain(TorchEngine("cpu")), autograd, rounds))]


def _bf16(rounds: int) -> list[Outcome]:
    try:
        rounded = OpenVINOEngine(precision="bf16")
    except EngineError as error:
        return [Outcome(BF16, None, str(error))]
    subject = _Subject(50)
    return [Outcome(BF16, _ratio(subject.explain(rounded), subject.explain(_openvino()), rounds))]


def _folder(photos: Sequence[Path], rounds: int) -> list[Outcome]:
    if not photos:
        return [Outcome(FOLDER, None, "name a folder of photos with --folder")]
    return [Outcome(FOLDER, throughput(_openvino(), _Subject(50).model, photos, rounds).ratio)]


def _cuda(rounds: int) -> list[Outcome]:
    try:
        engine = TorchEngine("cuda", "f16")
    except EngineError as error:
        return [Outcome(CUDA, None, str(error))]
    subject = _Subject(50)
    network = peers.network_of(subject.model).to("cuda")
    forward = peers.torch_ways(network, subject.inputs, "cuda")["torch forward"]
    return [Outcome(CUDA, _ratio(subject.explain(engine), forward, rounds))]


class _Subject:
    """A network and a picture on its size."""

    def __init__(self, depth: int) -> None:
        self.model = untrained_model(depth, SIZE)
        self._frame = picture_of(SIZE)
        self.inputs = prepare_batch([self._frame], self.model.card.preprocessing)

    def forward(self, engine: Engine) -> Callable[[], object]:
        return partial(engine.logits, self.model, self.inputs)

    def explain(self, engine: Engine) -> Callable[[], object]:
        return partial(engine.explain, Request(self._frame, self.model))


def _openvino() -> Engine:
    return choose("openvino:cpu").engine


def _ratio(one: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    timings = measure({"one": one, "other": other}, rounds)
    return timings["one"].median / timings["other"].median
