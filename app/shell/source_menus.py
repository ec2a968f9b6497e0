"""Choosing a live source: a camera by its name, an address, a video file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from app.name_filter import name_filter
from app.sources.cameras import cameras
from app.sources.requests import CameraRequest, NetworkRequest, VideoRequest
from resnet_core.errors import CameraError

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg"})


class SourceMenus(QObject):
    """Asks; ``chosen`` carries a request, ``refused`` a sentence."""

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._folder = str(Path.home())

    def show_cameras(self, place: QPoint) -> None:
        """The cameras that are connected now, and a camera by its address."""
        menu = QMenu(self._window)
        found = cameras()
        for camera in found:
            menu.addAction(camera.name).setData(camera)
        if not found:
            menu.addAction("No camera is connected").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Network camera ...").setData(NetworkRequest)
        menu.triggered.connect(self._camera_chosen)
        menu.popup(place)

    def choose_video(self) -> None:
        """Ask for a file in the platform's dialog."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a video", self._folder, name_filter("Videos", VIDEO_SUFFIXES)
        )
        if name:
            self._folder = str(Path(name).parent)
            self.chosen.emit(VideoRequest(Path(name)))

    @Slot(QAction)
    def _camera_chosen(self, action: QAction) -> None:
        wanted = action.data()
        if isinstance(wanted, CameraRequest):
            self.chosen.emit(wanted)
            return
        address, accepted = QInputDialog.getText(
            self._window, "Network camera", "Address, like http://192.168.1.20:8080/video"
        )
        if not accepted:
            return
        try:
            self.chosen.emit(NetworkRequest(address.strip()))
        except CameraError as error:
            self.refused.emit(str(error))
