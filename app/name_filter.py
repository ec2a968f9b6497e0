"""What a file dialog offers."""

from __future__ import annotations

from collections.abc import Collection


def name_filter(what: str, suffixes: Collection[str]) -> str:
    """``Pictures (*.jpg *.png);;All files (*)`` for Pictures and their suffixes."""
    patterns = " ".join(f"*{suffix}" for suffix in sorted(suffixes))
    return f"{what} ({patterns});;All files (*)"
