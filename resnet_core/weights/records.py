"""What is noted beside a fetched file, so that it need not be hashed again to be trusted."""

from __future__ import annotations

import json
from pathlib import Path

from resnet_core.files import whole_file


def recorded_sha256(path: Path) -> str | None:
    """The checksum that was recorded for the file as it is now, None if it changed since."""
    try:
        document = json.loads(_record_path(path).read_text("utf-8"))
        status = path.stat()
        same = document["bytes"] == status.st_size and document["modified"] == status.st_mtime_ns
        return str(document["sha256"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record(path: Path, sha256: str) -> None:
    """Note the checksum of a file with what tells whether it changed."""
    status = path.stat()
    document = {"sha256": sha256, "bytes": status.st_size, "modified": status.st_mtime_ns}
    with whole_file(_record_path(path)) as stream:
        stream.write(json.dumps(document).encode())


def forget_published(path: Path) -> None:
    """Remove a fetched file with all that was noted of it, and what a broken fetch left."""
    path.unlink(missing_ok=True)
    _record_path(path).unlink(missing_ok=True)
    forget_partial(path.with_name(f"{path.name}.part"))


def forget_partial(partial: Path) -> None:
    """Remove the beginning of a file, and what was noted of the version it is of."""
    partial.unlink(missing_ok=True)
    partial.with_name(f"{partial.name}.json").unlink(missing_ok=True)


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256.json")
