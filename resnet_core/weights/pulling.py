"""Fetching published weights into the cache: whole, checked, once, from wherever they are."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from resnet_core.errors import WeightsError
from resnet_core.weights.card import Card
from resnet_core.weights.fetching import Cancelled, Interrupted, Patience, fetch
from resnet_core.weights.published import find_published, sha256_prefix
from resnet_core.weights.records import (
    forget_partial,
    forget_published,
    record,
    recorded_sha256,
)
from resnet_core.weights.transfer import Report, Transfer

MIRROR_VARIABLE = "SKIPLENS_WEIGHTS_MIRROR"
_CHUNK = 2**20
_SPARE_BYTES = 32 * 2**20
_PATIENCE = Patience()


def pull(
    card: Card,
    folder: Path,
    *,
    report: Report = lambda transfer: None,
    cancelled: threading.Event | None = None,
    mirror: str | None = None,
    patience: Patience | None = None,
) -> Path:
    """Bring the card's file into ``folder`` and give where it lies.

    A good file that is there, or in torch hub's cache, is used as it is; a damaged one in
    ``folder`` is fetched anew. mirror: the address or the local folder to fetch from in place of
    the publisher's (else the environment's SKIPLENS_WEIGHTS_MIRROR). Two processes that pull at
    once fetch it once. Raises Cancelled, or WeightsError; what came so far is kept and the next
    pull goes on from there.
    """
    cancelled = cancelled or threading.Event()
    target = folder / _file_name(card)
    ready = _ready(card, folder)
    if ready is not None:
        return ready
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(target, cancelled):
            ready = _ready(card, folder)  # another process may have brought it meanwhile
            if ready is not None:
                return ready
            partial = target.with_name(f"{target.name}.part")
            for last in (False, True):
                _bring(
                    card, partial, report, cancelled, _source(card, mirror), patience or _PATIENCE
                )
                found = _sha256(partial, cancelled)
                if found.startswith(sha256_prefix(target.name)):
                    break
                forget_partial(partial)
                if last:
                    raise WeightsError(
                        f"What came for {target.name} is not that file (its checksum starts with "
                        f"{found[:8]}); try again later or from another mirror."
                    )
            partial.replace(target)
            forget_partial(partial)
            record(target, found)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WeightsError(f"{target.name} cannot be stored in {folder}: {reason}.") from error
    return target


def _file_name(card: Card) -> str:
    """The card's file name, which must not lead out of the folder."""
    name = card.file or ""
    if not name or Path(name).name != name or "\\" in name or card.url is None:
        raise WeightsError(f"{card.name} cannot be fetched: its card tells no published file.")
    return name


def _ready(card: Card, folder: Path) -> Path | None:
    """The file if it is here and good; a damaged one of ours is removed."""
    path = find_published(card, folder)
    if path is None:
        return None
    ours = path.parent == folder
    if ours and recorded_sha256(path) is not None:
        return path
    found = _sha256(path, threading.Event())
    if found.startswith(sha256_prefix(path.name)):
        if ours:
            record(path, found)
        return path
    if ours:
        forget_published(path)
        return _ready(card, folder)
    return None  # torch hub's is not ours to mend: a good one is fetched into our folder


@contextmanager
def _alone(target: Path, cancelled: threading.Event) -> Iterator[None]:
    """Within it no other process fetches this file; the lock of a dead process holds nobody."""
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    while True:
        try:
            lock.acquire(timeout=0.1)
            break
        except Timeout:
            if cancelled.is_set():
                raise Cancelled("The download was stopped.") from None
    try:
        yield
    finally:
        lock.release()


def _source(card: Card, mirror: str | None) -> str | Path:
    """Where to fetch from: an address, or a file of a local folder."""
    base = mirror or os.environ.get(MIRROR_VARIABLE)
    if not base:
        return str(card.url)
    if base.startswith(("http://", "https://")):
        return f"{base.rstrip('/')}/{card.file}"
    local = Path(base.removeprefix("file://")).expanduser() / str(card.file)
    if not local.is_file():
        raise WeightsError(f"The mirror {base} has no {card.file}; check the folder's name.")
    return local


def _bring(
    card: Card,
    partial: Path,
    report: Report,
    cancelled: threading.Event,
    source: str | Path,
    patience: Patience,
) -> None:
    if isinstance(source, Path):
        _copy(source, partial, report, cancelled)
        return

    def check_space(needed: int) -> None:
        _check_space(partial.parent, needed, str(card.file))

    for wait in (*patience.waits, None):
        try:
            fetch(source, partial, report, check_space, cancelled, patience)
            return
        except Interrupted as error:
            if wait is None:
                raise WeightsError(
                    f"{card.file} could not be fetched from {source}: {error}; check the "
                    "connection and try again, it goes on from where it broke off."
                ) from error
            if cancelled.wait(wait):
                raise Cancelled("The download was stopped; what came so far is kept.") from None


def _copy(source: Path, partial: Path, report: Report, cancelled: threading.Event) -> None:
    total = source.stat().st_size
    _check_space(partial.parent, total, source.name)
    started, done = time.monotonic(), 0
    with source.open("rb") as reading, partial.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            if cancelled.is_set():
                raise Cancelled("The copy was stopped.")
            writing.write(chunk)
            done += len(chunk)
            rate = done / max(time.monotonic() - started, 1e-6)
            report(Transfer(done, total, rate))


def _check_space(folder: Path, needed: int, name: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE_BYTES:
        raise WeightsError(
            f"{name} needs {needed / 1e6:.0f} MB and {folder} has {free / 1e6:.0f} MB free; "
            "make room and try again."
        )


def _sha256(path: Path, cancelled: threading.Event) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if cancelled.is_set():
                raise Cancelled("The download was stopped; what came so far is kept.")
            digest.update(chunk)
    return digest.hexdigest()
