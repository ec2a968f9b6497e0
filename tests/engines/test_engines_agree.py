"""Each engine's float32 against autograd on the modules: cosine 0.99999, norms to 1e-3."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from resnet_core.engines.engine import Request
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.engines.openvino.rounding import RoundingOps
from resnet_core.engines.torch.engine import TorchEngine
from resnet_core.errors import EngineError, UsageError
from resnet_core.explained.values import MapKind, Score, Target
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.pictures.preprocessing import prepare_batch
from tests import reference
from tests.engines.conftest import frame, model_of

FILTERED = "openvino:cpu with minimal filters"
ROUNDING = "openvino:cpu with what bfloat16 needs"
DEVICES = (
    "openvino:cpu",
    pytest.param("openvino:gpu", marks=pytest.mark.gpu),
    "torch:cpu",
    *(pytest.param(f"torch:{kind}", marks=pytest.mark.gpu) for kind in ("cuda", "mps", "xpu")),
)


class Rounding(OpenVINOEngine):
    """The graph for bfloat16, computed in float32."""

    def _ops(self, key):
        return RoundingOps()


def make(name, **arguments):
    if name == FILTERED:
        return OpenVINOEngine(filtering=True, **arguments)
    if name == ROUNDING:
        return Rounding(**arguments)
    kind, device = name.split(":")
    try:
        if kind == "openvino":
            return OpenVINOEngine(device.upper(), **arguments)
        return TorchEngine(device, **arguments)
    except EngineError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=(*DEVICES, FILTERED, ROUNDING))
def engine(request):
    made = make(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module", params=DEVICES)
def engine_of_a_device(request):
    made = make(request.param)
    yield made
    made.close()


def cosine(a, b):
    a, b = np.ravel(a).astype(np.float64), np.ravel(b).astype(np.float64)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-300))


def assert_agrees(explained, module, x, target, loss, strengths):
    expected = reference.explain(module, x, [target], loss, strengths)
    np.testing.assert_allclose(
        explained.logits, expected.logits[0], rtol=1e-3, atol=1e-3 * float(expected.logits.std())
    )
    for block, wanted in zip(explained.blocks, expected.blocks, strict=True):
        for kind, map_wanted in zip(MapKind, wanted.maps, strict=True):
            assert cosine(block.map(kind), map_wanted) > 0.99999, (block.name, kind)
        assert block.gradient_norm == pytest.approx(float(wanted.gradient.norm()), rel=1e-3)
        if block.numbers is not None:
            assert_numbers(block.numbers, wanted)


def assert_numbers(numbers, wanted):
    close = {"rel": 1e-3, "abs": 1e-6}
    assert numbers.residual_gradient_norm == pytest.approx(
        float(wanted.through_residual.norm()), **close
    )
    assert numbers.residual_std == pytest.approx(float(wanted.residual.std(correction=0)), **close)
    if wanted.shortcut is None:
        assert numbers.shortcut_gradient_norm == 0
        assert numbers.residual_ratio is None
    else:
        s, r = wanted.through_shortcut, wanted.through_residual
        assert numbers.shortcut_gradient_norm == pytest.approx(float(s.norm()), **close)
        assert numbers.shortcut_norm == pytest.approx(float(wanted.shortcut.norm()), **close)
        assert numbers.gradient_cosine == pytest.approx(cosine(s, r), abs=2e-3)


@pytest.mark.parametrize("config", reference.EVERY_CONFIG)
def test_every_map_and_number_equals_autograd(engine_of_a_device, config):
    assert_equals_autograd(engine_of_a_device, config)


# Deeper ones have more of the same blocks, and take long to compile.
@pytest.mark.parametrize("config", [each for each in reference.EVERY_CONFIG if not each.marks])
@pytest.mark.parametrize("name", [FILTERED, ROUNDING])
def test_another_way_of_openvino_equals_autograd(name, config):
    assert_equals_autograd(make(name), config)


def assert_equals_autograd(engine, config):
    model = model_of(config, size=(64, 96))
    module = reference.network(config, dtype=torch.float64, calm=True)
    # Without its branch a plain block lets nothing through at all.
    lesion = 0.25 if config.shortcut is Shortcut.NONE else 0.0
    strengths = {config.blocks[1].name: 0.5, config.blocks[-2].name: lesion}
    picture = frame(1, height=64, width=96)
    x = torch.from_numpy(prepare_batch([picture], model.card.preprocessing)).double()
    t = torch.ones(1, len(config.blocks), dtype=torch.float64)
    t[0, 1], t[0, -2] = 0.5, lesion

    for target in (Target(3, Score.LOGIT), Target(None, Score.LOSS)):
        explained = engine.explain(Request(picture, model, target, strengths))

        index = -1 if target.class_index is None else target.class_index
        assert_agrees(explained, module, x, index, target.score is Score.LOSS, t)
        assert explained.identity.strengths == ((1, 0.5), (len(config.blocks) - 2, lesion))
    engine.close()


@pytest.mark.parametrize("shortcut", [Shortcut.A, Shortcut.B])
def test_batch_gives_the_same_as_single_pictures(engine, shortcut):
    model = model_of(NetworkConfig(18, shortcut, classes=10))
    requests = [
        Request(frame(1), model, Target(2)),
        Request(frame(2), model, Target(None), {"conv3_1": 0.0}),
        Request(frame(3), model, Target(None, Score.LOSS)),
    ]

    together = engine.explain_batch(requests)

    for request, explained in zip(requests, together, strict=True):
        alone = engine.explain(request)
        assert explained.identity == alone.identity == request.identity
        np.testing.assert_allclose(explained.logits, alone.logits, rtol=1e-4, atol=1e-4)
        for block, other in zip(explained.blocks, alone.blocks, strict=True):
            assert cosine(block.grad_cam, other.grad_cam) > 0.99999
            assert block.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)


@pytest.mark.parametrize("name", ["openvino:cpu", FILTERED])
def test_streams_give_the_same_side_by_side(name):
    model = model_of(NetworkConfig(18, Shortcut.B, classes=10))
    requests = [Request(frame(1), model, Target(2)), Request(frame(2), model, Target(None))]
    engine = make(name, threads=2)
    with ThreadPoolExecutor(2) as pool:
        streams = engine.streams(model, 2)
        found = list(pool.map(lambda stream, request: [stream.explain(request) for _ in range(3)],
                              streams, requests))  # fmt: skip

    for request, several in zip(requests, found, strict=True):
        alone = engine.explain(request)
        for explained in several:
            assert explained.identity == alone.identity
            np.testing.assert_allclose(explained.logits, alone.logits, rtol=1e-4, atol=1e-4)
            for block, other in zip(explained.blocks, alone.blocks, strict=True):
                for kind in MapKind:
                    assert cosine(block.map(kind), other.map(kind)) > 0.99999
                assert block.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)


def test_one_thread_has_no_streams():
    model = model_of(NetworkConfig(18, Shortcut.B, classes=10))
    assert make("openvino:cpu", threads=1).streams(model, 2) == ()


def test_bare_forward_pass_gives_the_same_answer(engine, small_model):
    request = Request(frame(1), small_model, strengths={"conv4_2": 0.0})
    inputs = prepare_batch([request.frame], small_model.card.preprocessing)
    strengths = np.ones((1, 8), np.float32)
    strengths[0, 5] = 0

    explained = engine.explain(request)

    logits = engine.logits(small_model, inputs, strengths)[0]
    np.testing.assert_allclose(logits, explained.logits, rtol=1e-4, atol=1e-4)
    intact = engine.logits(small_model, inputs)[0]
    assert np.abs(intact - explained.logits).max() > 1e-2


def test_early_answers_end_with_the_answer(engine, small_model):
    explained = engine.explain(Request(frame(1), small_model))

    assert explained.early_logits.shape == (2, 10)
    np.testing.assert_allclose(explained.early_logits[-1], explained.logits, rtol=1e-5)
    assert explained.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert explained.top()[0] == explained.target_class


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"target": Target(10)}, "There is no class 10"),
        ({"strengths": {"conv9_1": 0.0}}, "There is no block conv9_1"),
    ],
)
def test_what_the_model_does_not_have_is_refused(engine, small_model, request_, sentence):
    with pytest.raises(UsageError, match=sentence):
        engine.explain(Request(frame(1), small_model, **request_))


def test_results_are_read_only_and_outlive_the_next_call(engine, small_model):
    first = engine.explain(Request(frame(1), small_model))
    before = first.logits.copy()

    engine.explain(Request(frame(2), small_model))

    np.testing.assert_array_equal(first.logits, before)
    assert not first.logits.flags.writeable
    assert not first.blocks[0].activation.flags.writeable


@pytest.mark.parametrize("block", ["conv1", "conv3_1", "conv5_2"])
def test_whole_tensors_of_a_block_equal_autograds(engine, small_model, block):
    request = Request(frame(1), small_model, Target(3))
    module = reference.network(small_model.config, dtype=torch.float64, calm=True)
    x = torch.from_numpy(prepare_batch([request.frame], small_model.card.preprocessing)).double()
    names = ["conv1", *(known.name for known in small_model.config.blocks)]
    wanted = reference.explain(module, x, [3]).blocks[names.index(block)]

    found = engine.tensors(request, block)

    for part in ("activation", "gradient", "through_shortcut", "through_residual"):
        expected, actual = getattr(wanted, part), getattr(found, part)
        if expected is None:
            assert actual is None
        else:
            assert actual.shape == tuple(expected.shape[1:])
            assert cosine(actual, expected) > 0.99999
    with pytest.raises(UsageError, match="no block conv9_1"):
        engine.tensors(request, "conv9_1")


@pytest.mark.parametrize("name", [d for d in DEVICES if "openvino" not in str(d)])
@pytest.mark.parametrize("score", list(Score))
def test_half_precision_keeps_its_promise(small_model, name, score):
    exact, rounded = make("openvino:cpu"), make(name, precision="f16")
    request = Request(frame(1), small_model, Target(3, score))

    found, wanted = rounded.explain(request), exact.explain(request)

    assert found.precision == "f16"
    for block, expected in zip(found.blocks, wanted.blocks, strict=True):
        for kind in MapKind:
            assert cosine(block.map(kind), expected.map(kind)) > 0.99, (block.name, kind)
        assert block.gradient_norm == pytest.approx(expected.gradient_norm, rel=0.05)
    whole, exactly = rounded.tensors(request, "conv3_1"), exact.tensors(request, "conv3_1")
    for part in ("activation", "gradient", "through_shortcut", "through_residual"):
        assert np.linalg.norm(getattr(whole, part)) == pytest.approx(
            float(np.linalg.norm(getattr(exactly, part))), rel=0.05
        )


def test_weights_are_sent_once(small_model):
    engine = TorchEngine()
    engine.explain(Request(frame(1), small_model))
    ops = engine._load(small_model).ops
    sent = len(ops._tensors)

    engine.explain(Request(frame(2), small_model))

    assert len(ops._tensors) == sent
