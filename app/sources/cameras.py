"""Which cameras there are, by name, and what a choice is remembered by."""

from __future__ import annotations

import sys
from pathlib import Path

from app.sources.requests import CameraRequest

_SYSFS = Path("/sys/class/video4linux")
_V4L2 = 200
"""cv2.CAP_V4L2: named here so that listing cameras does not import OpenCV."""


def cameras(sysfs: Path = _SYSFS) -> tuple[CameraRequest, ...]:
    """Every camera that is connected now, by index; a window may call it again and compare.

    Takes about a millisecond on Linux and asks drivers on Windows and macOS: call it in a worker.
    """
    return _linux(sysfs) if sys.platform == "linux" else _elsewhere()


def remembered(identity: str, found: tuple[CameraRequest, ...]) -> CameraRequest | None:
    """The camera that was chosen before, wherever it is plugged in now.

    identity: CameraRequest.identity, "product@place". The same place wins over the same product.
    """
    exact = [camera for camera in found if camera.identity == identity]
    product = identity.partition("@")[0]
    alike = [camera for camera in found if camera.identity.partition("@")[0] == product]
    return next(iter(exact or alike), None)


def _linux(sysfs: Path) -> tuple[CameraRequest, ...]:
    found = []
    for node in sysfs.glob("video*"):
        # A camera's further nodes give metadata and no pictures.
        if not node.name[5:].isdigit() or _read(node / "index") not in {"", "0"}:
            continue
        index = int(node.name[5:])
        name = _read(node / "name") or f"Camera {index}"
        found.append(CameraRequest(index, name, _identity(node, name), _V4L2))
    return tuple(sorted(found, key=lambda camera: camera.index))


def _identity(node: Path, name: str) -> str:
    device = (node / "device").resolve()
    for place in (device, *device.parents):
        if (place / "idVendor").is_file():
            parts = (_read(place / part) for part in ("idVendor", "idProduct", "serial"))
            return f"{':'.join(parts)}@{place.name}"
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
