"""Where the data that ships with the program lies, from source, installed, or in a built bundle."""

from __future__ import annotations

import sys
from pathlib import Path


def bundled(*parts: str) -> Path:
    """The path of a bundled file or folder: ``bundled("samples", "coffee.png")``."""
    # PyInstaller unpacks data beside the modules and names the folder in sys._MEIPASS.
    root = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent))
    return root.joinpath("assets", *parts)
