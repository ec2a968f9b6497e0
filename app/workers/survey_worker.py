"""The thread that finds out, once and only when someone asks, which engines this computer has."""

from __future__ import annotations

import logging

from PySide6.QtCore import QThread, Signal

from resnet_core.engines.choice import survey

logger = logging.getLogger(__name__)


class SurveyWorker(QThread):
    """Runs the survey apart from the engine: where torch is installed, it takes seconds."""

    surveyed = Signal(tuple)  # of Availability

    def run(self) -> None:
        try:
            self.surveyed.emit(survey())
        except Exception:
            # A driver may fail in any way; the menu then simply offers every engine.
            logger.exception("The engines could not be surveyed")
