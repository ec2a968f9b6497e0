"""Which map lies over the picture, and how it is coloured."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import Size, theme
from app.view import View
from app.widgets.colormap_button import ColormapButton
from app.widgets.controls import MenuButton, Segment, SegmentedControl, Slider, scaled
from resnet_core.explained.values import MapKind
from resnet_core.pictures.colormaps import Colormap

KIND_NAMES = {
    MapKind.ACTIVATION: "Activation",
    MapKind.GRADIENT: "Gradient",
    MapKind.GRAD_CAM: "Grad-CAM",
    MapKind.LAYER_CAM: "LayerCAM",
}

_PICTURE = "Picture"

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
_GAP = 12


class MapControls(QWidget):
    """Emits the whole view whenever one of its parts is turned."""

    view_changed = Signal(View)

    def __init__(self) -> None:
        super().__init__()
        self._view = View()
        self._compact = False
        self.kinds = SegmentedControl("Map", _kind_segments(), stretch=True)
        self.kind_menu = MenuButton("Map")
        self.opacity = Slider("Opacity")
        self.legend = ColormapButton()
        self.scale = SegmentedControl("Scale", _scale_segments())
        self._opacity_label = QLabel("Opacity")
        self._percent = QLabel()
        self._fill_kind_menu()
        self._lay_out()
        self.opacity.setToolTip("How much of the map covers the picture, [ and ]")
        self.kinds.chosen.connect(self._kind_chosen)
        self.opacity.moved.connect(self._opacity_moved)
        self.legend.colormap_chosen.connect(self._colormap_chosen)
        self.legend.shared_scale_chosen.connect(self._shared_scale_chosen)
        self.scale.chosen.connect(self._scale_chosen)
        theme().changed.connect(self._follow_theme)
        self.set_view(self._view)
        self.set_compact(compact=False)

    def _fill_kind_menu(self) -> None:
        group = QActionGroup(self.kind_menu.menu)
        for kind in (None, *MapKind):
            action = QAction(KIND_NAMES[kind] if kind else _PICTURE, group)
            action.setCheckable(True)
            action.setData(kind.value if kind else None)
            action.setToolTip(_TOOLTIPS[kind] if kind else "")
        self.kind_menu.menu.addActions(group.actions())
        self.kind_menu.menu.setToolTipsVisible(True)
        group.triggered.connect(self._kind_action)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(_GAP)
        row.addWidget(self.kind_menu)
        for widget in (self._opacity_label, self.opacity, self._percent):
            row.addWidget(widget)
        row.addWidget(self.legend, 1)
        row.addWidget(self.scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        column.setSpacing(_GAP)
        column.addWidget(self.kinds)
        column.addLayout(row)
        self._row = row

    def set_view(self, view: View) -> None:
        """Show a view without telling anyone."""
        self._view = view
        self.kinds.set_current(view.kind)
        self.kind_menu.set_lines(KIND_NAMES[view.kind] if view.kind else _PICTURE)
        for action in self.kind_menu.menu.actions():
            action.setChecked(action.data() == (view.kind.value if view.kind else None))
        self.opacity.set_value(view.opacity)
        self._percent.setText(f"{100 * view.opacity:.0f} %")
        self.legend.set_colormap(view.colormap)
        self.legend.set_shared_scale(view.shared_scale)
        self.scale.set_current(_SHARED if view.shared_scale else _OWN)
        self._follow_theme()

    def set_range(self, low: float | None, high: float | None) -> None:
        """The values that the first and the last colour stand for; None if no map is shown."""
        self.legend.set_range(low, high)

    def set_compact(self, compact: bool) -> None:
        """One row where room is short: kinds and scale become entries of menus."""
        self._compact = compact
        self.kinds.setVisible(not compact)
        self.kind_menu.setVisible(compact)
        self.legend.set_compact(compact)
        self._row.setStretch(self._row.indexOf(self.opacity), 1 if compact else 0)
        self._row.setStretch(self._row.indexOf(self.legend), 0 if compact else 1)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(320), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out, where the row is too short, first a word, then what the menu also has."""
        row = self._row.spacing() * 3 + 2 * _GAP
        row += self.opacity.minimumSizeHint().width() + self._percent.width()
        row += self.scale.sizeHint().width()
        label = self._opacity_label.sizeHint().width() + self._row.spacing()
        free = self.width() - row
        narrow, wide = self.legend.minimumSizeHint().width(), self.legend.sizeHint().width()
        self._opacity_label.setVisible(not self._compact and free >= label + wide)
        self.scale.setVisible(not self._compact and free >= narrow)

    @Slot()
    def _follow_theme(self) -> None:
        # As wide as it ever gets, so that nothing moves beside it.
        metrics = QFontMetrics(theme().font(Size.CONTROL))
        self._percent.setFixedWidth(metrics.horizontalAdvance("100 %") + 2)
        self._fit()

    @Slot(object)
    def _kind_chosen(self, kind: MapKind | None) -> None:
        self._change(replace(self._view, kind=kind))

    @Slot(QAction)
    def _kind_action(self, action: QAction) -> None:
        self._kind_chosen(MapKind(action.data()) if action.data() else None)

    @Slot(float)
    def _opacity_moved(self, opacity: float) -> None:
        self._change(replace(self._view, opacity=opacity))

    @Slot(object)
    def _colormap_chosen(self, colormap: Colormap) -> None:
        self._change(replace(self._view, colormap=colormap))

    @Slot(object)
    def _scale_chosen(self, scale: str) -> None:
        self._shared_scale_chosen(scale == _SHARED)

    @Slot(bool)
    def _shared_scale_chosen(self, shared: bool) -> None:
        self._change(replace(self._view, shared_scale=shared))

    def _change(self, view: View) -> None:
        self.set_view(view)
        self.view_changed.emit(view)


def _kind_segments() -> list[Segment]:
    picture = Segment(None, _PICTURE, tooltip="The picture alone")
    return [picture, *(Segment(k, KIND_NAMES[k], tooltip=_TOOLTIPS[k]) for k in MapKind)]


def _scale_segments() -> list[Segment]:
    return [
        Segment(_OWN, "This map", tooltip="From zero to this map's largest value"),
        Segment(
            _SHARED,
            "All maps",
            tooltip="One scale for all maps, so that a silent block looks silent",
        ),
    ]
