import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.theme import ThemeWish, theme
from app.view import View
from app.widgets.picture_card import PictureCard
from resnet_core.explained.values import MapKind
from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.preprocessing import Preprocessing, region
from tests.app.widgets.strip_samples import explained_for, painted_for

# Qt without a display warns of what only a window manager can do.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

STARTER = Preprocessing(crop=(128, 128), resize=128)


@pytest.fixture
def card(qtbot):
    theme().wish = ThemeWish.LIGHT
    made = PictureCard()
    qtbot.addWidget(made)
    made.resize(656, 584)
    made.show()
    return made


def frame_of(width, height, colour=(200, 40, 40)):
    return Frame(np.full((height, width, 3), colour, np.uint8), "picture")


def show(card, width=600, height=400, preprocessing=STARTER, kind=MapKind.GRAD_CAM):
    frame = frame_of(width, height)
    card.set_frame(frame, region(preprocessing, height, width))
    explained = explained_for(NetworkConfig(18, classes=20), frame=frame.number)
    card.set_caption_target("sandal")
    card.set_painted(painted_for(explained, kind), "conv4_2")
    return frame


def colours_of(card):
    """Colour left of, and within, what the network gets."""
    picture = card.picture
    image = picture.grab().toImage()
    inside = picture.inside(picture.picture_area())
    y = round(inside.center().y())
    middle = image.pixelColor(round(inside.center().x()), y)
    return image.pixelColor(round(inside.left()) - 20, y), middle


def test_caption_says_block_map_size_and_target(card):
    show(card)

    assert card.picture.caption == "conv4.2   Grad-CAM   4 × 4   for “sandal”"  # noqa: RUF001
    assert card.picture.accessibleDescription() == card.picture.caption


def test_activations_have_no_target_in_their_caption(card):
    show(card, kind=MapKind.ACTIVATION)

    assert card.picture.caption == "conv4.2   Activation   4 × 4"  # noqa: RUF001


def test_picture_is_grey_under_a_map_coloured_without_and_dim_outside(card):
    show(card)
    card.set_view(View(MapKind.GRAD_CAM, opacity=0.0))
    outside, inside = colours_of(card)
    assert inside.saturation() == 0
    assert outside.lightness() < inside.lightness()

    card.set_view(View(None))
    outside, inside = colours_of(card)
    assert inside.saturation() > 100
    assert outside.lightness() < inside.lightness()
    assert card.picture.caption == ""


def test_map_covers_only_what_the_network_got(card):
    show(card)
    card.set_view(View(MapKind.GRAD_CAM, opacity=1.0))

    outside, inside = colours_of(card)

    assert outside.saturation() == 0
    assert inside.saturation() > 100


def test_map_of_another_picture_is_never_drawn(card):
    frame = show(card)
    other = explained_for(NetworkConfig(18, classes=20), frame=frame.number + 99)

    following = frame_of(600, 400)
    card.set_frame(following, region(STARTER, 400, 600))
    assert card.picture.caption == ""
    card.set_painted(painted_for(other), "conv4_2")

    assert card.picture.caption == ""


def test_another_block_shows_its_own_map_and_an_unknown_one_none(card):
    show(card)
    card.set_block("conv2_1")
    assert card.picture.caption.startswith("conv2.1")
    card.set_block("conv9_9")
    assert card.picture.caption == ""


@pytest.mark.parametrize("size", [(600, 400), (400, 600), (3000, 300), (300, 3000), (1, 1), (7, 5)])
@pytest.mark.parametrize("crop", [(128, 128), (96, 224)])
def test_whole_of_what_the_network_got_is_seen_and_at_most_a_tenth_cut_off(card, size, crop):
    width, height = size
    show(card, width, height, Preprocessing(crop=crop, resize=crop[0] + 32))
    view = card.picture
    area = view.picture_area()
    inside = view.inside(area)

    # All on whole pixels, less than one further out on each side.
    assert all(edge == round(edge) for rect in (area, inside) for edge in rect.getCoords())
    scale = area.width() / width
    assert area.height() == pytest.approx(scale * height, abs=2 + 2 * height / width)
    assert inside.left() >= -0.01
    assert inside.top() >= -0.01
    assert inside.right() <= view.width() + 0.01
    assert inside.bottom() <= view.height() + 0.01
    assert area.width() <= 1.1 * min(view.width(), view.height() * width / height) + 2
    assert not view.grab().isNull()


def test_big_map_is_drawn_at_the_pixels_of_the_device(card):
    show(card)
    view = card.picture
    card.grab()
    inside = view.inside(view.picture_area())

    assert view._map_pixmap.width() == round(inside.width() * view.devicePixelRatioF())


def test_turning_the_view_changes_what_is_shown_at_once_and_tells(qtbot, card):
    show(card)

    with qtbot.waitSignal(card.view_changed) as changed:
        qtbot.keyClick(card.controls.kinds, Qt.Key.Key_Right)

    assert changed.args == [View(MapKind.LAYER_CAM)]


def test_error_is_a_sentence_with_one_button(qtbot, card):
    card.set_error("The camera is used by another program.", "Try again")
    assert card.error.sentence == "The camera is used by another program."

    with qtbot.waitSignal(card.retry_requested):
        qtbot.mouseClick(card.error._button, Qt.MouseButton.LeftButton)
    card.set_error("That is not a picture.", None)
    assert not card.error._button.isVisible()
    card.set_error(None)

    assert card.error.sentence == ""


def test_several_pictures_can_be_stepped_through(qtbot, card):
    show(card)
    card.set_place(1, 1)
    assert not card._stepper.isVisible()

    card.set_place(2, 5)

    assert card._place.text() == "2 of 5"
    steps = []
    card.step_requested.connect(steps.append)
    for button in card._stepper.findChildren(type(card.error._button)):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sorted(steps) == [-1, 1]


def test_cleared_card_forgets_picture_map_and_range(card):
    show(card)
    card.clear()

    assert card.picture.frame_number is None
    assert card.picture.caption == ""
    assert card.controls.legend.range_in_words == ""
    assert not card.grab().isNull()
