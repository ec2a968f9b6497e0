"""Choosing an engine: what could answer here, what does so fastest and agrees, and why."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resnet_core.engines.engine import Engine, Request
from resnet_core.engines.hardware import (
    has_apple_gpu,
    has_nvidia_gpu,
    may_have_intel_gpu,
    multiplies_bfloat16,
    torch_build,
)
from resnet_core.engines.trial import F32, Standing, Verdict, hold_trial
from resnet_core.engines.verdicts import Verdicts
from resnet_core.errors import EngineError, UsageError
from resnet_core.folders import cache_folder
from resnet_core.pictures.decoding import decode
from resnet_core.pictures.samples import samples
from resnet_core.weights.model import Model

AUTO = "auto"
QUICK = "openvino:cpu"
"""What answers first: it loads in a fraction of a second and runs on every computer."""

WISHES = (
    AUTO,
    QUICK,
    "openvino:gpu",
    "torch:cpu",
    "torch:cuda",
    "torch:mps",
    "torch:xpu",
)

_HALF = "f16"
_BRAIN = "bf16"
_WITHOUT_CUDA = ("cpu", "xpu")


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can be used here; the reason is a sentence either way."""

    name: str
    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine and the precision that it would compute in."""

    name: str
    precision: str = F32

    @property
    def title(self) -> str:
        """``openvino:cpu f32``."""
        return f"{self.name} {self.precision}"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The engine that was made, and why this one. verdict: None where nothing was measured."""

    engine: Engine
    reason: str
    verdict: Verdict | None = None


def choose(wish: str = AUTO, threads: int | None = None, model: Model | None = None) -> Choice:
    """Make the engine of the wish; nothing is measured here.

    model: what it will run; for ``auto`` the verdict of a trial with it, if there was one, counts.
    Otherwise it is the engine that is quick to start, in float32.
    Raises UsageError for an unknown wish and EngineError, saying what to install, for one that
    cannot be had here.
    """
    if wish != AUTO:
        return Choice(make(Candidate(_known(wish)), threads), "as wished")
    verdict = None if model is None else remembered(model)
    if verdict is not None:
        try:
            return Choice(make(chosen(verdict), threads), verdict.chosen.reason, verdict)
        except EngineError:
            pass  # a driver may be gone since then
    return _first(candidates(), threads)


def candidates() -> tuple[Candidate, ...]:
    """What ``auto`` may take here, the reference first; no framework is loaded to find out.

    torch's CPU engine is one only without OpenVINO, which does the same work in less time and
    loads without torch's seconds.
    """
    field = []
    if _is_installed("openvino"):
        field.append(Candidate(QUICK))
        if multiplies_bfloat16():
            field.append(Candidate(QUICK, _BRAIN))
        if may_have_intel_gpu():
            field.append(Candidate("openvino:gpu"))
    for name in _torch_gpus():
        field += [Candidate(name), Candidate(name, _HALF)]
    return tuple(field) if field else (Candidate("torch:cpu"),)


def make(candidate: Candidate, threads: int | None = None) -> Engine:
    """Load an engine. Raises EngineError, saying what to install, where it cannot be had."""
    kind, device = candidate.name.split(":")
    if kind == "openvino":
        if not _is_installed("openvino"):
            raise EngineError("OpenVINO is not installed; `pip install openvino` brings it.")
        from resnet_core.engines.openvino.engine import OpenVINOEngine

        return OpenVINOEngine(device.upper(), threads, precision=candidate.precision)
    _need_torch(device)
    # Loading torch takes seconds: only who wishes for it pays.
    from resnet_core.engines.torch.engine import TorchEngine

    return TorchEngine(device, candidate.precision)


def fallbacks(failed: str) -> tuple[Candidate, ...]:
    """What to go on with when the engine of that name fails in use, the best first."""
    return tuple(Candidate(name) for name in (QUICK, "torch:cpu") if name != failed)


