"""The card of a set of weights: what it is a network of, what it knows, where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.preprocessing import Preprocessing


class Provenance(StrEnum):
    """Who speaks when a network answers; the window's badge always tells."""

    TRAINED_HERE = "trained here"
    PUBLISHED = "published"
    YOURS = "yours"
    UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True)
class Scores:
    """Accuracies in percent, with the data that they were measured on."""

    data: str
    pictures: int
    top1: float
    top5: float


@dataclass(frozen=True, slots=True)
class Training:
    """How the weights came to be, as far as it is known."""

    data: str
    recipe: str
    commit: str | None = None
    hours: float | None = None
    hardware: str | None = None
    pictures_seen: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that is known of a set of weights but the numbers themselves.

    name: stable, used on the command line. title: for people, ``Tiny ImageNet``.
    classes: names in the order of the outputs, as many as ``network.classes``.
    file: the weights' file name, None for untrained ones; sha256 and bytes are the file's.
    url: where a published file is fetched from; sha256_prefix: what can be checked of it before.
    """

    name: str
    title: str
    provenance: Provenance
    network: NetworkConfig
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    licence: str
    limits: str
    file: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    training: Training | None = None
    scores: Scores | None = None
    url: str | None = None
    sha256_prefix: str | None = None
