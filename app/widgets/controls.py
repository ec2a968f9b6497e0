"""The window's controls, by one name: cards, buttons, choices, a switch, a slider, menus.

None has a hue: what is chosen is drawn in the text's colour with its label inverted. All take the
focus by Tab alone, so that after a click the window's own arrow keys go on meaning blocks.
"""

from app.widgets.controls_buttons import ActionButton, Card, Look, MenuButton
from app.widgets.controls_drawing import draw_focus_ring, draw_label, icon_width, scaled
from app.widgets.controls_segmented import Segment, SegmentedControl
from app.widgets.controls_values import Slider, Switch

__all__ = [
    "ActionButton",
    "Card",
    "Look",
    "MenuButton",
    "Segment",
    "SegmentedControl",
    "Slider",
    "Switch",
    "draw_focus_ring",
    "draw_label",
    "icon_width",
    "scaled",
]
