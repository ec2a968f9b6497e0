"""The system's own question whether a program may use the camera or see the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, QPermission, Qt
from PySide6.QtGui import QGuiApplication

_HOW_TO = {
    "darwin": "System Settings, Privacy & Security, Camera",
    "win32": "Settings, Privacy & security, Camera, Let desktop apps access your camera",
}


def ask_for_camera(
    context: QObject, granted: Callable[[], None], denied: Callable[[str], None]
) -> None:
    """Call ``granted``, or ``denied`` with how to allow it, once the system or the user has said.

    Where the system asks nobody, that is at once. context: as long as it lives, the answer counts.
    """
    application = QCoreApplication.instance()
    assert application is not None
    status = application.checkPermission(QCameraPermission())
    if status is Qt.PermissionStatus.Granted:
        granted()
    elif status is Qt.PermissionStatus.Denied:
        denied(refusal())
    else:

        def answered(permission: QPermission) -> None:
            if permission.status() is Qt.PermissionStatus.Granted:
                granted()
            else:
                denied(refusal())

        application.requestPermission(QCameraPermission(), context, answered)


def desktop_asks_for_screen() -> bool:
    """Whether only the desktop's own dialog can share a screen: Wayland lets no program grab it."""
    return QGuiApplication.platformName().startswith("wayland")


def refusal() -> str:
    """How to allow it here."""
    place = _HOW_TO.get(sys.platform, "the system's settings")
    return f"SkipLens may not use the camera; allow it in {place}, and choose the camera again."
