"""What this computer has, found out without loading any framework."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

NVIDIA_DRIVER = Path("/proc/driver/nvidia")
DISPLAY_DEVICES = Path("/sys/class/drm")
_INTEL = "0x8086"


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver is installed, which torch could use."""
    if NVIDIA_DRIVER.is_dir() or shutil.which("nvidia-smi") is not None:
        return True
    system = os.environ.get("SYSTEMROOT")
    return system is not None and Path(system, "System32", "nvml.dll").is_file()


def may_have_intel_gpu() -> bool:
    """Whether OpenVINO is worth asking for a GPU; Linux tells, Windows does not without asking."""
    if sys.platform == "win32":
        return True
    vendors = DISPLAY_DEVICES.glob("card*/device/vendor")
    return any(vendor.read_text("ascii").strip() == _INTEL for vendor in vendors)


def has_apple_gpu() -> bool:
    """Whether this is a Mac with Apple's own processor."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


def installed_version(package: str) -> str | None:
    """The version of an installed package, None if it is not installed; it is not imported."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def torch_build() -> str | None:
    """What the installed torch was built for, as far as its version tells.

    ``cpu``, ``cu128`` or ``xpu``; empty where the version does not say, None without torch.
    """
    version = installed_version("torch")
    return None if version is None else version.partition("+")[2]


def processor() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16; only Linux tells without asking it."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def signature() -> tuple[str, ...]:
    """What decides how fast engines are here: processor, cores, GPUs and their drivers."""
    cards = sorted(NVIDIA_DRIVER.glob("gpus/*/information"))
    told = [*cards, NVIDIA_DRIVER / "version"]
    texts = [path.read_text("utf-8", errors="replace") for path in told if path.is_file()]
    machine = (platform.system(), platform.machine())
    return (*machine, processor(), str(os.cpu_count()), str(has_nvidia_gpu()), *texts)
