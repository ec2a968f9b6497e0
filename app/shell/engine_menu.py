"""The menu of engines: what can be had here, why the rest cannot, and what yields to speed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from resnet_core.engines.choice import AUTO, WISHES, Availability

_DEVICES = {"cpu": "CPU", "gpu": "GPU", "cuda": "CUDA", "mps": "MPS", "xpu": "XPU"}
FLOORS = (5.0, 10.0, 15.0, 20.0, 30.0, 0.0)
"""Frames per second to choose from, under which live drawing is thinned; 0 is never."""

_KINDS = {"openvino": "OpenVINO", "torch": "torch"}


def engine_title(wish: str) -> str:
    """``OpenVINO, CPU`` for openvino:cpu."""
    if wish == AUTO:
        return "Automatic"
    kind, device = wish.split(":")
    return f"{_KINDS[kind]}, {_DEVICES[device]}"


class EngineMenu(QObject):
    """Fills a menu; asks for a survey when it is opened for the first time."""

    chosen = Signal(str)
    floor_chosen = Signal(float)
    survey_requested = Signal()

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._menu = menu
        self._asked = False
        self._actions: dict[str, QAction] = {}
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for wish in WISHES:
            action = menu.addAction(engine_title(wish))
            action.setCheckable(True)
            action.setData(wish)
            group.addAction(action)
            self._actions[wish] = action
        self._actions[AUTO].setToolTip(
            "Answers at once with the engine that is quick to start, measures the others when the "
            "computer is idle, and takes the fastest whose maps agree"
        )
        self._note = menu.addAction("Looking at what this computer has ...")
        self._note.setEnabled(False)
        menu.addSeparator()
        self._floors = menu.addMenu("Draw less of the strip while live")
        menu.aboutToShow.connect(self._ask)
        menu.triggered.connect(self._triggered)

    @Slot(str)
    def set_measured(self, sentence: str) -> None:
        """Tell what the automatic choice measured with the network on show."""
        self._actions[AUTO].setToolTip(sentence)

    def set_wish(self, wish: str) -> None:
        """Tick the engine that was wished for."""
        self._actions[wish].setChecked(True)

    def set_floor(self, floor: float) -> None:
        """Tick a floor; one that only the settings know is offered too."""
        self._floors.clear()
        group = QActionGroup(self._floors)
        for offered in sorted({floor, *FLOORS}, key=lambda offer: offer or float("inf")):
            words = f"Under {offered:g} frames a second" if offered else "Never"
            action = self._floors.addAction(words)
            action.setCheckable(True)
            action.setChecked(offered == floor)
            action.setData(offered)
            group.addAction(action)

    @Slot(tuple)
    def set_survey(self, found: Sequence[Availability]) -> None:
        """Say which engines are there, on which device, and why the others are not."""
        self._note.setVisible(False)
        for availability in found:
            action = self._actions[availability.name]
            action.setEnabled(availability.available)
            action.setToolTip(availability.reason)
            title = engine_title(availability.name)
            note = availability.reason if availability.available else "not on this computer"
            action.setText(f"{title}: {note}")

    @Slot()
    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self.survey_requested.emit()

    @Slot(QAction)
    def _triggered(self, action: QAction) -> None:
        # An action of a submenu is told of by the menu too.
        if isinstance(action.data(), str):
            self.chosen.emit(action.data())
        else:
            self.floor_chosen.emit(action.data())
