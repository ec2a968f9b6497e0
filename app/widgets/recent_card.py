"""The last seconds of a live answer, and how much it is steadied."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.live_history import SECONDS, Trace
from app.live_smoothing import Probabilities
from app.theme import theme
from app.widgets.answer_bars import FULL_BAR, percent
from app.widgets.controls import Card, Slider, scaled
from app.widgets.pace import BARS_SECONDS, Pace

MOST_STEADY = 3.0
_TENTH = 10


class RecentPlot(QWidget):
    """One class over the last seconds: thin each frame, thick the steadied answer."""

    def __init__(self) -> None:
        super().__init__()
        self._trace: Trace | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def set_trace(self, trace: Trace | None) -> None:
        """Show other answers, or none."""
        self._trace = trace
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, scaled(84))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, scaled(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        palette = theme().palette
        floor = self.height() - 1.5
        painter.setPen(QPen(palette.line, 1))
        painter.drawLine(QPointF(0, floor), QPointF(self.width(), floor))
        trace = self._trace
        if trace is None or len(trace.ages) < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = max(FULL_BAR, float(trace.raw.max()), float(trace.steadied.max()))
        self._draw(painter, trace.ages, trace.raw / top, palette.hint, 1.0)
        self._draw(painter, trace.ages, trace.steadied / top, palette.text, 3.0)

    def _draw(
        self, painter: QPainter, ages: Probabilities, shares: Probabilities, colour: QColor,
        width: float,
    ) -> None:  # fmt: skip
        x = (1 - ages / SECONDS) * self.width()
        y = 3 + (1 - shares) * (self.height() - 6)
        line = QPolygonF(list(map(QPointF, x.tolist(), y.tolist())))
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(line)


class RecentCard(Card):
    """Shown while a picture is live."""

    steady_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._trace: Callable[[], Trace] | None = None
        self._name = ""
        self.pace = Pace(self, self._draw_trace, BARS_SECONDS)
        title = QLabel(f"Last {SECONDS:.0f} seconds")
        title.setObjectName("title")
        self._hint = QLabel()
        self._hint.setObjectName("hint")
        self.plot = RecentPlot()
        self.slider = Slider("Steady")
        self.slider.setToolTip("Over how many seconds the answers are averaged; 0 shows each frame")
        self._seconds = QLabel()
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._hint)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(QLabel("Steady"))
        foot.addWidget(self.slider, 1)
        foot.addWidget(self._seconds)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        column.addLayout(foot)
        self.slider.moved.connect(self._moved)
        self.set_steady(1.0)

    @property
    def hint(self) -> str:
        """What the two lines are of."""
        return self._hint.text()

    def set_steady(self, seconds: float) -> None:
        """Show over how many seconds answers are averaged, without telling anyone."""
        self.slider.set_value(seconds / MOST_STEADY)
        self._say(seconds)

    def follow(self, trace: Callable[[], Trace], name: str) -> None:
        """Show how likely the class of that name was; asked when it is time to draw it."""
        self._trace, self._name = trace, name
        self.pace.ask()

    def clear(self) -> None:
        """Show no answers."""
        self._trace = None
        self.pace.act()

    def _draw_trace(self) -> None:
        trace = None if self._trace is None else self._trace()
        self.plot.set_trace(trace)
        self._hint.setText(f"{self._name}, thin: each frame" if trace is not None else "")
        if trace is not None and len(trace.ages):
            now = percent(float(trace.steadied[-1]))
            self.plot.setAccessibleName(f"{self._name}, {now} now")

    @Slot(float)
    def _moved(self, value: float) -> None:
        seconds = float(np.round(value * MOST_STEADY * _TENTH) / _TENTH)
        self._say(seconds)
        self.steady_changed.emit(seconds)

    def _say(self, seconds: float) -> None:
        self._seconds.setText(f"{seconds:.1f} s")
        self.slider.setAccessibleDescription(f"{seconds:.1f} seconds")
