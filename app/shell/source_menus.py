"""Choosing a live source: a camera, a video, slides, a screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QThread, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.name_filter import name_filter
from app.shell.camera_choice import CameraChoice
from app.shell.region_picker import RegionPicker
from app.sources.permission import desktop_asks_for_screen
from app.sources.requests import FolderRequest, ScreenRequest, VideoRequest
from app.sources.screen_choice import remembered_choice

VIDEO_SUFFIXES = frozenset({
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg",
    ".wmv", ".flv", ".ts", ".mts", ".m2ts", ".3gp", ".ogv",
})  # fmt: skip


class SourceMenus(QObject):
    """Asks; ``chosen`` carries a request. cameras: what asks for one, in a panel of its own."""

    chosen = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._folder = str(Path.home())
        self.cameras = CameraChoice(window)
        self._picker: RegionPicker | None = None

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still run."""
        return self.cameras.workers

    def finish(self) -> None:
        """Let the threads go; never waits."""
        self.cameras.finish()

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
