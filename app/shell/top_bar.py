"""The bar over the page: where the picture comes from, the network, its weights, the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QIcon,
    QImageReader,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from app.shell.engine_menu import EngineMenu
from app.shell.offers import Offers
from app.theme import theme
from app.widgets.controls import MenuButton, Segment, SegmentedControl
from app.widgets.glyphs import glyph_of_option
from resnet_core.engines.engine import EngineDescription
from resnet_core.networks.census import census
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from resnet_core.pictures.samples import samples
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.catalogue import Catalogue

HEIGHT = 80
COMPACT_HEIGHT = 64
OPEN, CAMERA, VIDEO, SCREEN, SAMPLES = "open", "camera", "video", "screen", "samples"

_BADGES = {
    Provenance.TRAINED_HERE: "trained by SkipLens",
    Provenance.PUBLISHED: "published by torchvision",
    Provenance.YOURS: "your own file",
}

_SHORT_WORDS = {
    Shortcut.A: "A  zero padding",
    Shortcut.B: "B  projection",
    Shortcut.C: "C  all projected",
    Shortcut.NONE: "No shortcut",
}


class TopBar(QWidget):
    """Shows the state; every change is a wish that someone else grants."""

    open_requested = Signal()
    camera_requested = Signal(QPoint)
    remembered_camera_requested = Signal(QPoint)
    video_requested = Signal(QPoint)
    screen_requested = Signal(QPoint)
    sample_chosen = Signal(Path)
    card_chosen = Signal(Card)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._card = catalogue.default()
        self._offers = Offers(catalogue, self._card)
        self._recent: tuple[str, ...] = ()
        self._busy = False
        self._live: str | None = None
        self.source = SegmentedControl("Picture from", _source_segments(compact=False))
        self.depths = SegmentedControl("Depth", [Segment(d, str(d)) for d in DEPTHS])
        self.shortcuts = SegmentedControl("Shortcut", self._shortcut_segments())
        self.depth_menu = MenuButton("Depth")
        self.shortcut_menu = MenuButton("Shortcut")
        self.weights = MenuButton("Weights", "check")
        self.engine = MenuButton("Engine", "cpu")
        self._depth_caption, self._shortcut_caption = QLabel(), QLabel()
        self._captions: list[QLabel] = []
        self._lay_out()
        self._connect()
        self._ticker = QTimer(self)
        self._ticker.setInterval(40)
        self._ticker.timeout.connect(self.update)
        self._tick = 0
        self.engine.set_lines("starting", "no picture yet")
        self.engines = EngineMenu(self.engine.menu)
        self.set_card(self._card)
        self.set_compact(compact=False)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(16)
        self._group("Picture from", None, self.source)
        self._group("Depth", self._depth_caption, self.depths, self.depth_menu)
        self._group("Shortcut", self._shortcut_caption, self.shortcuts, self.shortcut_menu)
        self._group("Weights", None, self.weights)
        self._group("Engine", None, self.engine)
        self._row.insertStretch(3, 1)

    def _group(self, caption: str, second: QLabel | None, *controls: QWidget) -> None:
        label = QLabel(caption)
        label.setObjectName("caption")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(label)
        self._captions.append(label)
        if second is not None:
            second.setObjectName("hint")
            head.addWidget(second)
            self._captions.append(second)
        head.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(head)
        for control in controls:
            column.addWidget(control)
        self._row.addLayout(column)

    def _connect(self) -> None:
        self.source.chosen.connect(self._source_chosen)
        self.depths.chosen.connect(self._depth_chosen)
        self.shortcuts.chosen.connect(self._shortcut_chosen)
        self.weights.menu.aboutToShow.connect(self._fill_weights_menu)
        self.depth_menu.menu.triggered.connect(self._action_chosen)
        self.shortcut_menu.menu.triggered.connect(self._action_chosen)
        self.weights.menu.triggered.connect(self._action_chosen)
        # A menu without entries would not open at all; these are filled when they show.
        self.weights.menu.addAction("...")
        for menu in (self.depth_menu.menu, self.shortcut_menu.menu, self.weights.menu):
            menu.setToolTipsVisible(True)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(1520, HEIGHT)

    def set_compact(self, *, compact: bool) -> None:
        """Icons and menus in a narrow window."""
        for caption in self._captions:
            caption.setVisible(not compact)
        for control in (self.depths, self.shortcuts):
            control.setVisible(not compact)
        for menu in (self.depth_menu, self.shortcut_menu):
            menu.setVisible(compact)
        self._row.setSpacing(8 if compact else 16)
        self.source.set_segments(_source_segments(compact=compact))
        self.source.set_current(self._live)
        zoom = theme().zoom
        for menu, width, narrow in (
            (self.depth_menu, 132, 134),
            (self.shortcut_menu, 172, 148),
            (self.weights, 240, 186),
            (self.engine, 200, 206),
        ):
            menu.setFixedWidth(round(zoom * (narrow if compact else width)))
        self.setFixedHeight(round(zoom * (COMPACT_HEIGHT if compact else HEIGHT)))

    @Slot(Card)
    def set_card(self, card: Card) -> None:
        """Show which network answers, and whose weights it has."""
        self._card = card
        self._offers = Offers(self._catalogue, card)
        config = card.network
        loud = card.provenance is Provenance.UNTRAINED
        self.depths.set_segments([self._depth_segment(depth) for depth in DEPTHS])
        self.shortcuts.set_segments(self._shortcut_segments())
        self.depths.set_current(config.depth)
        self.shortcuts.set_current(config.shortcut)
        self._depth_caption.setText(config.title.split(" ")[0])
        self._shortcut_caption.setText(config.shortcut.words)
        self.depth_menu.set_lines(config.title.split(" ")[0])
        self.shortcut_menu.set_lines(_SHORT_WORDS[config.shortcut])
        self.shortcut_menu.setToolTip(config.shortcut.words)
        self._fill_picker_menus()
        self.weights.set_loud(loud)
        if loud:
            self.weights.set_lines("Untrained", "random, answers are chance", icon="triangle-alert")
        else:
            top1 = f"top-1 {card.scores.top1:.1f} %" if card.scores else "not measured"
            self.weights.set_lines(card.title, f"{len(card.classes)} classes, {top1}", icon="check")
        badge = _BADGES.get(card.provenance, "random numbers, made on the spot")
        self.weights.setToolTip(f"{card.name}: {badge}; {card.limits}")

    @Slot(EngineDescription)
    def set_engine(self, description: EngineDescription) -> None:
        """Show which engine runs."""
        self.engine.set_lines("ready", f"{description.title} {description.precision}")
        self.engine.setToolTip(
            f"{description.title} {description.version} on {description.device}, "
            f"{description.precision}"
        )

    def set_seconds(self, seconds: float) -> None:
        """Show what the last picture took."""
        self.engine.set_lines(f"{1000 * seconds:.0f} ms", self.engine.second)

    def set_recent(self, recent: Sequence[str]) -> None:
        """Files that were opened before, newest first."""
        self._recent = tuple(recent)

    def set_live(self, source: str | None) -> None:
        """Mark the source that is live: CAMERA, VIDEO or None."""
        self._live = source
        self.source.set_current(source)

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:
        """Let a bar run along the lower edge while an answer is waited for."""
        if busy == self._busy:
            return  # told with every frame of a live picture
        self._busy = busy
        if busy:
            self._ticker.start()
        else:
            self._ticker.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        palette = theme().palette
        painter.fillRect(self.rect(), palette.card)
        y = self.height() - 0.5
        painter.setPen(QPen(palette.line, 1))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        if self._busy:
            self._tick = (self._tick + 1) % 50
            width = self.width() / 5
            left = (self.width() + width) * self._tick / 50 - width
            painter.fillRect(round(left), self.height() - 3, round(width), 3, palette.text)

    def show_samples(self) -> None:
        """Open the menu of bundled samples and recent files."""
        menu = QMenu(self)
        for sample in samples():
            action = menu.addAction(QIcon(_thumbnail(sample.path)), sample.title)
            action.setData(sample.path)
        recent = [Path(path) for path in self._recent]
        if recent:
            menu.addSection("Recent")
            for path in recent:
                menu.addAction(path.name).setData(path)
        menu.setStyleSheet("QMenu { icon-size: 40px; }")
        menu.triggered.connect(self._sample_action)
        menu.popup(self._below_sources())

    @Slot()
    def request_camera(self) -> None:
        """Ask for the camera that was used before; where there is none, for the menu of cameras."""
        self.remembered_camera_requested.emit(self._below_sources())

    def _below_sources(self) -> QPoint:
        return self.source.mapToGlobal(self.source.rect().bottomLeft())

    # What is on offer

    def _depth_segment(self, depth: int) -> Segment:
        shortcut = self._card.network.shortcut
        return Segment(
            depth,
            str(depth),
            tooltip=_depth_words(depth, shortcut, self._card.network.classes),
            reason=self._offers.reason(depth, shortcut),
        )

    def _shortcut_segments(self) -> list[Segment]:
        return [
            Segment(
                option,
                _label(option),
                glyph_of_option(option),
                option.words,
                self._offers.reason(self._card.network.depth, option),
            )
            for option in Shortcut
        ]

    def _fill_picker_menus(self) -> None:
        config = self._card.network
        for menu in (self.depth_menu.menu, self.shortcut_menu.menu):
            menu.clear()
        for depth in DEPTHS:
            action = self.depth_menu.menu.addAction(f"ResNet-{depth}")
            self._offer(action, depth, config.shortcut)
        for option in Shortcut:
            text = f"{option.value}  {option.words}"
            self._offer(self.shortcut_menu.menu.addAction(text), config.depth, option)

    def _offer(self, action: QAction, depth: int, shortcut: Shortcut) -> None:
        reason = self._offers.reason(depth, shortcut)
        action.setEnabled(reason is None)
        action.setToolTip(reason or "")
        action.setData((depth, shortcut))

    @Slot()
    def _fill_weights_menu(self) -> None:
        menu = self.weights.menu
        menu.clear()
        for card in self._catalogue.cards:
            top1 = f", top-1 {card.scores.top1:.1f} %" if card.scores else ""
            action = menu.addAction(f"{card.network.title}, {card.title}{top1}")
            action.setCheckable(True)
            action.setChecked(card == self._card)
            action.setData(card)
        menu.addSeparator()
        config = self._card.network
        untrained = self._catalogue.untrained(config)
        action = menu.addAction(f"Untrained {config.title}, random numbers")
        action.setCheckable(True)
        action.setChecked(self._card.provenance is Provenance.UNTRAINED)
        action.setData(untrained)

    # What was chosen

    @Slot(object)
    def _source_chosen(self, source: str) -> None:
        self.source.set_current(self._live)
        if source == OPEN:
            self.open_requested.emit()
        elif source == CAMERA:
            self.camera_requested.emit(self._below_sources())
        elif source == VIDEO:
            self.video_requested.emit(self._below_sources())
        elif source == SCREEN:
            self.screen_requested.emit(self._below_sources())
        else:
            self.show_samples()

    @Slot(object)
    def _depth_chosen(self, depth: int) -> None:
        self.card_chosen.emit(self._offers.card_of(depth, self._card.network.shortcut))

    @Slot(object)
    def _shortcut_chosen(self, shortcut: Shortcut) -> None:
        self.card_chosen.emit(self._offers.card_of(self._card.network.depth, shortcut))

    @Slot(QAction)
    def _action_chosen(self, action: QAction) -> None:
        chosen = action.data()
        self.card_chosen.emit(chosen if isinstance(chosen, Card) else self._offers.card_of(*chosen))

    @Slot(QAction)
    def _sample_action(self, action: QAction) -> None:
        self.sample_chosen.emit(action.data())


def _source_segments(*, compact: bool) -> list[Segment]:
    segments = (
        (OPEN, "Open", "folder", "Open a picture, Ctrl+O; or drop or paste one"),
        (CAMERA, "Camera", "camera", "A camera of this computer or of the network, C"),
        (
            VIDEO,
            "Video",
            "square-play",
            "Play a video, or a folder as slides; or drop a video",
        ),
        (SCREEN, "Screen", "monitor", "Explain what a screen shows, or a part of it"),
        (SAMPLES, "Samples", "images", "Pictures that ship with SkipLens"),
    )
    return [Segment(key, "" if compact else word, icon, tip) for key, word, icon, tip in segments]


def _label(option: Shortcut) -> str:
    return "None" if option is Shortcut.NONE else option.value


@lru_cache(maxsize=64)
def _depth_words(depth: int, shortcut: Shortcut, classes: int) -> str:
    config = NetworkConfig(depth, shortcut, classes=classes)
    counts = census(config).total
    return (
        f"{config.title}: {depth} layers with weights, {len(config.blocks)} blocks, "
        f"{counts.parameters / 1e6:.1f} million parameters, "
        f"{counts.multiply_adds / 1e9:.1f} billion multiply-adds at 224 by 224"
    )


def _thumbnail(path: Path) -> QPixmap:
    reader = QImageReader(str(path))
    reader.setScaledSize(reader.size().scaled(80, 80, Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())
