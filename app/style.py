"""The style sheet that follows from the theme, for what Qt draws itself."""

from __future__ import annotations

from app.theme import FAMILY, Size, theme


def style_sheet() -> str:
    """Labels, menus, dialogs and tool tips in the colours of the theme on show."""
    palette, zoom = theme().palette, theme().zoom
    sizes = {size: round(size.value * zoom) for size in Size}
    colour = {
        name: getattr(palette, name).name()
        for name in (
            "window",
            "card",
            "line",
            "control",
            "track",
            "text",
            "second",
            "hint",
            "error",
        )
    }
    return f"""
        * {{ font-family: "{FAMILY}"; }}
        QWidget {{ color: {colour["text"]}; font-size: {sizes[Size.CONTROL]}px; }}
        QLabel {{ background: transparent; }}
        QMainWindow, QWidget#page, QDialog {{ background: {colour["window"]}; }}
        QLabel#title {{ font-size: {sizes[Size.TITLE]}px; font-weight: 600; }}
        QLabel#hint {{ font-size: {sizes[Size.CAPTION]}px; color: {colour["second"]}; }}
        QLabel#caption {{ font-size: {sizes[Size.CAPTION]}px; font-weight: 600;
                          color: {colour["second"]}; }}
        QLabel#error {{ color: {colour["error"]}; font-weight: 500; }}
        QFrame#line {{ background: {colour["line"]}; border: none; }}
        QLabel#strong {{ font-weight: 500; }}
        QLabel#fact, QLabel#factValue {{ border-top: 1px solid {colour["line"]}; padding: 6px 0; }}
        QLabel#fact {{ color: {colour["second"]}; }}
        QLabel#factValue {{ font-weight: 600; }}
        QLabel#rowTitle {{ font-size: {sizes[Size.TITLE] - 1}px; font-weight: 600; }}
        QLabel#pageTitle {{ font-size: {sizes[Size.PAGE]}px; font-weight: 600; }}
        QLineEdit {{ background: {colour["control"]}; border: none; border-radius: 8px;
                     padding: 8px 12px; min-height: 24px; }}
        QLineEdit:focus {{ border: 3px solid {colour["text"]}; }}
        QLabel#lead {{ font-size: {sizes[Size.TITLE]}px; color: {colour["second"]}; }}
        QScrollArea {{ background: {colour["window"]}; border: none; }}
        QScrollBar {{ background: {colour["window"]}; border: none; width: 12px; height: 12px; }}
        QScrollBar::handle {{ background: {colour["hint"]}; border-radius: 4px; margin: 2px;
                              min-height: 32px; min-width: 32px; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
        QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
        QMenu {{ background: {colour["card"]}; border: 1px solid {colour["line"]}; padding: 6px; }}
        QMenu::item {{ padding: 8px 24px 8px 12px; border-radius: 6px; }}
        QMenu::item:selected {{ background: {colour["control"]}; }}
        QMenu::item:disabled {{ color: {colour["hint"]}; }}
        QMenu::separator {{ height: 1px; background: {colour["line"]}; margin: 6px 4px; }}
        QToolTip {{ background: {colour["text"]}; color: {colour["card"]}; border: none;
                    padding: 6px 8px; font-size: {sizes[Size.CAPTION]}px; }}
        QPushButton {{ background: {colour["control"]}; border: none; border-radius: 8px;
                       padding: 8px 16px; min-height: 24px; }}
        QPushButton:focus {{ border: 3px solid {colour["text"]}; }}
    """
