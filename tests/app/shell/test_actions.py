"""What keys do while they are held."""

from collections import defaultdict

from PySide6.QtWidgets import QWidget

from app.shell.actions import KEYS, add_actions


def test_only_what_goes_step_by_step_repeats_while_its_key_is_held(qtbot):
    window = QWidget()
    qtbot.addWidget(window)

    actions = add_actions(window, defaultdict(lambda: lambda: None))

    assert set(actions) == {key.wish for key in KEYS}
    repeating = {wish for wish, action in actions.items() if action.autoRepeat()}
    assert repeating == {
        "next_picture", "previous_picture", "next_block", "previous_block", "next_target",
        "previous_target", "less_map", "more_map", "larger", "smaller",
    }  # fmt: skip
