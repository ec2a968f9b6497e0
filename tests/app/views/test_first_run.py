"""What a newcomer meets."""

from PySide6.QtCore import Qt

from app.views.first_run import FirstRun


def test_sample_is_chosen_by_key_number_click_and_enter(qtbot):
    page = FirstRun()
    qtbot.addWidget(page)
    chosen = []
    page.sample_chosen.connect(chosen.append)
    paths = [card.sample.path for card in page.sample_cards]

    page.choose(2)
    qtbot.mouseClick(page.sample_cards[0], Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.sample_cards[2], Qt.Key.Key_Space)
    page.choose(4)

    assert chosen == [paths[1], paths[0], paths[2]]


def test_cards_say_their_title_and_key_to_screen_readers(qtbot):
    page = FirstRun()
    qtbot.addWidget(page)

    said = [card.accessibleName() for card in page.sample_cards]

    assert said == [f"{card.sample.title}, {i}" for i, card in enumerate(page.sample_cards, 1)]
