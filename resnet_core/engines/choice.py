"""Choosing an engine: what is there, what the user wished for, and why it became what it is."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from resnet_core.engines.engine import Engine
from resnet_core.errors import EngineError, UsageError

AUTO = "auto"

WISHES = (
    AUTO,
    "openvino:cpu",
    "openvino:gpu",
    "torch:cpu",
    "torch:cuda",
    "torch:mps",
    "torch:xpu",
)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can be used here; the reason is a sentence either way."""

    name: str
    available: bool
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The engine that was made, and why this one."""

    engine: Engine
    reason: str


def choose(wish: str = AUTO, threads: int | None = None) -> Choice:
    """Make the engine of the wish; ``auto`` is OpenVINO's CPU, which needs no torch.

    Raises UsageError for an unknown wish and EngineError, saying what to install, for one that
    cannot be had here.
    """
    if wish not in WISHES:
        raise UsageError(f"There is no engine {wish}; choose one of {', '.join(WISHES)}.")
    if wish != AUTO:
        return Choice(_make(wish, threads), "as wished")
    reasons: list[str] = []
    for name in ("openvino:cpu", "torch:cuda", "torch:mps", "torch:cpu"):
        try:
            return Choice(_make(name, threads), "; ".join([*reasons, "quick to start"]))
        except EngineError as error:
            reasons.append(str(error))
    raise EngineError(f"No engine can be used on this computer: {' '.join(reasons)}")


def survey() -> tuple[Availability, ...]:
    """What each engine would need here. Imports torch only where it is installed."""
    checks: dict[str, Callable[[], str]] = {
        "openvino:cpu": lambda: _openvino_device("CPU"),
        "openvino:gpu": lambda: _openvino_device("GPU"),
        **{f"torch:{kind}": _torch_check(kind) for kind in ("cpu", "cuda", "mps", "xpu")},
    }
    found = []
    for name, check in checks.items():
        try:
            found.append(Availability(name, True, check()))
        except EngineError as error:
            found.append(Availability(name, False, str(error)))
    return tuple(found)


def has_torch() -> bool:
    """Whether torch is installed; it is not loaded to find out."""
    return importlib.util.find_spec("torch") is not None


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver is installed, which torch could use."""
    return shutil.which("nvidia-smi") is not None


def _make(name: str, threads: int | None) -> Engine:
    kind, device = name.split(":")
    if kind == "openvino":
        _need_openvino()
        from resnet_core.engines.openvino.engine import OpenVINOEngine

        return OpenVINOEngine(device.upper(), threads)
    _need_torch()
    # Loading torch takes seconds: only who wishes for it pays.
    from resnet_core.engines.torch.engine import TorchEngine

    return TorchEngine(device)


def _need_openvino() -> None:
    if importlib.util.find_spec("openvino") is None:
        raise EngineError("OpenVINO is not installed; `pip install openvino` brings it.")


def _need_torch() -> None:
    if not has_torch():
        hint = "an NVIDIA GPU is here that it could use; " if has_nvidia_gpu() else ""
        raise EngineError(f"torch is not installed; {hint}`pip install skiplens[torch]` brings it.")


def _openvino_device(device: str) -> str:
    return _make(f"openvino:{device.lower()}", None).describe().device


def _torch_check(kind: str) -> Callable[[], str]:
    return lambda: _make(f"torch:{kind}", None).describe().device
