"""Every connection of Show with the window and the controllers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from app.shell.explore_controller import ExploreController
from app.shell.live_controller import LiveController
from app.shell.live_wiring import LiveWiring
from app.shell.main_window import MainWindow
from app.shell.show_controller import ShowController
from app.shell.source_menus import SourceMenus
from app.sources.requests import CameraRequest
from app.views.show import LEAVING
from app.workers.engine_worker import Explanation
from resnet_core.explained.values import MapKind
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import Painted

_TO_CAMERA = "Hold something up to the camera"
_TO_OTHERS = "Watch how the answer changes"
_TO_PICTURES = "Drop a picture here"


class ShowWiring(QObject):
    """Made after everything else is connected. elsewhere: keys that would open dialogs or pages."""

    def __init__(
        self, window: MainWindow, controller: ExploreController, live: LiveController,
        live_wiring: LiveWiring, sources: SourceMenus, elsewhere: Sequence[QAction],
    ) -> None:  # fmt: skip
        super().__init__()
        self._window, self._controller, self._live = window, controller, live
        self._live_wiring, self._sources = live_wiring, sources
        self._elsewhere = tuple(elsewhere)
        self._page = window.show_view
        self.show = ShowController()
        self._connect_show()
        self._connect_page()
        self._connect_troubles()

    def _connect_show(self) -> None:
        show = self.show
        show.entered.connect(self._entered)
        show.left.connect(self._left)
        show.holding.connect(self._page.set_leaving)
        show.hinted.connect(lambda: self._page.set_hint(LEAVING))
        show.camera_wanted.connect(self._sources.start_camera)
        show.thaw_wanted.connect(self._live.toggle_freeze)
        show.retry_wanted.connect(self._retry)
        self._window.rail.show_requested.connect(show.toggle)

    def _connect_page(self) -> None:
        controller, page = self._controller, self._page
        controller.network_changed.connect(page.set_network)
        controller.block_selected.connect(page.set_block)
        controller.view_changed.connect(page.set_view)
        controller.frame_explained.connect(self._explained)
        controller.maps_painted.connect(self._painted)
        controller.frame_opened.connect(self._opened)
        for signal in (self._live.started, self._live.stopped, self._live.frozen_changed):
            signal.connect(self._live_changed)
        self._live.figures_changed.connect(self._live_changed)

    def _connect_troubles(self) -> None:
        for signal in (
            self._controller.failed, self._controller.engine_failed, self._live.troubled,
            self._live.ended, self._sources.refused, self._sources.missing,
        ):  # fmt: skip
            signal.connect(self._troubled)
        self._controller.recovered.connect(self._recovered)
        self._live.recovered.connect(self._recovered)

    @Slot()
    def _entered(self) -> None:
        controller, page = self._controller, self._page
        for action in self._elsewhere:
            action.setEnabled(False)
        page.set_network(controller.card)
        page.set_block(controller.block)
        view = controller.view
        if view.kind is None:  # a map is what Show is for
            controller.set_view(replace(view, kind=MapKind.GRAD_CAM))
        page.set_view(controller.view)
        self._live_changed()
        self._window.set_show(show=True)
        if controller.explanation is not None:
            self._explained(controller.explanation, controller.painted)
        elif self._live.request is None:
            self._sources.start_camera()

    @Slot()
    def _left(self) -> None:
        for action in self._elsewhere:
            action.setEnabled(True)
        self._window.set_show(show=False)

    @Slot(Explanation, object)
    def _explained(self, explanation: Explanation, painted: Painted | None) -> None:
        if self.show.is_on:
            rows = self._window.explore.answers.bars.rows
            self._page.set_explanation(explanation, painted, rows)
            self._recovered()

    @Slot(object)
    def _painted(self, painted: Painted | None) -> None:
        if self.show.is_on:
            self._page.set_painted(painted)

    @Slot(Frame)
    def _opened(self, frame: Frame) -> None:
        del frame
        self.show.set_live(live=False)

    @Slot()
    def _live_changed(self) -> None:
        live = self._live.request is not None
        words = self._window.explore.picture.live.words if live else ""
        if (live, words == "FROZEN") != (self.show.is_live, self.show.is_frozen):
            self.show.set_live(live=live, frozen=words == "FROZEN")
        if not self.show.is_on:
            return
        self._page.set_mark(words)
        if isinstance(self._live.request, CameraRequest):
            self._page.set_invitation(_TO_CAMERA)
        else:
            self._page.set_invitation(_TO_OTHERS if live else _TO_PICTURES)

    @Slot(str)
    def _troubled(self, sentence: str) -> None:
        if self.show.is_on:
            self._page.set_trouble(sentence)
            self._live_changed()
            self.show.set_trouble(troubled=True)

    @Slot()
    def _recovered(self) -> None:
        if self.show.is_on and self._page.answer.said.trouble:
            self._page.set_trouble("")
        self.show.set_trouble(troubled=False)

    @Slot()
    def _retry(self) -> None:
        if self._live.is_troubled:
            self._live.retry()
        elif self._live.request is None:
            self._sources.start_camera()
        else:
            self._controller.retry()
