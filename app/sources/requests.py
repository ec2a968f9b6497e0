"""Which live source is wanted, and what may be asked of it while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from resnet_core.errors import CameraError

RESOLUTIONS = ("", "640x480", "1280x720", "1920x1080")
"""What a camera may be asked for, width first; the driver's choice where it is empty."""


@dataclass(frozen=True, slots=True)
class CameraRequest:
    """A camera. index, backend: OpenCV's; identity: what the choice is remembered by.

    width, height: pixels to ask for, 0 for the driver's choice. device: the file that the camera
    is opened by, where the system has one; empty: by its index.
    """

    index: int
    name: str
    identity: str
    backend: int = 0
    width: int = 0
    height: int = 0
    mirror: bool = True
    device: str = ""


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """An MJPEG or RTSP address. It may hold a password, so it is never part of repr or name.

    Raises CameraError where the address is none that can be opened.
    """

    address: str = field(repr=False)
    mirror: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.address)
            usable = parts.scheme in {"http", "https", "rtsp", "rtsps"} and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            usable = False
        if not usable:
            raise CameraError(
                "That is no camera's address; write one like http://192.168.1.20:8080/video or "
                "rtsp://192.168.1.20:554/stream."
            )

    @property
    def name(self) -> str:
        """Host and port: the rest of an address may hold a password or a token."""
        parts = urlsplit(self.address)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A video file, played at its own rate times speed."""

    path: Path
    loop: bool = False
    speed: float = 1.0
    mirror: bool = False

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class FolderRequest:
    """The pictures of a folder, each for some seconds."""

    path: Path
    seconds: float = 3.0
    loop: bool = True

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class ScreenRequest:
    """A screen by its name in Qt, "" for the first.

    region: x, y, width, height in the screen's logical pixels; None for all of it. Under Wayland
    the desktop asks which screen or window instead; again: go back to what it was the last time.
    """

    screen: str = ""
    region: tuple[int, int, int, int] | None = None
    per_second: float = 15.0
    again: bool = False

    @property
    def name(self) -> str:
        return self.screen or "the screen"


CaptureRequest = CameraRequest | NetworkRequest | VideoRequest
Request = CaptureRequest | FolderRequest | ScreenRequest


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold, or go on."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Seek:
    """Go to a time in the video."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """Hold and show the frame that is that many further; negative goes back."""

    frames: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Play that many times as fast."""

    factor: float


@dataclass(frozen=True, slots=True)
class Loop:
    """Begin again at the end, or stop there."""

    loop: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """Send no frame before a time of the monotonic clock: nobody has use for one until then."""

    until: float


Command = Pause | Seek | Step | Speed | Loop | Rest
