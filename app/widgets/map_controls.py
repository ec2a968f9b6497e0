"""Which map lies over the picture, and how it is coloured."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QFontMetricsF,
    QIcon,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from app.theme import CONTROL_HEIGHT, CONTROL_RADIUS, Size, Weight, icon_pixmap, theme
from app.view import View
from app.widgets.controls import Segment, SegmentedControl, Slider, draw_focus_ring
from app.widgets.images import pixmap_of
from resnet_core.explained.values import MapKind
from resnet_core.pictures.colormaps import Colormap, table

KIND_NAMES = {
    MapKind.ACTIVATION: "Activation",
    MapKind.GRADIENT: "Gradient",
    MapKind.GRAD_CAM: "Grad-CAM",
    MapKind.LAYER_CAM: "LayerCAM",
}

_TOOLTIPS = {
    MapKind.ACTIVATION: "What the block saw: the mean of its channels",
    MapKind.GRADIENT: "Where a change would move the answer: the mean size of the gradient. A "
    "lattice before a stride-2 projection is real: its 1 x 1 convolution reads every second "
    "position",
    MapKind.GRAD_CAM: "What speaks for the answer, channel by channel (Selvaraju et al.); it "
    "averages gradients over positions, so it misleads in early blocks",
    MapKind.LAYER_CAM: "What speaks for the answer, position by position (Jiang et al.); holds in "
    "early blocks too",
}

_OWN, _SHARED = "own", "shared"


class MapControls(QWidget):
    """Emits the whole view whenever one of its parts is turned."""

    view_changed = Signal(View)

    def __init__(self) -> None:
        super().__init__()
        self._view = View()
        self._kinds = SegmentedControl("Map", _kind_segments(), stretch=True)
        self._opacity = Slider("Opacity")
        self._percent = QLabel()
        self._legend = ColormapButton()
        self._scale = SegmentedControl(
            "Scale",
            [
                Segment(_OWN, "This map", tooltip="From zero to this map's largest value"),
                Segment(_SHARED, "All maps", tooltip="One scale for all maps, so that a silent "
                        "block looks silent"),
            ],
        )  # fmt: skip
        self._opacity_label = QLabel("Opacity")
        row = QHBoxLayout()
        row.setSpacing(12)
        for widget in (self._opacity_label, self._opacity, self._percent):
            row.addWidget(widget)
        row.addWidget(self._legend, 1)
        row.addWidget(self._scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._kinds)
        column.addLayout(row)
        self._kinds.chosen.connect(self._kind_chosen)
        self._opacity.moved.connect(self._opacity_moved)
        self._legend.colormap_chosen.connect(self._colormap_chosen)
        self._scale.chosen.connect(self._scale_chosen)
        self.set_view(self._view)

    def set_view(self, view: View) -> None:
        """Show a view without telling anyone."""
        self._view = view
        self._kinds.set_current(view.kind)
        self._opacity.set_value(view.opacity)
        self._percent.setText(f"{100 * view.opacity:.0f} %")
        self._percent.setFixedWidth(46)
        self._legend.set_colormap(view.colormap)
        self._scale.set_current(_SHARED if view.shared_scale else _OWN)

    def set_range(self, low: float | None, high: float | None) -> None:
        """The values that the first and the last colour stand for; None if no map is shown."""
        self._legend.set_range(low, high)

    def set_compact(self, compact: bool) -> None:
        """Leave out the words where room is short."""
        self._opacity_label.setVisible(not compact)
        self._scale.setVisible(not compact)

    @Slot(object)
    def _kind_chosen(self, kind: MapKind | None) -> None:
        self._change(replace(self._view, kind=kind))

    @Slot(float)
    def _opacity_moved(self, opacity: float) -> None:
        self._change(replace(self._view, opacity=opacity))

    @Slot(object)
    def _colormap_chosen(self, colormap: Colormap) -> None:
        self._change(replace(self._view, colormap=colormap))

    @Slot(object)
    def _scale_chosen(self, scale: str) -> None:
        self._change(replace(self._view, shared_scale=scale == _SHARED))

    def _change(self, view: View) -> None:
        self.set_view(view)
        self.view_changed.emit(view)


def _kind_segments() -> list[Segment]:
    picture = Segment(None, "Picture", tooltip="The picture alone")
    return [picture, *(Segment(k, KIND_NAMES[k], tooltip=_TOOLTIPS[k]) for k in MapKind)]


class ColormapButton(QAbstractButton):
    """The legend of the colours, with its range; opens the menu of colormaps."""

    colormap_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._colormap = Colormap.VIRIDIS
        self._low: float | None = None
        self._high: float | None = None
        self.setAccessibleName("Colormap")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setMinimumWidth(96)
        self.clicked.connect(self._open)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(226, CONTROL_HEIGHT)

    def set_colormap(self, colormap: Colormap) -> None:
        """Show that colormap as the chosen one."""
        self._colormap = colormap
        self.setAccessibleDescription(colormap.value)
        self.update()

    def set_range(self, low: float | None, high: float | None) -> None:
        """What the colours' ends stand for."""
        self._low, self._high = low, high
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = theme().palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.control)
        painter.drawRoundedRect(QRectF(self.rect()), CONTROL_RADIUS, CONTROL_RADIUS)
        wide = self.width() >= 190
        font = theme().font(Size.CAPTION)
        low = "" if self._low is None or not wide else _short(self._low)
        high = "" if self._high is None or not wide else _short(self._high)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(palette.second)
        left = 12.0
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, 0, 80, self.height()), middle, low)
        left += metrics.horizontalAdvance(low) + (6 if low else 0)
        gradient = pixmap_of(table(self._colormap)[None])
        painter.drawPixmap(QRectF(left, 12, 56, 16), gradient, QRectF(0, 0, 256, 1))
        left += 62
        painter.drawText(QRectF(left, 0, 80, self.height()), middle, high)
        if wide:
            left += metrics.horizontalAdvance(high) + 12
            painter.setFont(theme().font(Size.CONTROL, Weight.MEDIUM))
            painter.setPen(palette.text)
            painter.drawText(QRectF(left, 0, 90, self.height()), middle, self._colormap.value)
        chevron = icon_pixmap("chevron-down", palette.text, 16, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 24, 12), chevron)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), CONTROL_RADIUS)

    @Slot()
    def _open(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for colormap in Colormap:
            action = QAction(QIcon(pixmap_of(table(colormap)[None]).scaled(48, 16)),
                             colormap.value, menu)  # fmt: skip
            action.setCheckable(True)
            action.setChecked(colormap is self._colormap)
            action.setData(colormap)
            group.addAction(action)
            menu.addAction(action)
        menu.triggered.connect(self._triggered)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @Slot(QAction)
    def _triggered(self, action: QAction) -> None:
        self.colormap_chosen.emit(Colormap(action.data()))


def _short(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.2g}" if 0.01 <= abs(value) < 1000 else f"{value:.0e}"
