"""The menu of engines."""

import pytest
from PySide6.QtWidgets import QMenu

from app.shell.engine_menu import EngineMenu
from resnet_core.engines.choice import WISHES, Availability


@pytest.fixture
def menu(qtbot):
    made = QMenu()
    qtbot.addWidget(made)
    return made


def entries(menu):
    return {action.data(): action for action in menu.actions() if action.data()}


def test_survey_is_asked_for_once_when_the_menu_opens(qtbot, menu):
    engines, asked = EngineMenu(menu), []
    engines.survey_requested.connect(lambda: asked.append(1))
    assert asked == []

    menu.aboutToShow.emit()
    menu.aboutToShow.emit()

    assert asked == [1]


def test_what_is_not_here_is_off_and_says_why(qtbot, menu):
    engines = EngineMenu(menu)
    found = [
        Availability("openvino:cpu", True, "Some Processor"),
        Availability("torch:cuda", False, "torch is not installed."),
    ]

    engines.set_survey(found)

    assert set(entries(menu)) == set(WISHES)
    assert entries(menu)["openvino:cpu"].text() == "OpenVINO, CPU: Some Processor"
    assert not entries(menu)["torch:cuda"].isEnabled()
    assert entries(menu)["torch:cuda"].toolTip() == "torch is not installed."


def test_chosen_engine_is_told_and_ticked(qtbot, menu):
    engines, chosen = EngineMenu(menu), []
    engines.chosen.connect(chosen.append)
    engines.set_wish("auto")

    entries(menu)["openvino:cpu"].trigger()

    assert chosen == ["openvino:cpu"]
    assert entries(menu)["openvino:cpu"].isChecked()
    assert not entries(menu)["auto"].isChecked()


def test_floor_of_live_drawing_is_chosen_and_one_of_the_settings_is_offered(qtbot, menu):
    engines = EngineMenu(menu)
    engines.set_floor(12.0)
    floors = next(action.menu() for action in menu.actions() if action.menu() is not None)
    assert [action.text() for action in floors.actions() if action.isChecked()] == [
        "Under 12 frames a second"
    ]

    with (
        qtbot.assertNotEmitted(engines.chosen),
        qtbot.waitSignal(engines.floor_chosen) as blocker,
    ):
        next(action for action in floors.actions() if action.text() == "Never").trigger()
    assert blocker.args == [0.0]
