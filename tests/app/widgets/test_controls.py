import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.theme import ThemeWish, theme
from app.widgets.controls import (
    ActionButton,
    Look,
    MenuButton,
    Segment,
    SegmentedControl,
    Slider,
    Switch,
)

# Qt without a display warns of what only a window manager can do.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT, RIGHT = Qt.Key.Key_Left, Qt.Key.Key_Right


@pytest.fixture(autouse=True)
def plain_theme():
    theme().wish, theme().zoom = ThemeWish.LIGHT, 1.0
    yield
    theme().wish, theme().zoom = ThemeWish.LIGHT, 1.0


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    widget.show()
    return widget


def three(second_reason=None):
    return [
        Segment("a", "First"),
        Segment("b", "Second", reason=second_reason),
        Segment("c", "Third", tooltip="the last"),
    ]


def middle_of(control, key):
    keys = [segment.key for segment in control._segments]
    return control._areas()[keys.index(key)].center().toPoint()


def is_claimed(widget, key, modifiers=Qt.KeyboardModifier.NoModifier):
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_click_chooses_a_segment_and_tells_once(qtbot):
    control = shown(qtbot, SegmentedControl("Map", three()))

    with qtbot.waitSignal(control.chosen) as chosen:
        qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=middle_of(control, "b"))

    assert chosen.args == ["b"]
    assert control.current == "b"
    assert control.accessibleDescription() == "Second"


def test_segment_that_is_off_is_not_chosen_and_arrows_pass_over_it(qtbot):
    control = shown(qtbot, SegmentedControl("Depth", three("No weights for it")))
    control.set_current("a")

    with qtbot.assertNotEmitted(control.chosen):
        qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=middle_of(control, "b"))
    qtbot.keyClick(control, RIGHT)
    assert control.current == "c"
    qtbot.keyClick(control, LEFT)
    assert control.current == "a"
    qtbot.keyClick(control, LEFT)
    assert control.current == "c"


def test_arrows_only_move_where_items_are_actions_and_enter_takes_one(qtbot):
    control = shown(qtbot, SegmentedControl("Picture from", three()))

    with qtbot.assertNotEmitted(control.chosen):
        qtbot.keyClick(control, RIGHT)
    assert control.accessibleDescription() == "Second"
    with qtbot.waitSignal(control.chosen) as chosen:
        qtbot.keyClick(control, Qt.Key.Key_Return)
    assert chosen.args == ["b"]


def test_showing_a_choice_tells_nobody(qtbot):
    control, slider, switch = SegmentedControl("Map", three()), Slider("Opacity"), Switch("Off")
    for widget in (control, slider, switch):
        qtbot.addWidget(widget)

    with qtbot.assertNotEmitted(control.chosen), qtbot.assertNotEmitted(slider.moved):
        control.set_current("c")
        slider.set_value(0.2)


def test_no_segment_at_all_or_all_off_does_no_harm(qtbot):
    control = shown(qtbot, SegmentedControl("Map", []))
    qtbot.keyClick(control, RIGHT)
    control.set_segments([Segment("a", "A", reason="off")])
    with qtbot.assertNotEmitted(control.chosen):
        qtbot.keyClick(control, RIGHT)
        qtbot.keyClick(control, Qt.Key.Key_Space)
    assert not control.grab().isNull()


def test_focused_control_keeps_its_arrows_from_the_shortcuts_of_the_window(qtbot):
    window = QWidget()
    control = SegmentedControl("Map", three())
    control.set_current("a")
    QHBoxLayout(window).addWidget(control)
    action = QAction(window)
    action.setShortcut(QKeySequence(RIGHT))
    window.addAction(action)
    shown(qtbot, window)

    assert is_claimed(control, RIGHT)
    assert is_claimed(control, RIGHT, Qt.KeyboardModifier.KeypadModifier)
    assert not is_claimed(control, RIGHT, Qt.KeyboardModifier.ControlModifier)
    assert not is_claimed(control, Qt.Key.Key_M)
    assert is_claimed(Slider("Opacity"), Qt.Key.Key_Home)


