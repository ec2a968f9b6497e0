"""What a camera sees before it is chosen: one camera is open at a time, and left at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal, Slot

from app.sources.permission import ask_for_camera
from app.sources.requests import CameraRequest, NetworkRequest
from app.sources.states import Denied, State
from resnet_core.pictures.frame import Frame

if TYPE_CHECKING:
    from app.workers.source_worker import SourceWorker

PreviewRequest = CameraRequest | NetworkRequest


class CameraPreview(QObject):
    """Opens the camera that was asked for last, once the one before is given back.

    Nothing here waits: a driver may hold its process until that is killed.
    """

    frame_came = Signal(Frame)
    told = Signal(object)  # State
    left = Signal()  # no camera is open any more

    def __init__(self) -> None:
        super().__init__()
        self._wanted: PreviewRequest | None = None
        self._worker: SourceWorker | None = None
        self._leaving: SourceWorker | None = None

    @property
    def workers(self) -> tuple[QThread, ...]:
        """Threads that may still run."""
        return tuple(worker for worker in (self._leaving, self._worker) if worker is not None)

    def show(self, request: PreviewRequest) -> None:
        """Open another camera, unless it is the one that is open."""
        if request != self._wanted:
            self._give_back()
            self._wanted = request
            if self._leaving is None:
                self._open()

    def leave(self) -> None:
        """Give the camera back; ``left`` follows, at once where none is open."""
        self._give_back()
        if self._leaving is None:
            self.left.emit()

    def _give_back(self) -> None:
        self._wanted = None
        worker, self._worker = self._worker, None
        if worker is not None:
            self._leaving = worker
            worker.finish()

    def _open(self) -> None:
        request = self._wanted
        assert request is not None

        def granted() -> None:
            # The system may have asked the user, who may have gone on meanwhile.
            if request == self._wanted and self._worker is None and self._leaving is None:
                self._start(request)

        def denied(sentence: str) -> None:
            if request == self._wanted:
                self.told.emit(Denied(sentence))

        if isinstance(request, CameraRequest):
            ask_for_camera(self, granted, denied)
        else:
            granted()

    def _start(self, request: PreviewRequest) -> None:
        # Loaded here: most starts of the program never see a camera.
        from app.workers.source_worker import SourceWorker

        worker = self._worker = SourceWorker(request)
        worker.frame_arrived.connect(self._arrived)
        worker.state_changed.connect(self._told)
        worker.finished.connect(self._finished)
        worker.start()

    @Slot()
    def _arrived(self) -> None:
        frame = self._worker.take() if self._worker is not None else None
        if frame is not None:
            self.frame_came.emit(frame)

    @Slot(object)
    def _told(self, state: State) -> None:
        if self.sender() is self._worker:  # else it was on its way when its camera was left
            self.told.emit(state)

    @Slot()
    def _finished(self) -> None:
        worker, self._leaving = self._leaving, None
        if worker is not None:
            worker.deleteLater()
        if self._wanted is not None:
            self._open()
        else:
            self.left.emit()
