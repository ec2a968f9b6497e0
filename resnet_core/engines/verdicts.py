"""Verdicts of trials on the disk, so that each machine measures each network once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import resnet_core
from resnet_core.engines.hardware import installed_version, signature
from resnet_core.engines.trial import Standing, Verdict
from resnet_core.files import whole_file
from resnet_core.weights.model import Model

logger = logging.getLogger(__name__)

MOST_KEPT = 200


class Verdicts:
    """A small JSON file of verdicts. Never raises: what cannot be read is measured anew.

    path: None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def find(self, model: Model, engines: Sequence[str]) -> Verdict | None:
        """What was found for this network, input shape, machine, versions and engines."""
        document = self._read().get(_key(model, engines))
        try:
            return None if document is None else _verdict(document)
        except (TypeError, KeyError):
            logger.info("A verdict in %s cannot be read; it is measured anew", self._path)
            return None

    def keep(self, model: Model, engines: Sequence[str], verdict: Verdict) -> None:
        """Remember a verdict; the oldest go when there are too many."""
        if self._path is None:
            return
        known = self._read()
        known.pop(_key(model, engines), None)
        known[_key(model, engines)] = asdict(verdict)
        newest = dict(list(known.items())[-MOST_KEPT:])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._path, sync=False) as file:
                file.write(json.dumps(newest, indent=1).encode())
        except OSError as error:
            logger.info("The verdict is not kept: %s", error)

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self._path.read_bytes()) if self._path else {}
        except (OSError, ValueError):
            return {}
        return document if isinstance(document, dict) else {}


def _verdict(document: Any) -> Verdict | None:
    standings = tuple(Standing(**standing) for standing in document["standings"])
    return Verdict(standings) if standings and isinstance(standings[0].seconds, float) else None


def _key(model: Model, engines: Sequence[str]) -> str:
    # The same network takes the same time with any weights, but whether maps that were computed
    # with fewer bits agree depends on them.
    versions = [installed_version(package) for package in ("openvino", "torch")]
    parts = (
        resnet_core.__version__, versions, signature(), list(engines), model.config,
        model.card.preprocessing.crop, model.identity,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
