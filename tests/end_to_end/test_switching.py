"""Everything is switched while it runs: what is on show is always of one question."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from app.view import View
from resnet_core.explained.values import MapKind
from resnet_core.pictures.samples import samples
from tests.end_to_end.conftest import PATIENCE_MS

ACTIONS = 300


@pytest.fixture
def mixed(shell):
    """What was on show and did not belong together."""
    found = []
    controller, page = shell.controller, shell.window.explore

    def check(explanation, painted):
        wish, explained = explanation.wish, explanation.explained
        identity = explained.identity
        on_show = page.picture.picture.frame_number
        together = (
            wish.same_question(controller._wish())
            and identity.frame == wish.frame.number == on_show
            and identity.target == wish.target
            and len(explained.blocks) == len(wish.card.network.output_names)
            and len(explained.probabilities) == len(wish.card.classes)
            and (painted is None or painted.identity == identity)
            and page.strip._state.config == wish.card.network
        )
        if not together:
            found.append((wish, identity, on_show))

    controller.frame_explained.connect(check)
    return found


@pytest.mark.slow
def test_switching_everything_at_random_never_mixes(qtbot, shell, mixed):
    controller, dice = shell.controller, random.Random(7)
    cards = [card for card in shell.catalogue.cards if shell.catalogue.is_here(card)]
    cards = [card for card in cards if card.network.depth == 18]
    cards.append(shell.catalogue.card("untrained-18-C"))
    paths = [sample.path for sample in samples()]
    explained = []
    controller.frame_explained.connect(lambda *given: explained.append(1))
    controller.open_paths([paths[0]])
    qtbot.waitUntil(lambda: bool(explained), timeout=PATIENCE_MS)
    acts = (
        lambda: controller.choose_card(dice.choice(cards)),
        lambda: controller.open_paths([dice.choice(paths)]),
        lambda: controller.choose_target(dice.choice([None, 3, 50])),
        lambda: controller.select_block(dice.choice(controller.card.network.output_names)),
        controller.toggle_lesion,
        lambda: controller.set_view(View(kind=dice.choice([None, *MapKind]))),
    )
    for number in range(ACTIONS):
        dice.choice(acts)()
        for _ in range(dice.choice([0, 0, 1, 5])):
            QApplication.processEvents()
        if number % 25 == 0:
            qtbot.waitUntil(lambda: controller.explanation is not None, timeout=PATIENCE_MS)

    controller.choose_card(next(card for card in cards if card != controller.card))
    qtbot.waitUntil(
        lambda: (
            controller.explanation is not None
            and controller.explanation.wish.card == controller.card
        ),
        timeout=PATIENCE_MS,
    )
    assert mixed == []
    assert len(explained) > 10
