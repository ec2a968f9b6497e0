import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.view import View
from app.widgets.map_controls import MapControls
from resnet_core.explained.values import MapKind
from resnet_core.pictures.colormaps import Colormap

# Qt without a display warns of what only a window manager can do.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def controls(qtbot):
    made = MapControls()
    qtbot.addWidget(made)
    made.resize(654, 116)
    made.show()
    return made


def click_segment(qtbot, control, key):
    keys = [segment.key for segment in control._segments]
    place = control._areas()[keys.index(key)].center().toPoint()
    qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=place)


def action_of(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def test_each_control_changes_its_own_part_of_the_view(qtbot, controls):
    seen = []
    controls.view_changed.connect(seen.append)

    click_segment(qtbot, controls.kinds, MapKind.LAYER_CAM)
    qtbot.keyClick(controls.opacity, Qt.Key.Key_Right)
    action_of(controls.legend.menu, "magma").trigger()
    click_segment(qtbot, controls.scale, "shared")
    click_segment(qtbot, controls.kinds, None)

    assert seen == [
        View(MapKind.LAYER_CAM, 0.6),
        View(MapKind.LAYER_CAM, 0.7),
        View(MapKind.LAYER_CAM, 0.7, Colormap.MAGMA),
        View(MapKind.LAYER_CAM, 0.7, Colormap.MAGMA, shared_scale=True),
        View(None, 0.7, Colormap.MAGMA, shared_scale=True),
    ]


def test_view_that_is_set_is_shown_everywhere_and_told_to_nobody(qtbot, controls):
    with qtbot.assertNotEmitted(controls.view_changed):
        controls.set_view(View(MapKind.GRADIENT, 0.3, Colormap.CIVIDIS, shared_scale=True))

    assert controls.kinds.current is MapKind.GRADIENT
    assert controls.kind_menu.text() == "Gradient"
    assert action_of(controls.kind_menu.menu, "Gradient").isChecked()
    assert controls.opacity.value == pytest.approx(0.3)
    assert controls._percent.text() == "30 %"
    assert action_of(controls.legend.menu, "cividis").isChecked()
    assert action_of(controls.legend.menu, "One scale for all maps").isChecked()


def test_narrow_window_keeps_every_choice_in_menus(qtbot, controls):
    controls.set_compact(True)
    controls.resize(460, 64)
    seen = []
    controls.view_changed.connect(seen.append)

    assert not controls.kinds.isVisible()
    assert not controls.scale.isVisible()
    assert controls.kind_menu.isVisible()
    assert controls.sizeHint().height() == 64
    action_of(controls.kind_menu.menu, "Activation").trigger()
    action_of(controls.legend.menu, "One scale for all maps").trigger()
    action_of(controls.kind_menu.menu, "Picture").trigger()
    assert seen == [
        View(MapKind.ACTIVATION),
        View(MapKind.ACTIVATION, shared_scale=True),
        View(None, shared_scale=True),
    ]


@pytest.mark.parametrize("width", [330, 400, 440, 520, 600, 654, 1200])
def test_nothing_is_cut_off_at_any_width(qtbot, width):
    card = QWidget()
    qtbot.addWidget(card)
    controls = MapControls()
    controls.setParent(card)
    card.resize(1300, 200)
    card.show()
    controls.show()
    controls.setGeometry(0, 0, width, 116)
    controls.layout().activate()

    row = (controls._opacity_label, controls.opacity, controls._percent, controls.legend,
           controls.scale)  # fmt: skip
    seen = [widget for widget in row if widget.isVisible()]
    assert all(w.width() >= w.minimumSizeHint().width() for w in seen)
    assert seen[-1].geometry().right() <= width - 12
    assert (controls.scale in seen) == (width >= 520)
    assert (controls._opacity_label in seen) == (width >= 654)


def test_legend_tells_its_range_and_none_without_a_map(controls):
    controls.set_range(0.0, 0.2712)
    assert controls.legend.toolTip() == "Colours: viridis, 0 to 0.27"

    controls.set_range(None, None)
    assert controls.legend.accessibleDescription() == "viridis"
    assert not controls.grab().isNull()


def test_lattice_of_the_gradient_map_is_explained(controls):
    tooltips = {segment.key: segment.tooltip for segment in controls.kinds._segments}

    assert "lattice" in tooltips[MapKind.GRADIENT]
    assert all(tooltips.values())
