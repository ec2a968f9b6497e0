"""The system's answer decides whether a camera opens; a refusal tells how to allow it."""

import pytest
from PySide6.QtCore import QObject, Qt

from app.sources import permission


class Application:
    """Stands for a system that asks; Linux's own never does."""

    def __init__(self, status, answer=None):
        self.status, self.answer = status, answer

    def checkPermission(self, wanted):
        return self.status

    def requestPermission(self, wanted, context, answered):
        class Given:
            def status(given):
                return self.answer

        answered(Given())


STATUS = Qt.PermissionStatus


@pytest.mark.parametrize(
    ("status", "answer", "opens"),
    [
        (STATUS.Granted, None, True),
        (STATUS.Denied, None, False),
        (STATUS.Undetermined, STATUS.Granted, True),
        (STATUS.Undetermined, STATUS.Denied, False),
    ],
)
def test_camera_opens_only_where_it_may(qtbot, monkeypatch, status, answer, opens):
    class Core:
        @staticmethod
        def instance():
            return Application(status, answer)

    monkeypatch.setattr(permission, "QCoreApplication", Core)
    said = []

    permission.ask_for_camera(QObject(), lambda: said.append("opened"), said.append)

    assert said == (["opened"] if opens else [permission.refusal()])


@pytest.mark.parametrize(
    ("platform", "words"),
    [("darwin", "System Settings"), ("win32", "Let desktop apps"), ("linux", "settings")],
)
def test_refusal_tells_where_to_allow_it(monkeypatch, platform, words):
    monkeypatch.setattr(permission.sys, "platform", platform)
    assert words in permission.refusal()


def test_this_system_answers_at_once(qtbot):
    said = []
    permission.ask_for_camera(QObject(), lambda: said.append("opened"), said.append)
    assert len(said) == 1
