"""The page: what it hands to its cards, and what it withdraws."""

import pytest

from app.views.explore import ExplorePage
from app.workers.engine_worker import Explanation, Lesioned, Wish
from resnet_core.explained.values import MapKind, Target
from resnet_core.networks.config import Shortcut
from resnet_core.pictures.colormaps import Colormap
from resnet_core.pictures.painting import paint
from tests.app.fakes import card, frame
from tests.app.widgets.strip_samples import explained_for


@pytest.fixture
def page(qtbot):
    made = ExplorePage()
    qtbot.addWidget(made)
    made.resize(1520, 920)
    made.set_network(card())
    made.set_block("conv4_2")
    return made


def answer(page, picture, wanted=None, *, live=False):
    wanted = wanted or card()
    explained = explained_for(wanted.network, frame=picture.number)
    painted = paint(explained, MapKind.ACTIVATION, Colormap.VIRIDIS, shared_scale=False)
    wish = Wish(picture, wanted, Target(), frozenset(), live=live)
    page.set_explanation(Explanation(wish, explained), painted)
    return wish, explained


def names(page):
    return [row.name for row in page.answers.bars.rows]


def test_first_picture_is_shown_at_once_and_the_next_with_its_answer(page):
    first, second = frame("a.png"), frame("b.png")
    page.set_frame(first)
    assert page.picture.picture.frame_number == first.number
    answer(page, first)

    page.set_frame(second)
    assert page.picture.picture.frame_number == first.number
    answer(page, second)

    assert page.picture.picture.frame_number == second.number


def test_withdrawn_answer_leaves_the_picture_alone(page):
    first, second = frame("a.png"), frame("b.png")
    page.set_frame(first)
    answer(page, first)
    page.set_frame(second)

    page.withdraw()

    assert page.picture.picture.frame_number == second.number
    assert names(page) == []
    assert "conv4, block 2 of 2, identity" in page.strip.accessibleName()


def test_other_network_takes_the_answers_away_and_keeps_the_picture(page):
    picture = frame()
    page.set_frame(picture)
    answer(page, picture)
    assert names(page)

    page.set_network(card(34, Shortcut.NONE))

    assert names(page) == []
    assert page.picture.picture.frame_number == picture.number


def test_lesions_of_no_answer_are_not_drawn(page):
    picture = frame()
    page.set_frame(picture)
    wish, explained = answer(page, picture)
    page.withdraw()

    page.set_lesioned(Lesioned(wish, explained.probabilities, {"conv4_2": -0.1}))

    assert not page.lesion.outcome.rows


def test_strip_is_low_until_there_is_a_picture(page):
    before = page.strip.height()

    page.set_frame(frame())

    assert (before, page.strip.height()) == (188, 288)


def test_strip_that_follows_at_a_distance_shows_the_frame_that_was_under_way_at_a_freeze(page):
    page.set_live(True)
    page.strip_every = 4
    answer(page, frame(), live=True)
    page.set_live(False)

    _, explained = answer(page, frame(), live=True)

    assert page.strip._state.explained is explained


def test_trouble_with_the_engine_offers_to_try_again(qtbot, page):
    page.set_frame(frame())

    page.set_engine_error("The device fell over.")

    assert page.picture.error.sentence == "The device fell over."
    with qtbot.waitSignal(page.picture.retry_requested, timeout=1000):
        page.picture.error.action_requested.emit()
    page.clear_error()
    assert page.picture.error.sentence == ""
