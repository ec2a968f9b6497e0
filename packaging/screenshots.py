"""Renew the screenshots in docs/ with the ``screenshot`` command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOTS = {
    "explore-light": ["explore"],
    "explore-dark": ["explore", "--theme", "dark"],
    "explore-152": ["explore", "--weights", "untrained-152-B"],
    "first-run": ["first-run"],
    "narrow": ["explore", "--size", "1024x700"],
    "weights": ["weights"],
    "show": ["show"],
}


def main() -> int:
    """Draw every shot; the number of those that failed."""
    failed = 0
    for name, (page, *options) in SHOTS.items():
        file = ROOT / "docs" / f"{name}.png"
        command = [sys.executable, str(ROOT / "main.py"), "screenshot", page, str(file), *options]
        failed += subprocess.call(command) != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
