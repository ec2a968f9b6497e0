"""Which cameras there are, by name, and what a choice is remembered by."""

from __future__ import annotations

import sys
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path

from app.sources.requests import CameraRequest

_SYSFS = Path("/sys/class/video4linux")
_DEVICES = Path("/dev")
_V4L2 = 200
"""cv2.CAP_V4L2: named here so that listing cameras does not import OpenCV."""


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """identity: of the camera that was used last. resolution: one of RESOLUTIONS."""

    identity: str = ""
    mirror: bool = True
    resolution: str = ""

    def applied(self, camera: CameraRequest) -> CameraRequest:
        """The camera, asked for with these options."""
        width, _, height = self.resolution.partition("x")
        return replace(camera, mirror=self.mirror, width=int(width or 0), height=int(height or 0))


def cameras(sysfs: Path = _SYSFS, devices: Path = _DEVICES) -> tuple[CameraRequest, ...]:
    """Every camera that is connected now, by index; a window may call it again and compare.

    Takes about a millisecond on Linux and asks drivers on Windows and macOS: call it in a worker.
    """
    return _linux(sysfs, devices) if sys.platform == "linux" else _elsewhere()


def remembered(identity: str, found: tuple[CameraRequest, ...]) -> CameraRequest | None:
    """The camera that was chosen before, wherever it is plugged in now.

    identity: CameraRequest.identity, "product@place". The same place wins over the same product,
    and of a device with several cameras the one that has the same part of it.
    """
    exact = [camera for camera in found if camera.identity == identity]
    product, part = _product(identity), identity.rpartition(":")[2]
    alike = [camera for camera in found if _product(camera.identity) == product]
    same_part = [camera for camera in alike if camera.identity.rpartition(":")[2] == part]
    return next(iter(exact or same_part or alike), None)


def found_again(
    camera: CameraRequest, found: tuple[CameraRequest, ...], others: Set[str] = frozenset()
) -> CameraRequest | None:
    """The same camera where it is now, asked for as before; None if it is not there.

    others: identities that were seen beside it; one of the same product is still another camera.
    """
    now = remembered(camera.identity, tuple(one for one in found if one.identity not in others))
    if now is None:
        return None
    return replace(camera, index=now.index, device=now.device, backend=now.backend)


def _product(identity: str) -> str:
    return identity.partition("@")[0]


def _linux(sysfs: Path, devices: Path) -> tuple[CameraRequest, ...]:
    found = []
    for node in sysfs.glob("video*"):
        # A camera's further nodes give metadata and no pictures.
        if not node.name[5:].isdigit() or _read(node / "index") not in {"", "0"}:
            continue
        index = int(node.name[5:])
        name = _read(node / "name") or f"Camera {index}"
        file = str(devices / node.name)
        found.append(CameraRequest(index, name, _identity(node, name), _V4L2, device=file))
    return tuple(sorted(found, key=lambda camera: camera.index))


def _identity(node: Path, name: str) -> str:
    device = (node / "device").resolve()
    for place in (device, *device.parents):
        if (place / "idVendor").is_file():
            parts = (_read(place / part) for part in ("idVendor", "idProduct", "serial"))
            # The interface, like 1-4:1.2, and not only the port: a laptop's colour and infrared
            # cameras are one USB device.
            return f"{':'.join(parts)}@{device.name}"
    return f"{name}@{device.name}"


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _elsewhere() -> tuple[CameraRequest, ...]:
    try:
        from cv2_enumerate_cameras import (  # type: ignore[import-not-found, unused-ignore]
            enumerate_cameras,
        )
    except ImportError:
        # Without names the first camera can still be chosen; it tells itself if it is missing.
        return (CameraRequest(0, "Camera 1", "0@0"),)
    return tuple(
        CameraRequest(
            camera.index, camera.name, f"{camera.vid}:{camera.pid}:@{camera.path}", camera.backend
        )
        for camera in enumerate_cameras()
    )
