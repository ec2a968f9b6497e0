"""Where a network computes, and in what precision: bf16 where the hardware multiplies it."""

from __future__ import annotations

import os
import platform
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from resnet_core.networks.modules import ResNet
from resnet_core.training.recipe import Precision


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The device, and whether convolutions and the classifier run in bf16; weights are float32."""

    device: torch.device
    bf16: bool

    def autocast(self) -> AbstractContextManager[object]:
        """Within it, the network runs in the chosen precision."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16)

    @property
    def words(self) -> str:
        """For cards and logs: ``AMD EPYC, 2 cores, bf16``."""
        return f"{hardware_name(self.device)}, {'bf16' if self.bf16 else 'float32'}"


def choose_arithmetic(wish: Precision, device: torch.device) -> Arithmetic:
    """bf16 as wished, or with ``auto`` where the hardware has it."""
    if device.type == "cuda":
        # The fastest kernels add in no fixed order; a resumed run has to give the same weights.
        torch.backends.cudnn.deterministic = True
    if wish is Precision.AUTO:
        return Arithmetic(device, _multiplies_bf16(device))
    return Arithmetic(device, wish is Precision.BF16)


def choose_device(rank: int) -> torch.device:
    """The process's CUDA device where there is one, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda", rank % torch.cuda.device_count())
    return torch.device("cpu")


def placed(network: ResNet, device: torch.device) -> ResNet:
    """The network on the device, channels last, which its convolutions are fastest in."""
    network.to(device)
    network.to(memory_format=torch.channels_last)
    return network


def hardware_name(device: torch.device) -> str:
    """The device's name as its maker gives it; of a processor also its cores."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    cores = os.cpu_count() or 1
    return f"{_processor_name()}, {cores} core{'s' if cores > 1 else ''}"


def _processor_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Without AVX-512 BF16 or AMX the same products are emulated and slower than float32.
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
