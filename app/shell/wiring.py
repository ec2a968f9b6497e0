"""Every connection between the window, the controller and the workers. Nothing else connects."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QDeadlineTimer, QObject, QThread, Slot

from app.put_off import load
from app.shell.actions import KEYS, add_actions
from app.shell.explore_controller import ExploreController
from app.shell.exports import ask_for_file, save_maps, save_view
from app.shell.help import help_dialog
from app.shell.live_controller import LiveController
from app.shell.live_wiring import LiveWiring
from app.shell.main_window import MainWindow
from app.shell.rail import EXPLORE, SHOW, WEIGHTS
from app.shell.settings import MOST_RECENT, Settings, read_settings, write_settings
from app.shell.show_wiring import ShowWiring
from app.shell.source_menus import SourceMenus
from app.shell.weights_controller import WeightsController
from app.sources.cameras import CameraOptions
from app.theme import ThemeWish, theme
from app.widgets.pace import FIGURES_SECONDS
from app.workers.better_engines import BetterEngines
from app.workers.decode_worker import DecodeWorker
from app.workers.engine_worker import EngineWorker, Explanation
from app.workers.survey_worker import SurveyWorker
from resnet_core.errors import SkipLensError, UsageError, WeightsError
from resnet_core.pictures.frame import Frame
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue

LEAVE_AFTER_MS = 900
"""How long the exit waits for the workers: they are asked to leave, then left alone."""


class Shell(QObject):
    """The window with its workers, put together; keep it as long as the window lives."""

    def __init__(
        self,
        settings_path: Path | None = None,
        catalogue: Catalogue | None = None,
        engine: EngineWorker | None = None,
        card: Card | None = None,
    ) -> None:
        super().__init__()
        self._settings_path, self._seconds_at = settings_path, 0.0
        self.settings = read_settings(settings_path) if settings_path else Settings()
        theme().wish = ThemeWish(self.settings.theme)
        theme().zoom = self.settings.zoom
        self.catalogue = catalogue or Catalogue()
        self.window = MainWindow(self.catalogue)
        self.engine = engine or EngineWorker(self.catalogue, better=BetterEngines())
        self.decoder = DecodeWorker()
        self.survey = SurveyWorker()
        card = card or self._remembered_card()
        self.controller = ExploreController(self.engine, self.decoder, card)
        self.live = LiveController()
        self.sources = SourceMenus(self.window)
        self.weights = WeightsController(self.catalogue, card)
        self._connect_workers()
        self._connect_page()
        self._connect_bar()
        self._connect_weights()
        self.live_wiring = LiveWiring(self.window, self.controller, self.live, self.sources)
        self.window.top_bar.engines.floor_chosen.connect(self.live_wiring.set_floor)
        self._connect_window()
        self._show_state(card)

    def start(self) -> None:
        """Start the workers; call it once the window is painted."""
        load()
        self.engine.start()
        self.decoder.start()
        self.controller.choose_engine(self.settings.engine)
        self.controller.ask()

    def _remembered_card(self) -> Card:
        try:
            if self.settings.weights:
                return self.catalogue.card(self.settings.weights)
        except (WeightsError, UsageError):
            pass  # weights of before may be gone; the default is always there
        return self.catalogue.default()

    def _show_state(self, card: Card) -> None:
        page, controller = self.window.explore, self.controller
        self.window.top_bar.set_card(card)
        self.window.top_bar.set_recent(self.settings.recent)
        self.window.top_bar.engines.set_wish(self.settings.engine)
        page.set_network(card)
        page.set_block(controller.block)
        controller.set_view(self.settings.view)
        page.set_view(controller.view)
        page.set_steady(self.settings.steady)
        self.live_wiring.set_floor(self.settings.live_floor)
        self.window.top_bar.engines.set_floor(self.settings.live_floor)
        self.sources.cameras.options = CameraOptions(
            self.settings.camera, self.settings.mirror, self.settings.resolution
        )
        if self.settings.geometry:
            self.window.restoreGeometry(QByteArray.fromHex(self.settings.geometry.encode()))

    def _connect_workers(self) -> None:
        self.engine.frame_explained.connect(self.controller.take_explanation)
        self.engine.lesion_explained.connect(self.controller.take_lesioned)
        self.engine.failed.connect(self.controller.take_failure)
        self.engine.room_changed.connect(self.live.set_room)
        self.live.pace_changed.connect(self.engine.set_pace)
        self.engine.engine_ready.connect(self.window.top_bar.set_engine)
        self.engine.measured.connect(self.window.top_bar.engines.set_measured)
        self.engine.fell_back.connect(self.controller.failed)
        self.decoder.opened.connect(self.controller.take_opened)
        self.survey.surveyed.connect(self.window.top_bar.engines.set_survey)

    def _connect_page(self) -> None:
        controller, page = self.controller, self.window.explore
        controller.network_changed.connect(page.set_network)
        controller.frame_opened.connect(page.set_frame)
        controller.frame_opened.connect(self._remember_recent)
        controller.frame_opened.connect(self._show_frame)
        controller.place_changed.connect(page.picture.set_place)
        controller.block_selected.connect(page.set_block)
        controller.lesions_changed.connect(page.set_lesions)
        controller.view_changed.connect(page.set_view)
        controller.frame_explained.connect(page.set_explanation)
        controller.maps_painted.connect(page.set_painted)
        controller.lesion_explained.connect(page.set_lesioned)
        controller.failed.connect(page.set_error)
        controller.engine_failed.connect(page.set_engine_error)
        controller.answers_withdrawn.connect(page.withdraw)
        controller.recovered.connect(page.clear_error)
        page.strip.block_selected.connect(controller.select_block)
        page.block.previous_requested.connect(self._previous_block)
        page.block.next_requested.connect(self._next_block)
        page.picture.view_changed.connect(controller.set_view)
        page.picture.retry_requested.connect(self._retry)
        page.picture.step_requested.connect(controller.step_picture)
        page.answers.target_chosen.connect(controller.choose_target)
        page.lesion.lesion_toggled.connect(controller.set_lesion)
        page.lesion.block_chosen.connect(controller.select_block)
        page.first_run.open_requested.connect(self.window.choose_files)
        page.first_run.sample_chosen.connect(self._open_path)

    def _connect_bar(self) -> None:
        controller, bar = self.controller, self.window.top_bar
        controller.network_changed.connect(bar.set_card)
        controller.busy_changed.connect(bar.set_busy)
        controller.frame_explained.connect(self._show_seconds)
        bar.open_requested.connect(self.window.choose_files)
        bar.sample_chosen.connect(self._open_path)
        bar.card_chosen.connect(controller.choose_card)
        bar.engines.chosen.connect(controller.choose_engine)
        bar.engines.survey_requested.connect(self.survey.start)
        controller.engine_wish_changed.connect(bar.engines.set_wish)

    def _connect_weights(self) -> None:
        weights, page, bar = self.weights, self.window.weights, self.window.top_bar
        weights.rows_changed.connect(page.set_rows)
        weights.row_changed.connect(page.set_row)
        weights.card_selected.connect(page.set_selected)
        weights.checked.connect(page.details.set_checksum)
        weights.storage_measured.connect(page.set_storage)
        weights.asked.connect(page.notice.ask)
        weights.asked.connect(self._show_weights)
        weights.failed.connect(page.notice.complain)
        weights.failed.connect(self._show_weights)
        weights.recovered.connect(page.notice.hide)
        weights.card_chosen.connect(self.controller.choose_card)
        weights.catalogue_changed.connect(lambda: bar.set_card(self.controller.card))
        self.controller.network_changed.connect(weights.set_in_use)
        page.selected.connect(weights.select)
        page.use_requested.connect(self._use_weights)
        page.get_requested.connect(weights.get)
        page.cancel_requested.connect(weights.cancel)
        page.remove_requested.connect(weights.remove)
        page.measure_requested.connect(weights.measure)
        page.import_requested.connect(weights.import_path)
        page.question_answered.connect(weights.answer)
        self.window.weights_given.connect(weights.import_path)
        self.window.rail.page_requested.connect(self.window.show_page)
        self.window.page_shown.connect(self._page_shown)

    def _connect_window(self) -> None:
        window, controller = self.window, self.controller
        window.paths_given.connect(controller.open_paths)
        window.contents_given.connect(controller.open_bytes)
        window.refused.connect(controller.failed)
        window.closing.connect(self.leave)
        window.rail.theme_requested.connect(self._toggle_theme)
        window.rail.help_requested.connect(self._help)
        handlers: dict[str, Callable[[], None]] = {
            "open": window.choose_files,
            "paste": window.paste,
            "next_picture": lambda: controller.step_picture(1),
            "previous_picture": lambda: controller.step_picture(-1),
            "sample_1": lambda: self._sample(1),
            "sample_2": lambda: self._sample(2),
            "sample_3": lambda: self._sample(3),
            "camera": self._camera,
            "freeze": self.live.toggle_freeze,
            "snapshot": self.live_wiring.take_snapshot,
            "record": self.live_wiring.toggle_recording,
            "previous_block": self._previous_block,
            "next_block": self._next_block,
            "previous_target": lambda: controller.step_target(-1),
            "next_target": lambda: controller.step_target(1),
            "top_target": lambda: controller.choose_target(None),
            "next_kind": controller.step_kind,
            "less_map": lambda: controller.step_opacity(-1),
            "more_map": lambda: controller.step_opacity(1),
            "lesion": controller.toggle_lesion,
            "explore_page": lambda: window.show_page(EXPLORE),
            "weights_page": lambda: window.show_page(WEIGHTS),
            "save_view": self._save_view,
            "save_maps": self._save_maps,
            "show": self._show,
            "theme": self._toggle_theme,
            "larger": lambda: self._zoom(0.1),
            "smaller": lambda: self._zoom(-0.1),
            "help": self._help,
            "quit": self._quit,
        }
        for key in KEYS:
            if not key.anywhere:
                handlers[key.wish] = self._on_explore(handlers[key.wish], in_show=key.in_show)
        actions = add_actions(window, handlers)
        self.show_wiring = ShowWiring(
            window, controller, self.live, self.live_wiring, self.sources, actions
        )

    def _on_explore(self, handler: Callable[[], None], *, in_show: bool) -> Callable[[], None]:
        """Nothing changes on a page that is not on show."""

        def handle() -> None:
            if self.window.page == EXPLORE or (in_show and self.window.page == SHOW):
                handler()

        return handle

    @Slot()
    def leave(self) -> None:
        """Remember the settings and let the workers go; never waits long."""
        self.show_wiring.show.leave()
        if self._settings_path is not None:
            write_settings(self._settings_now(), self._settings_path)
        self.engine.finish()
        self.decoder.finish()
        self.live_wiring.finish()
        self.weights.finish()
        self.window.hide()  # who closes it need not watch the workers leave
        deadline = QDeadlineTimer(LEAVE_AFTER_MS)
        for worker in self.workers:
            worker.wait(deadline)

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Every thread but the window's."""
        return (
            self.decoder,
            self.engine,
            self.survey,
            *self.live_wiring.workers,
            *self.weights.workers,
        )

    def wait(self) -> None:
        """Wait until the workers have left, however long they take."""
        for worker in self.workers:
            worker.wait()

    def _settings_now(self) -> Settings:
        view = self.controller.view
        return replace(
            self.settings,
            theme=theme().wish.value,
            zoom=theme().zoom,
            geometry=bytes(self.window.saveGeometry().toHex().data()).decode(),
            weights=self.controller.card.name,
            engine=self.controller.engine_wish,
            map_kind=view.kind.value if view.kind else "",
            opacity=view.opacity,
            colormap=view.colormap.value,
            shared_scale=view.shared_scale,
            steady=self.window.explore.steady,
            camera=self.sources.cameras.options.identity,
            mirror=self.sources.cameras.options.mirror,
            resolution=self.sources.cameras.options.resolution,
            live_floor=self.live_wiring.thinning.floor,
        )

    @Slot()
    def _previous_block(self) -> None:
        self.controller.step_block(-1)

    @Slot()
    def _next_block(self) -> None:
        self.controller.step_block(1)

    @Slot()
    def _retry(self) -> None:
        if self.live.is_troubled:
            self.live.retry()
        else:
            self.controller.retry()

    @Slot(Path)
    def _open_path(self, path: Path) -> None:
        self.controller.open_paths([path])

    @Slot(Frame)
    def _remember_recent(self, frame: Frame) -> None:
        if frame.path is None:
            return
        path = str(frame.path.absolute())
        recent = (path, *(other for other in self.settings.recent if other != path))
        self.settings = replace(self.settings, recent=recent[:MOST_RECENT])
        self.window.top_bar.set_recent(self.settings.recent)

    @Slot(Frame)
    def _show_frame(self, frame: Frame) -> None:
        if self.window.page not in {EXPLORE, SHOW}:
            self.window.show_page(EXPLORE)
        self.window.setWindowTitle(f"{frame.name}, SkipLens")

    @Slot(Explanation, object)
    def _show_seconds(self, explanation: Explanation, painted: object) -> None:
        del painted
        now = time.monotonic()
        if not explanation.wish.live or now - self._seconds_at >= FIGURES_SECONDS:
            self._seconds_at = now
            self.window.top_bar.set_seconds(explanation.explained.seconds)

    @Slot(str)
    def _page_shown(self, page: str) -> None:
        self.weights.set_on_show(page == WEIGHTS)

    @Slot()
    def _show_weights(self) -> None:
        if self.window.page != WEIGHTS:
            self.window.show_page(WEIGHTS)

    @Slot(str)
    def _use_weights(self, name: str) -> None:
        self.weights.use(name)
        self.window.show_page(EXPLORE)

    def _sample(self, number: int) -> None:
        if self.window.explore.shows_first_run:
            self.window.explore.first_run.choose(number)

    @Slot()
    def _toggle_theme(self) -> None:
        theme().wish = ThemeWish.LIGHT if theme().palette.dark else ThemeWish.DARK

    def _zoom(self, step: float) -> None:
        theme().zoom = round(theme().zoom + step, 2)

    @Slot()
    def _help(self) -> None:
        help_dialog(self.window).show()

    def _camera(self) -> None:
        if self.window.page == SHOW:
            self.sources.cameras.start_any()  # without a panel
        else:
            self.window.top_bar.request_camera()

    def _show(self) -> None:
        self.show_wiring.show.toggle()

    def _quit(self) -> None:
        self.window.close()

    def _save_view(self) -> None:
        path = ask_for_file(self.window, "Save the view", "skiplens.png", "PNG (*.png)")
        if path is not None:
            self._try(lambda: save_view(self.window, path))

    def _save_maps(self) -> None:
        explanation = self.controller.explanation
        if explanation is None:
            self.controller.failed.emit("There are no maps to save yet; open a picture first.")
            return
        path = ask_for_file(self.window, "Save all maps", "maps.npz", "NumPy archive (*.npz)")
        if path is not None:
            self._try(lambda: save_maps(explanation, path))

    def _try(self, save: Callable[[], None]) -> None:
        try:
            save()
        except SkipLensError as error:
            self.controller.failed.emit(str(error))
