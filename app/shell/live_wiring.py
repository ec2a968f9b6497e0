"""Every connection of live sources with the window and the controllers."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Slot

from app.live_thinning import Cost, Thinning
from app.shell.explore_controller import ExploreController
from app.shell.live_controller import Figures, LiveController
from app.shell.live_saving import LiveSaving
from app.shell.main_window import MainWindow
from app.shell.rail import EXPLORE, SHOW
from app.shell.source_menus import SourceMenus
from app.shell.top_bar import CAMERA, SCREEN, VIDEO
from app.shots import Shot
from app.sources.cameras import CameraOptions
from app.sources.permission import ask_for_camera
from app.sources.requests import (
    CameraRequest,
    FolderRequest,
    Request,
    ScreenRequest,
    VideoRequest,
)
from app.widgets.pace import FIGURES_SECONDS
from app.workers.engine_worker import Explanation
from resnet_core.pictures.painting import Painted

_COST_FRAMES = 15
"""Over which the time of a frame is told: a single one may have waited for something else."""

_STILL_SECONDS = 0.4
"""Without a new frame the picture counts as standing still, and is recorded as it looks now."""


class LiveWiring(QObject):
    """Made after the page is connected: a frame counts as explained once it is on show."""

    def __init__(
        self,
        window: MainWindow,
        controller: ExploreController,
        live: LiveController,
        sources: SourceMenus,
        saving: LiveSaving | None = None,
    ) -> None:
        super().__init__()
        self._window, self._controller, self._live, self._sources = (
            window, controller, live, sources,
        )  # fmt: skip
        self.saving = saving or LiveSaving()
        self._page, self._bar = window.explore, window.explore.picture.live
        self._video = window.explore.picture.video
        self.thinning = Thinning()
        self._figures_at = self._explained_at = 0.0
        self._seconds: deque[float] = deque(maxlen=_COST_FRAMES)
        self._connect_source()
        self._connect_bar()
        self._connect_choices()

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still run."""
        return (*self._live.workers, *self.saving.workers, *self._sources.workers)

    def _connect_source(self) -> None:
        live, bar = self._live, self._bar
        live.started.connect(bar.set_started)
        live.started.connect(self._started)
        live.started.connect(self._controller.forget_opening)
        live.stopped.connect(bar.set_stopped)
        live.stopped.connect(self._stopped)
        live.frame_taken.connect(self._controller.take_live)
        live.frame_taken.connect(self._sources.cameras.take_live)
        live.frozen_changed.connect(bar.set_frozen)
        live.frozen_changed.connect(self._frozen)
        live.settled.connect(self._controller.stand_still)
        live.figures_changed.connect(self._show_figures)
        live.troubled.connect(self._troubled)
        live.ended.connect(self._ended)
        live.recovered.connect(self._recovered)
        self._controller.frame_answered.connect(live.answered)
        self._controller.frame_explained.connect(self._explained)
        self._controller.frame_opened.connect(live.stop)
        self._controller.network_changed.connect(self._draw_all)
        self._controller.network_changed.connect(live.reset_pace)
        self._controller.engine_wish_changed.connect(live.reset_pace)

    def _connect_bar(self) -> None:
        bar, saving = self._bar, self.saving
        bar.freeze_requested.connect(self._live.toggle_freeze)
        bar.stop_requested.connect(self._live.stop)
        bar.snapshot_requested.connect(self.take_snapshot)
        bar.record_requested.connect(self.toggle_recording)
        self._video.commanded.connect(self._live.command)
        self._video.hold_requested.connect(self._live.toggle_freeze)
        self._live.frozen_changed.connect(self._video.set_held)
        saving.told.connect(bar.set_note)
        saving.recording_changed.connect(bar.set_recording)
        saving.recording_changed.connect(self._recording_goes_on)

    def _connect_choices(self) -> None:
        window, sources = self._window, self._sources
        window.top_bar.camera_requested.connect(sources.cameras.show)
        window.top_bar.remembered_camera_requested.connect(sources.cameras.go_to_remembered)
        window.top_bar.video_requested.connect(sources.show_videos)
        window.top_bar.screen_requested.connect(sources.show_screens)
        window.video_given.connect(self._play)
        sources.chosen.connect(self.go_live)
        sources.cameras.chosen.connect(self.go_live)
        sources.cameras.options_changed.connect(self._options_changed)

    def finish(self) -> None:
        """Leave the source, save what is recorded, and let the threads go; never waits."""
        self._live.stop()
        self.saving.finish()
        self._sources.finish()

    @Slot(object)
    def go_live(self, request: Request) -> None:
        """Show what a source sends; the system may ask the user before a camera is opened."""
        if isinstance(request, CameraRequest):
            ask_for_camera(self, lambda: self._start(request), self._controller.failed.emit)
        else:
            self._start(request)

    def _start(self, request: Request) -> None:
        if self._window.page not in {EXPLORE, SHOW}:
            self._window.show_page(EXPLORE)
        self._live.start(request)
        self._window.setWindowTitle(f"{request.name}, SkipLens")

    @Slot(object)
    def _options_changed(self, options: CameraOptions) -> None:
        """A camera that is live opens again with other options."""
        request = self._live.request
        if isinstance(request, CameraRequest):
            self._start(options.applied(request))

    @Slot()
    def take_snapshot(self) -> None:
        """Keep the frame on show, with its maps and numbers."""
        shot = self._shot(self._controller.painted)
        if shot is not None:
            self.saving.take_snapshot(shot)

    @Slot()
    def toggle_recording(self) -> None:
        """Record what is on show, or end the file."""
        if self.saving.is_recording:
            self.saving.stop_recording()
        elif self._live.request is not None:
            self.saving.start_recording()

    @Slot(str)
    def _recording_goes_on(self, elapsed: str) -> None:
        """A frozen picture is recorded for as long as it stands, with what is done to it."""
        now = time.monotonic()
        stands = now - self._explained_at > _STILL_SECONDS and not self._live.is_busy
        if elapsed and stands:
            shot = self._shot(self._controller.painted)
            if shot is not None:
                self.saving.add(shot, now)

    @Slot(Path)
    def _play(self, path: Path) -> None:
        self.go_live(VideoRequest(path))

    @Slot()
    def _started(self) -> None:
        request = self._live.request
        self._explained_at = math.inf  # what is on show is not this source's yet
        self._sources.cameras.set_live(request)
        self._window.top_bar.set_live(_segment(request))
        self._page.set_live(live=True)
        self._draw_all()
        has_end = isinstance(request, VideoRequest | FolderRequest)
        self._video.setVisible(has_end)
        if isinstance(request, VideoRequest | FolderRequest):
            slides = isinstance(request, FolderRequest)
            self._video.set_started(in_pictures=slides, loop=request.loop)
            self._video.set_held(False)

    @Slot()
    def _draw_all(self) -> None:
        """Leave nothing out, until it shows that it is too slow."""
        self.thinning.reset()
        self._seconds.clear()
        self._page.strip_every = 1

    @Slot(float)
    def set_floor(self, floor: float) -> None:
        """Under how many frames a second drawing is thinned; 0 for never."""
        self.thinning.floor = floor
        self._draw_all()
        self._bar.set_slow("")

    @Slot()
    def _stopped(self) -> None:
        self._draw_all()
        self._sources.cameras.set_live(None)
        self.saving.stop_recording()
        self._video.hide()
        self._window.top_bar.set_live(None)
        self._page.set_live(live=False)
        self._controller.stand_still()

    @Slot(bool)
    def _frozen(self, frozen: bool) -> None:
        self._page.set_live(live=not frozen)

    @Slot(str)
    def _troubled(self, sentence: str) -> None:
        self._bar.set_waiting(waiting=True)
        self._page.set_engine_error(sentence)

    @Slot(str)
    def _ended(self, sentence: str) -> None:
        self._bar.set_waiting(waiting=True)
        self._page.picture.set_error(sentence, "Play again")
        self._page.set_live(live=False)
        self._video.set_held(True)

    @Slot()
    def _recovered(self) -> None:
        self._video.set_held(self._live.is_frozen)
        # The page's sentence goes; if it was the engine's, that is asked again.
        self._controller.retry()
        if self._live.request is not None:
            self._page.set_live(live=not self._live.is_frozen)

    @Slot(Figures)
    def _show_figures(self, figures: Figures) -> None:
        self._bar.set_waiting(waiting=self._live.is_troubled)
        self._video.set_place(figures.place)
        self.thinning.note(figures.network, figures.source)
        self._page.strip_every = self.thinning.every
        now = time.monotonic()
        if now - self._figures_at >= FIGURES_SECONDS:
            self._figures_at = now
            explanation = self._controller.explanation
            if explanation is not None and self._seconds:
                cost = _cost(explanation, statistics.median(self._seconds))
                self._bar.set_slow(self.thinning.sentence(figures.network, cost))
            dropped = f"{figures.dropped} of {figures.seen}"
            self._bar.set_figures(figures.source, figures.network, figures.latency, dropped)

    @Slot(Explanation, object)
    def _explained(self, explanation: Explanation, painted: Painted | None) -> None:
        frame = explanation.wish.frame
        if frame is None or self._live.request is None:
            return
        self._seconds.append(explanation.explained.seconds)
        if not self._live.explained(frame):
            return  # known before, or of the source before
        self._explained_at = time.monotonic()
        shot = self._shot(painted) if self.saving.is_recording else None
        if shot is not None:
            self.saving.add(shot, frame.captured)

    def _shot(self, painted: Painted | None) -> Shot | None:
        """What the window shows now, while a source is live; None before there is an answer."""
        explanation, rows = self._controller.explanation, self._page.answers.bars.rows
        if self._live.request is None or explanation is None or not rows:
            return None
        map_ = painted.maps.get(self._controller.block) if painted is not None else None
        best = rows[0]
        return Shot(explanation, self._controller.view, map_, best.name, best.probability)


def _cost(explanation: Explanation, seconds: float) -> Cost:
    card = explanation.wish.card
    return Cost(card.network, *card.preprocessing.crop, seconds)


def _segment(request: Request | None) -> str:
    """Which button of the top bar a source belongs to."""
    if isinstance(request, VideoRequest | FolderRequest):
        return VIDEO
    return SCREEN if isinstance(request, ScreenRequest) else CAMERA
