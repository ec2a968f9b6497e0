"""The main window: it lays out, takes what is dropped or pasted, and asks for files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.name_filter import name_filter
from app.shell.app_icon import app_icon
from app.shell.drop_hint import DropHint
from app.shell.rail import EXPLORE, PAGES, SHOW, WEIGHTS, Rail
from app.shell.source_menus import VIDEO_SUFFIXES
from app.shell.top_bar import TopBar
from app.style import style_sheet
from app.theme import theme
from app.views.explore import ExplorePage
from app.views.show import ShowPage
from app.views.weights import WeightsPage
from resnet_core.pictures.decoding import KINDS, SUFFIXES
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.importing import SUFFIXES as WEIGHTS_SUFFIXES

COMPACT_BELOW = 1360
MINIMUM = QSize(1024, 700)


class MainWindow(QMainWindow):
    """Lays out the rail, the bar and the page."""

    paths_given = Signal(list)
    weights_given = Signal(Path)
    video_given = Signal(Path)
    page_shown = Signal(str)
    contents_given = Signal(bytes, str)
    refused = Signal(str)
    closing = Signal()
    closing_refused = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.setWindowTitle("SkipLens")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(MINIMUM)
        self.resize(1600, 1000)
        self.setAcceptDrops(True)
        self.rail = Rail()
        self.top_bar = TopBar(catalogue)
        self.explore = ExplorePage()
        self.weights = WeightsPage()
        self.show_view = ShowPage()
        self.holds_closing = False
        self._state_before = Qt.WindowState.WindowNoState
        self._folder = str(Path.home())
        self._lay_out()
        self._drop_hint = DropHint(self)
        self._compact: bool | None = None
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def _lay_out(self) -> None:
        explore = QWidget()
        page = QVBoxLayout(explore)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.top_bar)
        page.addWidget(self.explore, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(explore)
        self._pages.addWidget(self.weights)
        self._body = QWidget()
        self._body.setObjectName("page")
        row = QHBoxLayout(self._body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._pages, 1)
        # With large type a small window scrolls; nothing is cut off.
        area = self.area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._body)
        self._whole = QStackedWidget()
        self._whole.addWidget(area)
        self._whole.addWidget(self.show_view)
        self.setCentralWidget(self._whole)

    @property
    def page(self) -> str:
        """Which page is on show."""
        if self._whole.currentWidget() is self.show_view:
            return SHOW
        return PAGES[self._pages.currentIndex()]

    def set_show(self, *, show: bool) -> None:
        """Cover the screen with the page for a room, or come back."""
        if show:
            self._state_before = self.windowState()
            self._whole.setCurrentWidget(self.show_view)
            self.show_view.setFocus()
            self.showFullScreen()
        else:
            self._whole.setCurrentIndex(0)
            self.setWindowState(self._state_before)
            self._lay_out_for(self.width())  # a size that it got meanwhile was passed over
            self.show_page(PAGES[self._pages.currentIndex()])

    @Slot(str)
    def show_page(self, page: str) -> None:
        """Show another page."""
        self._pages.setCurrentIndex(PAGES.index(page))
        # Else Qt would give the focus, and its ring, to the first control that it finds.
        {EXPLORE: self.explore, WEIGHTS: self.weights}[page].setFocus()
        self.rail.set_page(page)
        self.page_shown.emit(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out_for(event.size().width())
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        # Strangers may not close a kiosk; the program itself and the end of the day may.
        if self.holds_closing and event.spontaneous() and not _is_saving_session():
            event.ignore()
            self.closing_refused.emit()
            return
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage():
            event.acceptProposedAction()
            self._drop_hint.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        del event
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        event.acceptProposedAction()
        self.take(event.mimeData(), "the dropped picture")

    @Slot()
    def paste(self) -> None:
        """Take what is on the clipboard."""
        self.take(QGuiApplication.clipboard().mimeData(), "the pasted picture")

    @Slot()
    def choose_files(self) -> None:
        """Ask for files in the platform's dialog."""
        names, _ = QFileDialog.getOpenFileNames(
            self, "Open pictures", self._folder, name_filter("Pictures", SUFFIXES)
        )
        if names:
            self._folder = str(Path(names[0]).parent)
            self.paths_given.emit([Path(name) for name in names])

    def give(self, paths: list[Path]) -> None:
        """Pass files on by what they are: weights before a video before pictures."""
        weights = [path for path in paths if path.suffix.lower() in WEIGHTS_SUFFIXES]
        videos = [path for path in paths if path.suffix.lower() in VIDEO_SUFFIXES]
        if weights and self.page == SHOW:
            self.refused.emit("Show takes pictures and videos; drop weights on the other pages.")
        elif weights:
            self.weights_given.emit(weights[0])
        elif videos:
            self.video_given.emit(videos[0])
        else:
            self.paths_given.emit(paths)

    def take(self, mime: QMimeData, name: str) -> None:
        """Files first, then pixels; an address in the web is refused, nothing is fetched."""
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.give(paths)
        elif isinstance(image := mime.imageData(), QImage):
            self.contents_given.emit(_png_of(image), name)
        elif mime.hasUrls():
            self.refused.emit(
                "That is an address in the web, and SkipLens fetches nothing; "
                "save the picture first, then drop the file."
            )
        else:
            self.refused.emit(f"There is no picture in that; {KINDS} files can be opened.")

    def _lay_out_for(self, width: int) -> None:
        if self.page == SHOW:
            return  # it scales by itself, and the others are not seen
        compact = width < COMPACT_BELOW * theme().zoom
        if compact != self._compact:
            self._compact = compact
            self.rail.set_compact(compact=compact)
            self.top_bar.set_compact(compact=compact)
            self.explore.set_compact(compact=compact)
            self.weights.set_compact(compact=compact)

    @Slot()
    def _follow_theme(self) -> None:
        self.setStyleSheet(style_sheet())
        self._body.setMinimumSize(MINIMUM * theme().zoom)
        self._compact = None
        self._lay_out_for(self.width())


def _is_saving_session() -> bool:
    application = QGuiApplication.instance()
    return isinstance(application, QGuiApplication) and application.isSavingSession()


def _png_of(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setQuality(100)  # not packed at all: the picture only goes to the next thread
    writer.write(image)
    return bytes(buffer.data().data())
