"""Show: words for certainty, names that fit, and few but legible blocks."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from app.theme import DARK
from app.view import View
from app.views.show import WORDS_EVERY_MS, ShowPage
from app.widgets.answer_bars import Row
from app.widgets.show_answer import certainty, fitted_name
from app.widgets.show_strip import ShowStrip, shown_blocks
from app.workers.engine_worker import Explanation, Wish
from resnet_core.explained.values import MapKind, Target
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.frame import Frame
from resnet_core.pictures.painting import paint
from resnet_core.weights.card import Provenance
from tests.app.fakes import card, frame
from tests.app.widgets.strip_samples import explained_for


@pytest.fixture
def page(qtbot):
    made = ShowPage()
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    return made


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.81, "sure"), (0.8, "fairly sure"), (0.51, "fairly sure"), (0.5, "not sure"),
     (0.26, "not sure"), (0.25, "only guessing"), (0.01, "only guessing")],
)  # fmt: skip
def test_words_for_certainty_change_where_they_should(probability, words):
    assert certainty(probability) == words


def test_what_is_told_again_with_every_frame_says_no_other_words(page, monkeypatch):
    said = []
    monkeypatch.setattr(page.answer, "say", said.append)
    page.set_invitation("Hold something up")
    for _ in range(30):
        page.set_invitation("Hold something up")
        page.set_trouble("")

    assert [each.invitation for each in said] == ["Hold something up"]


@pytest.mark.parametrize("width", [300, 560])
@pytest.mark.parametrize(
    "name", ["pug", "espresso", "magnetic compass", "black-and-tan coonhound puppy in a basket"]
)
def test_every_name_fits(qtbot, name, width):
    font, lines = fitted_name(name, width, 1.0)

    assert all(QFontMetricsF(font).horizontalAdvance(line) <= width for line in lines)
    assert " ".join(lines).replace("- ", "-") == name
    assert font.pixelSize() >= 22


def test_name_that_fits_nowhere_ends_in_dots(qtbot):
    font, lines = fitted_name("x" * 200, 300, 1.0)
    assert lines[0].endswith("…")
    assert QFontMetricsF(font).horizontalAdvance(lines[0]) <= 300


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shortcut", list(Shortcut))
def test_two_blocks_of_every_stage_are_shown_the_selected_one_among_them(depth, shortcut):
    config = NetworkConfig(depth, shortcut)
    for selected in config.output_names:
        shown = shown_blocks(config, selected)
        names = [name for names in shown.values() for name in names]
        assert list(shown) == [2, 3, 4, 5]
        assert all(len(set(pair)) == 2 for pair in shown.values())
        assert selected == "conv1" or selected in names


def test_deep_network_says_how_many_blocks_are_shown(qtbot):
    strip = ShowStrip()
    qtbot.addWidget(strip)
    strip.set_network(NetworkConfig(152))
    assert strip.caption == "8 of 50\nblocks"
    strip.set_network(NetworkConfig(18))
    assert strip.caption == "skips\nin blue"


def explanation_of(network_card, picture):
    explained = explained_for(network_card.network, frame=picture.number)
    wish = Wish(picture, network_card, Target(), frozenset())
    painted = paint(explained, MapKind.GRAD_CAM, Colormap.VIRIDIS)
    return Explanation(wish, explained), painted


def test_words_wait_so_that_they_can_be_read_and_pictures_do_not(qtbot, page):
    page.set_network(card())
    page.set_block("conv5_2")
    for probability in (0.9, 0.6, 0.3):
        picture = frame()
        explanation, painted = explanation_of(card(), picture)
        page.set_explanation(explanation, painted, [Row(0, "cat", probability)])
        assert page.picture.frame_number == picture.number
        assert page.answer.said.rows[0].probability == 0.9

    said = page.answer.said
    qtbot.waitUntil(lambda: page.answer.said is not said, timeout=10 * WORDS_EVERY_MS)
    assert page.answer.said.rows[0].probability == 0.3
    page.set_explanation(explanation, painted, [Row(0, "cat", 0.2)])
    assert page.answer.said.rows[0].probability == 0.3, "it was said just now"

    qtbot.waitUntil(lambda: not page.words_wait, timeout=10 * WORDS_EVERY_MS)
    assert page.answer.said.rows[0].probability == 0.2
    assert page.answer.accessibleName() == "I think this is cat, 20 %, only guessing"


def test_untrained_network_is_loud(qtbot, page):
    page.set_network(card(shortcut=Shortcut.NONE))
    assert "Untrained" in page.answer.said.loud
    grabbed = page.answer.grab().toImage()
    assert grabbed.pixelColor(20, 26) == DARK.untrained


def test_map_is_explained_in_plain_words(qtbot, page):
    page.set_network(card())
    page.set_view(View(kind=MapKind.GRAD_CAM))
    explanation, painted = explanation_of(card(), frame())
    page.set_explanation(explanation, painted, [Row(0, "cat", 0.9)])
    page.set_block("conv5_2")

    assert page.picture.caption == "Bright: what speaks for this answer"
    page.set_painted(None)
    assert page.picture.caption == ""


def test_tiles_follow_kind_and_selection_of_a_still_picture(qtbot, page):
    deep = card(depth=152)
    page.set_network(deep)
    explanation, painted = explanation_of(deep, frame())
    page.set_explanation(explanation, painted, [Row(0, "cat", 0.9)])
    before = page.strip.grab().toImage()

    page.set_block("conv4_20")
    assert "conv4_20" in page.strip.names
    assert page.strip.tile_names == set(page.strip.names)
    page.set_painted(paint(explanation.explained, MapKind.ACTIVATION, Colormap.GREY))
    assert page.strip.grab().toImage() != before

    page.set_network(card(depth=152, shortcut=Shortcut.A))
    assert page.strip.tile_names == set()
    assert page.picture.caption == ""


def test_plain_network_is_not_said_to_skip(qtbot):
    strip = ShowStrip()
    qtbot.addWidget(strip)
    strip.set_network(NetworkConfig(18, Shortcut.NONE))
    assert strip.caption == "no skips"


@pytest.mark.parametrize("size", [(1600, 1000), (1024, 700), (1920, 1080)])
@pytest.mark.parametrize("network", [card(), replace(card(), provenance=Provenance.PUBLISHED)])
@pytest.mark.parametrize("name", ["cup", "black-and-tan coonhound puppy in a basket"])
def test_whatever_is_said_the_foot_is_not_written_over(qtbot, page, size, network, name):
    page.resize(*size)
    page.set_network(network)
    answer = page.answer
    rows = [Row(n, name, 0.25) for n in range(5)]
    answer.say(replace(answer.said, rows=tuple(rows), trouble="It does not work. " * 12))
    image = answer.grab().toImage()

    foot, lowest = answer.places
    assert lowest <= foot
    assert foot < answer.height() - 5 * 24 * answer.scale
    assert not image.isNull()


def test_page_is_painted_within_one_frame(qtbot, page):
    page.set_network(card())
    page.set_view(View())
    page.set_block("conv4_2")
    pixels = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    spent = []
    for _ in range(12):
        picture = Frame(pixels.copy(), "camera")
        explanation, painted = explanation_of(card(), picture)
        # The processor's time: what else runs on the machine is not painting.
        started = time.process_time()
        page.set_explanation(explanation, painted, [Row(0, "cat", 0.9)])
        page.repaint()
        spent.append(time.process_time() - started)
    assert min(spent) < 0.033, spent


def test_page_is_dark_in_both_themes(qtbot, page):
    image = page.grab().toImage()
    assert image.pixelColor(4, 4) == DARK.window
    assert np.mean([image.pixelColor(x, 500).lightness() for x in range(0, 1600, 50)]) < 60
