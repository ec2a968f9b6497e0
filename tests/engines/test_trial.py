"""The fastest engine that agrees is taken; what disagrees, answers otherwise or fails is out."""

from dataclasses import replace as replaced

import numpy as np
import pytest

from resnet_core.engines import choice, hardware
from resnet_core.engines.engine import Request
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.engines.trial import hold_trial
from resnet_core.engines.verdicts import Verdicts
from resnet_core.errors import EngineError
from tests.engines.conftest import frame


class Altered:
    """The real engine under another name, whose answers are changed and take a known time."""

    def __init__(self, real, clock, seconds, name, precision="f32", alter=lambda explained: None):
        self._real, self._clock, self._seconds = real, clock, seconds
        self._name, self._precision, self._alter = name, precision, alter
        self.closed = False

    def describe(self):
        return replaced(self._real.describe(), name=self._name, precision=self._precision)

    def explain(self, request):
        self._clock.now += self._seconds
        explained = self._real.explain(request)
        return replaced(self._alter(explained) or explained, precision=self._precision)

    def close(self):
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def real():
    engine = OpenVINOEngine()
    yield engine
    engine.close()


def trial(real, model, *others):
    clock = Clock()
    engines = [Altered(real, clock, 0.02, "openvino:cpu")]
    engines += [Altered(real, clock, *other) for other in others]
    requests = [Request(frame(number), model) for number in range(4)]
    return hold_trial(engines, requests, clock=clock)


def test_fastest_that_agrees_is_chosen(real, small_model):
    verdict = trial(real, small_model, (0.005, "torch:cuda"), (0.05, "torch:cpu"))

    assert [one.name for one in verdict.standings] == ["torch:cuda", "openvino:cpu", "torch:cpu"]
    assert verdict.chosen.seconds == pytest.approx(0.005)
    assert "4.0 times as long" in verdict.standings[1].reason


def turned(explained):
    """Every map turned away from itself by a cosine of 0.995."""

    def turn(values):
        sideways = np.random.default_rng(0).normal(size=values.shape)
        square = float((values * values).sum())
        sideways -= (sideways * values).sum() / max(square, 1e-30) * values
        return values + 0.1 * np.sqrt(square) / np.linalg.norm(sideways) * sideways

    return with_maps(explained, turn)


def test_rounded_maps_may_differ_a_little_and_exact_ones_may_not(real, small_model):
    rounded, exact = ("torch:cuda", "f16", turned), ("torch:xpu", "f32", turned)
    verdict = trial(real, small_model, (0.005, *rounded), (0.005, *exact))

    assert verdict.chosen.title == "torch:cuda f16"
    assert verdict.chosen.cosine == pytest.approx(0.995, abs=1e-3)
    out = verdict.standings[-1]
    assert out.title == "torch:xpu f32"
    assert "disagrees with openvino:cpu f32 in" in out.reason


def test_wrong_maps_and_maps_that_are_no_numbers_are_out(real, small_model):
    broken = lambda explained: with_maps(explained, lambda m: np.full_like(m, np.nan))  # noqa: E731
    verdict = trial(real, small_model, (0.001, "torch:cuda", "f16", broken))

    assert verdict.chosen.name == "openvino:cpu"
    assert "disagrees" in verdict.standings[-1].reason


def test_another_answer_is_out(real, small_model):
    other = lambda explained: replaced(explained, logits=-explained.logits)  # noqa: E731
    verdict = trial(real, small_model, (0.001, "torch:cuda", "f32", other))

    assert verdict.chosen.name == "openvino:cpu"
    assert "another answer" in verdict.standings[-1].reason


def test_engine_that_fails_is_out_and_says_why(real, small_model):
    def fail(explained):
        raise EngineError("The driver was reset.")

    verdict = trial(real, small_model, (0.001, "torch:cuda", "f32", fail))

    assert verdict.chosen.name == "openvino:cpu"
    assert "The driver was reset." in verdict.standings[-1].reason


def test_trial_that_is_given_up_has_no_verdict(real, small_model):
    engines = [OpenVINOEngine(), OpenVINOEngine()]
    assert hold_trial(engines, [Request(frame(), small_model)], lambda: True) is None


def test_verdict_is_remembered_for_the_same_model_and_engines_only(
    real, small_model, tmp_path, monkeypatch
):
    verdict = trial(real, small_model, (0.005, "torch:cuda"))
    verdicts = Verdicts(tmp_path / "engines.json")
    verdicts.keep(small_model, ["a", "b"], verdict)

    assert Verdicts(tmp_path / "engines.json").find(small_model, ["a", "b"]) == verdict
    assert verdicts.find(small_model, ["a"]) is None
    assert verdicts.find(replaced(small_model, identity="other"), ["a", "b"]) is None

    (tmp_path / "engines.json").write_text("{broken")
    assert verdicts.find(small_model, ["a", "b"]) is None
    verdicts.keep(small_model, ["a", "b"], verdict)
    assert verdicts.find(small_model, ["a", "b"]) == verdict


def test_verdict_is_followed_without_measuring_again(small_model, tmp_path, monkeypatch):
    monkeypatch.setenv("SKIPLENS_CACHE", str(tmp_path))
    field = (choice.Candidate("openvino:cpu"), choice.Candidate("torch:cpu"))
    monkeypatch.setattr(choice, "candidates", lambda: field)

    assert choice.choose(model=small_model).verdict is None
    verdict = choice.decide(small_model)
    again = choice.choose(model=small_model)

    assert again.verdict == verdict
    assert again.engine.describe().name == verdict.chosen.name
    again.engine.close()


def test_unused_nvidia_gpu_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setattr(choice, "has_nvidia_gpu", lambda: True)
    monkeypatch.setattr(choice, "torch_build", lambda: None)
    assert "pip install skiplens[torch]" in choice.unused_gpu()
    assert "NVIDIA GPU" in choice.choose().reason

    monkeypatch.setattr(choice, "torch_build", lambda: "cpu")
    assert "built for cpu only" in choice.unused_gpu()
    with pytest.raises(EngineError, match="CUDA build"):
        choice.choose("torch:cuda")

    monkeypatch.setattr(choice, "torch_build", lambda: "cu132")
    assert choice.unused_gpu() is None


def test_driver_or_its_tool_tells_of_an_nvidia_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(hardware, "NVIDIA_DRIVER", tmp_path / "none")
    monkeypatch.setattr(hardware.shutil, "which", lambda name: None)
    monkeypatch.delenv("SYSTEMROOT", raising=False)
    assert not hardware.has_nvidia_gpu()
    monkeypatch.setattr(hardware, "NVIDIA_DRIVER", tmp_path)
    assert hardware.has_nvidia_gpu()


def with_maps(explained, change):
    kinds = ("activation", "gradient", "grad_cam", "layer_cam")
    blocks = tuple(
        replaced(block, **{kind: change(getattr(block, kind)).astype(np.float32) for kind in kinds})
        for block in explained.blocks
    )
    return replaced(explained, blocks=blocks)
