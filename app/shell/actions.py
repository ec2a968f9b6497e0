"""Everything that a key does, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Key:
    """A wish, the keys that make it, and what help says of it.

    anywhere: on every page; other wishes are about what the Explore page shows. in_show: in Show
    too, where nothing may open a dialog. repeats: for as long as the key is held. keeps: writes a
    file, which strangers may not.
    """

    wish: str
    keys: tuple[str, ...]
    words: str
    anywhere: bool = False
    in_show: bool = False
    repeats: bool = False
    keeps: bool = False

    def works_in_show(self, *, kiosk: bool) -> bool:
        """Whether it does something in Show, or in the one for strangers."""
        return self.in_show and not (kiosk and self.keeps)


KEYS = (
    Key("open", ("Ctrl+O",), "open pictures", anywhere=True),
    Key("paste", ("Ctrl+V",), "paste a picture", anywhere=True),
    Key("next_picture", ("PgDown",), "next of several pictures", repeats=True),
    Key("previous_picture", ("PgUp",), "picture before", repeats=True),
    Key("sample_1", ("1",), "first sample, before there is a picture"),
    Key("sample_2", ("2",), "second sample"),
    Key("sample_3", ("3",), "third sample"),
    Key("camera", ("C",), "choose a camera", in_show=True),
    Key("freeze", ("Space",), "freeze a live picture, or go on", in_show=True),
    Key("snapshot", ("S",), "keep the live frame, its maps and numbers", in_show=True, keeps=True),
    Key("record", ("R",), "record the live picture, or stop", keeps=True),
    Key("previous_block", ("Left",), "block before", in_show=True, repeats=True),
    Key("next_block", ("Right",), "next block", in_show=True, repeats=True),
    Key("previous_target", ("Up",), "aim the gradient at the answer above", repeats=True),
    Key("next_target", ("Down",), "aim the gradient at the answer below", repeats=True),
    Key("top_target", ("Esc",), "aim it at the best answer again"),
    Key("next_kind", ("M",), "next kind of map", in_show=True),
    Key("less_map", ("[",), "less of the map", in_show=True, repeats=True),
    Key("more_map", ("]",), "more of the map", in_show=True, repeats=True),
    Key("lesion", ("L",), "residual branch off or on"),
    Key("explore_page", ("Ctrl+1",), "Explore", anywhere=True),
    Key("weights_page", ("Ctrl+4",), "Weights", anywhere=True),
    Key("save_view", ("Ctrl+S",), "save the view as PNG", anywhere=True, keeps=True),
    Key("save_maps", ("Ctrl+Shift+S",), "save all maps as NPZ", keeps=True),
    Key("show", ("F11",), "Show: one big answer for a room", anywhere=True, in_show=True),
    Key("theme", ("Ctrl+D",), "dark or light", anywhere=True),
    Key("larger", ("Ctrl++", "Ctrl+="), "larger type", anywhere=True, repeats=True),
    Key("smaller", ("Ctrl+-",), "smaller type", anywhere=True, repeats=True),
    Key("help", ("F1",), "this help", anywhere=True),
    Key("quit", ("Ctrl+Q",), "quit", anywhere=True),
)


def add_actions(window: QWidget, handlers: Mapping[str, Callable[[], None]]) -> dict[str, QAction]:
    """Bind every key to its handler, by wish; the focused control's own keys come first."""
    actions = {}
    for key in KEYS:
        action = QAction(key.words, window)
        action.setShortcuts([QKeySequence(keys) for keys in key.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(key.repeats)
        action.triggered.connect(handlers[key.wish])
        window.addAction(action)
        actions[key.wish] = action
    return actions
