"""Choosing a live source: a camera by its name, an address, a video, slides, a screen."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QThread, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from app.name_filter import name_filter
from app.shell.region_picker import RegionPicker
from app.sources.cameras import cameras, remembered
from app.sources.permission import desktop_asks_for_screen
from app.sources.requests import (
    RESOLUTIONS,
    CameraRequest,
    FolderRequest,
    NetworkRequest,
    ScreenRequest,
    VideoRequest,
)
from app.sources.screen_choice import remembered_choice
from app.workers.job_worker import Job, JobWorker, Report
from resnet_core.errors import CameraError

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg"})
LOOK_EVERY_MS = 2000
_ADDRESS = "Address, like http://192.168.1.20:8080/video"


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


class SourceMenus(QObject):
    """Asks; ``chosen`` carries a request, ``refused`` a sentence."""

    chosen = Signal(object)
    refused = Signal(str)
    options_changed = Signal(object)  # CameraOptions
    missing = Signal(str)  # a camera was wanted, and there is none

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._folder = str(Path.home())
        self.options = CameraOptions()
        self._found: tuple[CameraRequest, ...] | None = None
        self._wanted_at: QPoint | None = None
        self._any_wanted = False
        self._looker = JobWorker()
        self._looker.done.connect(self._looked)
        self._menu = QMenu(window)
        self._menu.triggered.connect(self._camera_action)
        self._menu.aboutToHide.connect(self._stop_looking)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._picker: RegionPicker | None = None

    @property
    def workers(self) -> tuple[QThread, ...]:
        """The thread that looks for cameras."""
        return (self._looker,)

    def finish(self) -> None:
        """Let the thread go; never waits."""
        self._looker.finish()

    # Cameras

    @Slot(QPoint)
    def show_cameras(self, place: QPoint) -> None:
        """The cameras that are connected now, followed while the menu is open, and an address."""
        self._fill()
        self._menu.popup(place)
        self._look()
        self._timer.start()

    @Slot(QPoint)
    def go_to_camera(self, place: QPoint) -> None:
        """The camera that was used last, if it is connected; otherwise the menu."""
        self._wanted_at = place
        self._look()

    @Slot()
    def start_camera(self) -> None:
        """The camera that was used last, or the first one; ``missing`` if there is none."""
        self._any_wanted = True
        self._look()

    def _look(self) -> None:
        def work(report: Report, cancelled: threading.Event) -> object:
            del report, cancelled
            return cameras()

        self._looker.put(Job("cameras", work))

    @Slot(str, object)
    def _looked(self, key: str, found: object) -> None:
        del key
        assert isinstance(found, tuple)
        changed, self._found = found != self._found, found
        place, self._wanted_at = self._wanted_at, None
        if self._any_wanted:
            self._any_wanted = False
            camera = remembered(self.options.identity, found) or next(iter(found), None)
            if camera is None:
                self.missing.emit("No camera is connected; it starts when one is.")
            else:
                self._choose(camera)
        elif place is not None:
            known = remembered(self.options.identity, found) if self.options.identity else None
            if known is None:
                self.show_cameras(place)
            else:
                self._choose(known)
        elif changed and self._menu.isVisible():
            self._fill()

    def _stop_looking(self) -> None:
        self._timer.stop()

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        known = remembered(self.options.identity, self._found or ())
        for camera in self._found or ():
            action = menu.addAction(camera.name)
            action.setData(camera)
            action.setCheckable(True)
            action.setChecked(camera is known)
        if not self._found:
            looking = "Looking for cameras ..." if self._found is None else "No camera is connected"
            menu.addAction(looking).setEnabled(False)
        menu.addSeparator()
        menu.addAction("Network camera ...").setData(NetworkRequest)
        menu.addSeparator()
        mirror = menu.addAction("Mirror the picture")
        mirror.setData("mirror")
        mirror.setCheckable(True)
        mirror.setChecked(self.options.mirror)
        sizes = menu.addMenu("Resolution")
        group = QActionGroup(sizes)
        for resolution in RESOLUTIONS:
            action = sizes.addAction(_words(resolution))
            action.setData(resolution)
            action.setCheckable(True)
            action.setChecked(resolution == self.options.resolution)
            group.addAction(action)

    @Slot(QAction)
    def _camera_action(self, action: QAction) -> None:
        wanted = action.data()
        if isinstance(wanted, CameraRequest):
            self._choose(wanted)
        elif wanted is NetworkRequest:
            self._ask_for_address()
        else:
            changed = (
                replace(self.options, mirror=action.isChecked())
                if wanted == "mirror"
                else replace(self.options, resolution=str(wanted))
            )
            self.options = changed
            self.options_changed.emit(changed)

    def _choose(self, camera: CameraRequest) -> None:
        self.options = replace(self.options, identity=camera.identity)
        self.chosen.emit(self.options.applied(camera))

    def _ask_for_address(self) -> None:
        address, accepted = QInputDialog.getText(self._window, "Network camera", _ADDRESS)
        if not accepted:
            return
        try:
            self.chosen.emit(NetworkRequest(address.strip()))
        except CameraError as error:
            self.refused.emit(str(error))

    # Videos and slides

    @Slot(QPoint)
    def show_videos(self, place: QPoint) -> None:
        """A video file, or a folder as slides."""
        menu = QMenu(self._window)
        menu.addAction("Play a video ...", self.choose_video)
        menu.addAction("Show a folder as slides ...", self.choose_slides)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def choose_video(self) -> None:
        """Ask for a file in the platform's dialog."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a video", self._folder, name_filter("Videos", VIDEO_SUFFIXES)
        )
        if name:
            self._folder = str(Path(name).parent)
            self.chosen.emit(VideoRequest(Path(name)))

    def choose_slides(self) -> None:
        """Ask for a folder in the platform's dialog."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder", self._folder)
        if name:
            self._folder = name
            self.chosen.emit(FolderRequest(Path(name)))

    # Screens

    @Slot(QPoint)
    def show_screens(self, place: QPoint) -> None:
        """Each screen, or a region that is drawn; the desktop's dialog where only that may."""
        menu = QMenu(self._window)
        menu.triggered.connect(self._screen_action)
        menu.aboutToHide.connect(menu.deleteLater)
        if desktop_asks_for_screen():
            self._fill_shared(menu)
        else:
            self._fill_screens(menu)
        menu.popup(place)

    def _fill_shared(self, menu: QMenu) -> None:
        menu.addAction("Choose a screen or window ...").setData(ScreenRequest())
        if remembered_choice() is not None:
            menu.addAction("The one of the last time").setData(ScreenRequest(again=True))

    def _fill_screens(self, menu: QMenu) -> None:
        screens = QGuiApplication.screens()
        for screen in screens:
            size, request = screen.geometry(), ScreenRequest(screen.name())
            menu.addAction(f"{screen.name()}, {size.width()} by {size.height()}").setData(request)
        menu.addSeparator()
        for screen in screens:
            where = f" of {screen.name()}" if len(screens) > 1 else ""
            menu.addAction(f"A region{where} ...").setData((screen,))

    @Slot(QAction)
    def _screen_action(self, action: QAction) -> None:
        wanted = action.data()
        if isinstance(wanted, ScreenRequest):
            self.chosen.emit(wanted)
            return
        self._picker = RegionPicker(wanted[0])
        self._picker.picked.connect(self._region_picked)
        self._picker.show()

    @Slot(object)
    def _region_picked(self, request: ScreenRequest) -> None:
        self._picker = None
        self.chosen.emit(request)


def _words(resolution: str) -> str:
    return resolution.replace("x", " by ") if resolution else "The camera's own"
