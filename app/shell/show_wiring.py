"""Every connection of Show with the window and the controllers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog

from app.shell.actions import KEYS
from app.shell.explore_controller import ExploreController
from app.shell.live_controller import LiveController
from app.shell.live_wiring import LiveWiring
from app.shell.main_window import MainWindow
from app.shell.show_controller import ShowController
from app.shell.source_menus import SourceMenus
from app.sources.requests import (
    CameraRequest,
    FolderRequest,
    NetworkRequest,
    Request,
    VideoRequest,
)
from app.view import View
from app.views.show import LEAVING
from app.workers.engine_worker import Explanation
from resnet_core.explained.values import MapKind
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import Painted

_TO_CAMERA = "Hold something up to the camera"
_TO_OTHERS = "Watch how the answer changes"
_TO_PICTURES = "Drop a picture here, or press C for the camera"
_NOTICE_MS = 8000
"""How long a sentence stays that nothing but reading it can be done about."""


class ShowWiring(QObject):
    """Made after everything else is connected. actions: of all keys, by wish."""

    def __init__(
        self, window: MainWindow, controller: ExploreController, live: LiveController,
        live_wiring: LiveWiring, sources: SourceMenus, actions: Mapping[str, QAction],
    ) -> None:  # fmt: skip
        super().__init__()
        self._window, self._controller, self._live = window, controller, live
        self._live_wiring, self._sources = live_wiring, sources
        self._actions = actions
        self._page = window.show_view
        self._home: Request | None = None  # where Show comes back to
        self._view_before: View | None = None
        self._again: Callable[[], None] = lambda: None
        self._is_retrying = self._has_answered = False
        self._notice = QTimer(self)
        self._notice.setSingleShot(True)
        self._notice.setInterval(_NOTICE_MS)
        self._notice.timeout.connect(self._put_notice_away)
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
        show.camera_wanted.connect(self._go_home)
        show.thaw_wanted.connect(self._live.toggle_freeze)
        show.retry_wanted.connect(self._retry)
        self._window.closing_refused.connect(show.hinted)
        self._window.rail.show_requested.connect(show.toggle)

    def _connect_page(self) -> None:
        controller, page = self._controller, self._page
        controller.network_changed.connect(page.set_network)
        controller.block_selected.connect(page.set_block)
        controller.view_changed.connect(page.set_view)
        controller.frame_explained.connect(self._explained)
        controller.maps_painted.connect(self._painted)
        controller.frame_opened.connect(self._opened)
        controller.answers_withdrawn.connect(page.withdraw)
        for signal in (self._live.started, self._live.stopped, self._live.frozen_changed):
            signal.connect(self._live_changed)
        self._live.figures_changed.connect(self._live_changed)

    def _connect_troubles(self) -> None:
        self._controller.failed.connect(self._told)  # what the sources refuse, too
        self._controller.engine_failed.connect(self._engine_failed)
        self._live.troubled.connect(self._source_troubled)
        self._live.ended.connect(self._source_troubled)
        self._sources.cameras.missing.connect(self._camera_missing)
        self._controller.recovered.connect(self._recovered)
        self._live.recovered.connect(self._recovered)

    @Slot()
    def _entered(self) -> None:
        controller, page = self._controller, self._page
        for key in KEYS:
            works = key.works_in_show(kiosk=self.show.is_kiosk)
            self._actions[key.wish].setEnabled(works)
        for dialog in self._window.findChildren(QDialog):
            dialog.close()  # help, which stops nothing, would lie over the answer
        self._home, self._again = self._live.request, lambda: None
        self._window.holds_closing = self.show.is_kiosk
        self._put_notice_away()
        page.set_network(controller.card)
        page.set_block(controller.block)
        self._view_before = view = controller.view
        if view.kind is None:  # a map is what Show is for
            controller.set_view(replace(view, kind=MapKind.GRAD_CAM))
        page.set_view(controller.view)
        self._live_changed()
        self._window.set_show(show=True)
        if controller.explanation is not None:
            self._explained(controller.explanation, controller.painted)
        if self._live.is_troubled:
            self._source_troubled(self._window.explore.picture.error.sentence)
        elif self.show.is_kiosk and self._live.request is None:
            self._go_home()

    @Slot()
    def _left(self) -> None:
        for action in self._actions.values():
            action.setEnabled(True)
        self._window.holds_closing = False
        self._notice.stop()
        before, view = self._view_before, self._controller.view
        if before is not None and before.kind is None and view.kind is MapKind.GRAD_CAM:
            self._controller.set_view(replace(view, kind=None))
        self._window.set_show(show=False)

    @Slot(Explanation, object)
    def _explained(self, explanation: Explanation, painted: Painted | None) -> None:
        if self.show.is_on:
            rows = self._window.explore.answers.bars.rows
            self._page.set_explanation(explanation, painted, rows)
            self._has_answered = True
            if not self._live.is_troubled:
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
        request = self._live.request
        live = request is not None
        if live and not isinstance(request, VideoRequest | FolderRequest):
            self._home = request
        words = self._window.explore.picture.live.words if live else ""
        if (live, words == "FROZEN") != (self.show.is_live, self.show.is_frozen):
            self.show.set_live(live=live, frozen=words == "FROZEN")
        if not self.show.is_on:
            return
        self._page.set_mark(words)
        if isinstance(request, CameraRequest | NetworkRequest):
            self._page.set_invitation(_TO_CAMERA)
        else:
            self._page.set_invitation(_TO_OTHERS if live else _TO_PICTURES)

    @Slot()
    def _go_home(self) -> None:
        """To what was live; strangers get a camera, nobody else's goes on without being asked."""
        if self._home is not None:
            self._live_wiring.go_live(self._home)
        elif self.show.is_kiosk:
            self._sources.cameras.start_any()

    # What went wrong

    @Slot(str)
    def _told(self, sentence: str) -> None:
        """Trying again would not help: the sentence stays until it is read."""
        if self.show.is_on:
            self._page.set_trouble(sentence)
            self._notice.start()

    @Slot()
    def _put_notice_away(self) -> None:
        self._notice.stop()
        self._page.set_trouble("")

    @Slot(str)
    def _engine_failed(self, sentence: str) -> None:
        self._troubled(sentence, self._controller.retry)

    @Slot(str)
    def _source_troubled(self, sentence: str) -> None:
        self._troubled(sentence, self._retry_source)

    @Slot(str)
    def _camera_missing(self, sentence: str) -> None:
        self._troubled(sentence, self._sources.cameras.start_any)

    def _troubled(self, sentence: str, again: Callable[[], None]) -> None:
        if self.show.is_on:
            self._notice.stop()
            self._page.set_trouble(sentence)
            self._again, self._has_answered = again, False
            self._live_changed()
            self.show.set_trouble(troubled=True)

    @Slot()
    def _recovered(self) -> None:
        if not self.show.is_on or self._is_retrying or self._notice.isActive():
            return  # that something is tried again does not mean that it is well
        if self._page.answer.said.trouble:
            self._page.set_trouble("")
        self.show.set_trouble(troubled=False)

    @Slot()
    def _retry(self) -> None:
        if self._live.is_opening:
            return  # by itself; once more would only begin again
        self._is_retrying = True
        try:
            self._again()
        finally:
            self._is_retrying = False

    def _retry_source(self) -> None:
        if self._live.is_troubled and self._has_answered:
            return  # a covered lens: pictures come, and opening the camera again uncovers nothing
        if self._home is not None and self._live.request != self._home:
            self._go_home()  # somebody's video is at its end
        else:
            self._live.retry()
