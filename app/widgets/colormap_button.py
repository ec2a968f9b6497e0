"""The legend of the colours with its range, which opens the menu of colormaps."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QFontMetricsF,
    QIcon,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy

from app.theme import CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.widgets.controls import MenuButton, draw_focus_ring, scaled
from app.widgets.controls_drawing import control_height, draw_control
from app.widgets.figures import short_number
from app.widgets.pace import FIGURES_SECONDS, Pace
from resnet_core.pictures.colormaps import Colormap, picture_of

_BAR = QSize(56, 16)  # of the gradient, at zoom 1
_WIDE, _NARROW = 200, 104


class ColormapButton(MenuButton):
    """Gradient, the values at its ends, and the colormap's name; a click offers the others."""

    colormap_chosen = Signal(object)
    shared_scale_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Colormap")
        self._colormap = Colormap.VIRIDIS
        self._low: float | None = None
        self._high: float | None = None
        self._compact = False
        self.pace = Pace(self, self._describe, FIGURES_SECONDS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._group = QActionGroup(self.menu)
        for colormap in Colormap:
            action = QAction(QIcon(_gradient(colormap, 48, 16)), colormap.value, self._group)
            action.setCheckable(True)
            action.setData(colormap.value)
        self.menu.addActions(self._group.actions())
        self.menu.addSeparator()
        self._shared = self.menu.addAction("One scale for all maps")
        self._shared.setCheckable(True)
        self._group.triggered.connect(self._chosen)
        self._shared.triggered.connect(self.shared_scale_chosen)
        self.set_colormap(self._colormap)

    def set_colormap(self, colormap: Colormap) -> None:
        """Show that colormap as the chosen one."""
        self._colormap = colormap
        for action in self._group.actions():
            action.setChecked(action.data() == colormap.value)
        self._describe()

    def set_shared_scale(self, shared: bool) -> None:
        """Tick whether all maps have one scale."""
        self._shared.setChecked(shared)

    def set_range(self, low: float | None, high: float | None) -> None:
        """What the colours' ends stand for; None while no map is shown."""
        self._low, self._high = low, high
        self.pace.ask()

    def set_compact(self, compact: bool) -> None:
        """The gradient alone; the numbers go to the tool tip."""
        self._compact = compact
        across = QSizePolicy.Policy.Fixed if compact else QSizePolicy.Policy.Expanding
        self.setSizePolicy(across, QSizePolicy.Policy.Maximum)
        self.updateGeometry()
        self.update()

    @property
    def range_in_words(self) -> str:
        """``0 to 0.27``, or nothing."""
        if self._low is None or self._high is None:
            return ""
        return f"{short_number(self._low)} to {short_number(self._high)}"

    def sizeHint(self) -> QSize:
        return QSize(scaled(_NARROW if self._compact else 226), control_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(_NARROW), control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        draw_control(painter, QRectF(self.rect()), palette.control)
        self._draw_legend(painter)
        side = scaled(16)
        chevron = icon_pixmap("chevron-down", palette.text, side, self.devicePixelRatioF())
        spot = QPointF(self.width() - scaled(26), (self.height() - side) / 2)
        painter.drawPixmap(spot, chevron)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    def _draw_legend(self, painter: QPainter) -> None:
        palette = theme().palette
        is_wide = not self._compact and self.width() >= scaled(_WIDE)
        has_range = is_wide and self._low is not None and self._high is not None
        low, high = self.range_in_words.split(" to ") if has_range else ("", "")
        font = theme().font(Size.CAPTION)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(palette.second)
        middle = Qt.AlignmentFlag.AlignVCenter
        left, height = float(scaled(12)), self.height()
        if low:
            painter.drawText(QRectF(left, 0, scaled(80), height), middle, low)
            left += metrics.horizontalAdvance(low) + scaled(8)
        bar = QRectF(left, (height - scaled(16)) / 2, scaled(_BAR.width()), scaled(_BAR.height()))
        painter.drawPixmap(bar, _gradient(self._colormap, 256, 1), QRectF(0, 0, 256, 1))
        left = bar.right() + scaled(8)
        if high:
            painter.drawText(QRectF(left, 0, scaled(80), height), middle, high)
            left += metrics.horizontalAdvance(high) + scaled(14)
        if is_wide:
            name = theme().font(Size.CONTROL, Weight.SEMIBOLD)
            room = self.width() - scaled(30) - left
            painter.setFont(name)
            painter.setPen(palette.text)
            text = QFontMetricsF(name).elidedText(
                self._colormap.value, Qt.TextElideMode.ElideRight, room
            )
            painter.drawText(QRectF(left, 0, room, height), middle, text)

    @Slot(QAction)
    def _chosen(self, action: QAction) -> None:
        self.colormap_chosen.emit(Colormap(action.data()))

    def _describe(self) -> None:
        words = self._colormap.value
        if self.range_in_words:
            words = f"{words}, {self.range_in_words}"
        self.setAccessibleDescription(words)
        self.setToolTip(f"Colours: {words}")
        self.update()


@lru_cache(maxsize=3 * len(Colormap))
def _gradient(colormap: Colormap, width: int, height: int) -> QPixmap:
    return QPixmap(str(picture_of(colormap))).scaled(width, height)