@pytest.mark.parametrize(
    "control",
    [
        lambda: SegmentedControl("Map", three()),
        lambda: Slider("Opacity"),
        lambda: Switch("Off"),
        lambda: ActionButton("Open"),
        lambda: MenuButton("Weights"),
    ],
)
def test_every_control_is_reached_by_tab_but_a_click_leaves_the_focus_alone(qtbot, control):
    made = shown(qtbot, control())

    assert made.focusPolicy() is Qt.FocusPolicy.TabFocus
    assert made.accessibleName()
    assert made.height() >= 40


def test_focus_ring_is_seen_on_every_look(qtbot):
    for look in Look:
        window = QWidget()
        button, other = ActionButton("Open", "folder", look), ActionButton("Else")
        row = QHBoxLayout(window)
        row.addWidget(button)
        row.addWidget(other)
        shown(qtbot, window)
        window.activateWindow()
        other.setFocus()
        plain = button.grab().toImage()
        button.setFocus()
        qtbot.waitUntil(button.hasFocus)
        ringed = button.grab().toImage()

        centre = button.height() // 2
        text, card = theme().palette.text, theme().palette.card
        assert ringed != plain
        assert ringed.pixelColor(1, centre) == text
        assert ringed.pixelColor(4, centre) == card


def test_slider_moves_by_mouse_wheel_and_keys_and_stays_in_range(qtbot):
    slider = shown(qtbot, Slider("Opacity"))
    slider.resize(132, 40)
    moved = []
    slider.moved.connect(moved.append)

    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(66, 20))
    assert slider.value == pytest.approx(0.5)
    slider.set_value(0.4)
    qtbot.keyClick(slider, RIGHT)
    assert slider.value == pytest.approx(0.5)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    qtbot.keyClick(slider, RIGHT)
    assert slider.value == 1.0
    point = QPointF(10, 10)
    wheel = QWheelEvent(point, point, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
                        False)  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert slider.value == pytest.approx(0.9)
    assert moved == pytest.approx([0.5, 1.0, 0.9])
    assert slider.accessibleDescription() == "90 percent"


def test_buttons_and_switches_answer_to_enter_as_well_as_space(qtbot):
    button, switch = shown(qtbot, ActionButton("Open")), shown(qtbot, Switch("Off"))

    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(button.clicked):
            qtbot.keyClick(button, key)
        with qtbot.waitSignal(switch.toggled):
            qtbot.keyClick(switch, key)


def test_relabelled_button_is_named_anew_for_screen_readers(qtbot):
    button = shown(qtbot, ActionButton("Open"))
    narrow = button.sizeHint().width()

    button.set_label("Try the camera again")

    assert button.accessibleName() == "Try the camera again"
    assert button.sizeHint().width() > narrow


def test_menu_button_opens_its_menu_by_keyboard_only_if_it_has_one(qtbot):
    button = shown(qtbot, MenuButton("Weights", "check"))
    button.set_lines("Tiny ImageNet", "200 classes")
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert not button.menu.isVisible()

    button.menu.addAction("Untrained")
    qtbot.keyClick(button, Qt.Key.Key_Return)

    assert button.menu.isVisible()
    button.menu.close()
    assert button.accessibleDescription() == "Tiny ImageNet, 200 classes"
    assert button.second == "200 classes"


@pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
def test_controls_grow_with_the_zoom_and_are_never_too_small_for_a_finger(qtbot, zoom):
    controls = [
        SegmentedControl("Map", three()),
        Switch("Off"),
        Slider("Opacity"),
        ActionButton("Open", "folder"),
        MenuButton("Weights"),
    ]
    before = [control.sizeHint() for control in controls]
    theme().zoom = zoom

    for control, size in zip(controls, before, strict=True):
        shown(qtbot, control)
        assert not control.grab().isNull()
        assert control.sizeHint().height() == max(40, round(40 * zoom))
        assert (control.sizeHint().width() > size.width()) == (zoom > 1)


def test_theme_changes_are_seen_at_once(qtbot):
    control = shown(qtbot, SegmentedControl("Map", three()))
    control.set_current("a")
    light = control.grab().toImage()

    theme().wish = ThemeWish.DARK

    assert control.grab().toImage() != light