def remembered(model: Model) -> Verdict | None:
    """What a trial of the candidates found before, None if there was none."""
    field = candidates()
    verdict = _verdicts().find(model, [candidate.title for candidate in field])
    known = verdict is not None and chosen(verdict) in field
    return verdict if known else None


def decide(
    model: Model, given_up: Callable[[], bool] = lambda: False, threads: int | None = None
) -> Verdict | None:
    """Measure the candidates with a model, about a second, and remember the verdict.

    None if it was given up, or if there is only one to choose from. Compiling comes beside that.
    """
    made: list[Engine] = []
    missing: list[Standing] = []
    field = candidates()
    try:
        for candidate in field:
            if given_up():
                return None
            try:
                made.append(make(candidate, threads))
            except EngineError as error:
                missing.append(
                    Standing(candidate.name, candidate.precision, None, None, str(error))
                )
        if len(made) < 2:
            return None
        pictures = [decode(sample.path) for sample in samples()]
        verdict = hold_trial(made, [Request(frame, model) for frame in pictures], given_up)
    finally:
        for engine in made:
            engine.close()
    if verdict is None:
        return None
    verdict = Verdict((*verdict.standings, *missing))
    _verdicts().keep(model, [candidate.title for candidate in field], verdict)
    return verdict


def chosen(verdict: Verdict) -> Candidate:
    """The candidate that a verdict chose."""
    return Candidate(verdict.chosen.name, verdict.chosen.precision)


def survey() -> tuple[Availability, ...]:
    """What each engine would need here. Imports torch only where it is installed."""
    found = []
    for name in WISHES[1:]:
        try:
            found.append(Availability(name, True, make(Candidate(name)).describe().device))
        except EngineError as error:
            found.append(Availability(name, False, str(error)))
    return tuple(found)


def has_torch() -> bool:
    """Whether torch is installed; it is not loaded to find out."""
    return _is_installed("torch")


def unused_gpu() -> str | None:
    """What keeps torch from the NVIDIA GPU that is here; None if there is none or nothing does."""
    if not has_nvidia_gpu():
        return None
    build = torch_build()
    if build is None:
        return (
            "An NVIDIA GPU is here that torch could use, but torch is not installed; "
            "`pip install skiplens[torch]` brings it."
        )
    if build in _WITHOUT_CUDA:
        return (
            f"An NVIDIA GPU is here, but the installed torch was built for {build} only; "
            "install torch's CUDA build, as pytorch.org tells."
        )
    return None


def _known(wish: str) -> str:
    if wish not in WISHES:
        raise UsageError(f"There is no engine {wish}; choose one of {', '.join(WISHES)}.")
    return wish


def _first(field: Sequence[Candidate], threads: int | None) -> Choice:
    errors: list[str] = []
    for candidate in field:
        try:
            engine = make(candidate, threads)
        except EngineError as error:
            errors.append(str(error))
            continue
        only = "the only one to choose from here"
        reason = only if len(field) == 1 else "quick to start; not measured with this network yet"
        hint = unused_gpu()
        return Choice(engine, f"{reason}. {hint}" if hint else reason)
    raise EngineError(f"No engine can be used on this computer: {' '.join(errors)}")


def _verdicts() -> Verdicts:
    return Verdicts(cache_folder() / "engines.json")


def _torch_gpus() -> list[str]:
    """GPUs that the installed torch may be able to use."""
    nvidia, apple, intel = has_nvidia_gpu(), has_apple_gpu(), may_have_intel_gpu()
    build = torch_build() if nvidia or apple or intel else None
    if build is None:
        return []
    found = {
        "torch:cuda": nvidia and build not in _WITHOUT_CUDA,
        "torch:mps": apple,
        "torch:xpu": intel and build == "xpu",
    }
    return [name for name, usable in found.items() if usable]


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _need_torch(device: str) -> None:
    hint = unused_gpu() if device == "cuda" else None
    if hint is not None:
        raise EngineError(hint)
    if not _is_installed("torch"):
        raise EngineError("torch is not installed; `pip install skiplens[torch]` brings it.")
