"""What the Weights page shows of each set of weights, apart from how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from resnet_core.weights.card import Card
from resnet_core.weights.transfer import Transfer


class Stage(Enum):
    """Where a set of weights stands."""

    IN_USE = "in use"
    HERE = "here"
    ABSENT = "to fetch"
    COMING = "coming"
    BROKEN_OFF = "broken off"
    MEASURING = "measuring"


@dataclass(frozen=True, slots=True)
class RowState:
    """What a row shows. share: 0 to 1 of what is under way, None where that is unknown;
    transfer: of the file that is coming; sentence: what went wrong.
    """

    card: Card
    stage: Stage
    share: float | None = None
    transfer: Transfer | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes that fetched and imported weights take, and bytes that are free beside them."""

    used: int
    free: int
