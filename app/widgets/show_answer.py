"""The answer in words that are read from the back row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import DARK, Weight, theme
from app.widgets.answer_bars import Row, percent

SHEET_WIDTH = 1600
"""All sizes are those of a sheet of this width; the page scales it to the screen."""

_LARGEST = 112
_LEAST_ROOM = 136  # of the name: one line of the largest type
_ROW = 46
_SMALLEST_BY_LINES = (64, 40, 26)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAPPED = (
    Qt.AlignmentFlag.AlignLeft.value
    | Qt.AlignmentFlag.AlignTop.value
    | Qt.TextFlag.TextWordWrap.value
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def certainty(probability: float) -> str:
    """How sure that is, in words."""
    if probability > 0.8:
        return "sure"
    if probability > 0.5:
        return "fairly sure"
    return "not sure" if probability > 0.25 else "only guessing"


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says. rows: the best answers, best first; empty before there is one.

    trouble: one sentence in place of the invitation. loud: a badge, for untrained networks.
    """

    rows: tuple[Row, ...] = ()
    invitation: str = ""
    trouble: str = ""
    loud: str = ""


class ShowAnswer(QWidget):
    """Draws; it is told everything. scale: screen pixels for one of the sheet."""

    def __init__(self) -> None:
        super().__init__()
        self._said = Said()
        self.scale = 1.0
        self.places = (0.0, 0.0)
        """Where the foot began when it was last painted, and where what is above it ended."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def said(self) -> Said:
        return self._said

    def say(self, said: Said) -> None:
        """Say something else."""
        if said != self._said:
            self._said = said
            self.setAccessibleName(_aloud(said))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, y = float(self.width()), 0.0
        if self._said.loud:
            y = self._draw_badge(painter, y)
        foot = self._draw_foot(painter, width)
        if self._said.rows:
            self._draw_answer(painter, width, y, foot)
        else:
            self._draw_wish(painter, QRectF(0, y, width, foot - y))

    def _draw_wish(self, painter: QPainter, area: QRectF) -> None:
        """Before there is an answer: what people may do, or what is in the way."""
        painter.setFont(self._font(40, Weight.SEMIBOLD))
        painter.setPen(DARK.text)
        painter.drawText(area, _WRAPPED, self._said.trouble or self._said.invitation)

    def _draw_answer(self, painter: QPainter, width: float, y: float, foot: float) -> None:
        """foot: y where the lowest lines begin; what does not fit above it is left out."""
        best, others = self._said.rows[0], self._said.rows[1:4]
        s = self.scale
        self._text(painter, QRectF(0, y, width, 56 * s), "I think this is", 34, DARK.second)
        y += 62 * s
        below = (4 + 86 + 40 + 38 + _ROW * len(others)) * s
        room = max(_LEAST_ROOM * s, foot - y - below)
        font, lines = fitted_name(best.name, width, s, room)
        height = QFontMetricsF(font).height()
        painter.setFont(font)
        painter.setPen(DARK.text)
        room = max(min(_LEAST_ROOM * s, room), height * len(lines))
        top = y + (room - height * len(lines)) / 2
        for number, line in enumerate(lines):
            painter.drawText(QRectF(0, top + number * height, width, height), _LEFT, line)
        y = self._draw_share(painter, width, y + room + 4 * s, best) + 4 * s
        if others and y + (38 + _ROW) * s <= foot:
            self._text(painter, QRectF(0, y, width, 36 * s), "or perhaps", 25, DARK.second)
        lowest = y
        y += 38 * s
        for row in others:
            if y + _ROW * s > foot:
                break  # the foot is more to strangers than a third guess
            self._draw_row(painter, QRectF(0, y, width, _ROW * s), row)
            y += _ROW * s
            lowest = y
        self.places = (foot, lowest)

    def _draw_share(self, painter: QPainter, width: float, y: float, best: Row) -> float:
        """How probable, in a number, words and a bar; gives the y below."""
        s = self.scale
        share = percent(best.probability)
        area = QRectF(0, y, width, 84 * s)
        self._text(painter, area, share, 64, DARK.text, Weight.BOLD)
        beside = QFontMetricsF(self._font(64, Weight.BOLD)).horizontalAdvance(share) + 28 * s
        words = QRectF(beside, y + 6 * s, width - beside, 84 * s)
        self._text(painter, words, certainty(best.probability), 32, DARK.second)
        y += 86 * s
        self._bar(painter, QRectF(0, y, width, 20 * s), best.probability)
        return y + 36 * s

    def _draw_row(self, painter: QPainter, area: QRectF, row: Row) -> None:
        number = percent(row.probability)
        self._text(painter, area, number, 28, DARK.second, Weight.SEMIBOLD, _RIGHT)
        font = self._font(28, Weight.SEMIBOLD)
        metrics = QFontMetricsF(font)
        room = area.width() - metrics.horizontalAdvance(number) - 24 * self.scale
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        self._text(painter, area, name, 28, DARK.text, Weight.SEMIBOLD)

    def _bar(self, painter: QPainter, track: QRectF, share: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        radius = track.height() / 2
        filled = QRectF(track)
        filled.setWidth(max(track.height(), track.width() * min(share, 1.0)))
        for area, colour in ((track, DARK.track), (filled, DARK.text)):
            painter.setBrush(colour)
            painter.drawRoundedRect(area, radius, radius)

    def _draw_badge(self, painter: QPainter, y: float) -> float:
        s, font = self.scale, self._font(26, Weight.SEMIBOLD)
        width = QFontMetricsF(font).horizontalAdvance(self._said.loud) + 40 * s
        area = QRectF(0, y, min(width, self.width()), 52 * s)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DARK.untrained)
        painter.drawRoundedRect(area, 12 * s, 12 * s)
        painter.setFont(font)
        painter.setPen(DARK.on_untrained)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._said.loud)
        return y + 60 * s

    def _draw_foot(self, painter: QPainter, width: float) -> float:
        """The promise and, over it, as many lines as the sentence needs; gives the y above."""
        s = self.scale
        bottom = float(self.height())
        kept = QRectF(0, bottom - 34 * s, width, 34 * s)
        self._text(painter, kept, "The picture stays in this computer", 22, DARK.second)
        if not self._said.rows:
            return kept.top()
        words = self._said.trouble or self._said.invitation
        colour = DARK.error if self._said.trouble else DARK.text
        font = self._font(24, Weight.SEMIBOLD)
        painter.setFont(font)
        painter.setPen(colour)
        sheet = QRectF(0, 0, width, bottom)
        height = QFontMetricsF(font).boundingRect(sheet, int(_WRAPPED), words).height()
        area = QRectF(0, kept.top() - 4 * s - height, width, height + 1)
        painter.drawText(area, _WRAPPED, words)
        return area.top() - 12 * s

    def _text(
        self, painter: QPainter, area: QRectF, text: str, size: int, colour: QColor,
        weight: Weight = Weight.MEDIUM, align: Qt.AlignmentFlag = _LEFT,
    ) -> None:  # fmt: skip
        painter.setFont(self._font(size, weight))
        painter.setPen(colour)
        painter.drawText(area, align, text)

    def _font(self, size: int, weight: Weight) -> QFont:
        return sheet_font(size, self.scale, weight)


def sheet_font(size: float, scale: float, weight: Weight) -> QFont:
    """A font of so many pixels of the sheet, whatever the zoom of the other pages."""
    font = theme().font(15, weight)
    font.setPixelSize(max(13, round(size * scale)))
    return font


def fitted_name(
    name: str, width: float, scale: float, height: float = math.inf
) -> tuple[QFont, Sequence[str]]:
    """The largest type in which a name fits, in as few lines as let it be large."""
    for count, least in enumerate(_SMALLEST_BY_LINES, start=1):
        lines = broken(name, count)
        for size in range(_LARGEST, least - 1, -2):
            font = sheet_font(size, scale, Weight.BOLD)
            metrics = QFontMetricsF(font)
            tall = metrics.height() * len(lines) > height and size > _SMALLEST_BY_LINES[-1]
            if not tall and all(metrics.horizontalAdvance(line) <= width for line in lines):
                return font, lines
    font = sheet_font(_SMALLEST_BY_LINES[-1], scale, Weight.BOLD)
    metrics = QFontMetricsF(font)
    return font, [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]


def broken(name: str, count: int) -> tuple[str, ...]:
    """A name in at most that many lines, the longest as short as can be."""
    places = [place + 1 for place, letter in enumerate(name) if letter in " -"]
    ways = combinations(places, min(count - 1, len(places)))
    cut = [tuple(name[a:b].strip() for a, b in pairwise((0, *way, len(name)))) for way in ways]
    return min(cut, key=lambda lines: max(map(len, lines)))


def _aloud(said: Said) -> str:
    if not said.rows:
        return said.trouble or said.invitation
    best = said.rows[0]
    return (
        f"I think this is {best.name}, {percent(best.probability)}, {certainty(best.probability)}"
    )
