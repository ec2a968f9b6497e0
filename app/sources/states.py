"""What a live source is doing, in values that a window can show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """The source was asked for and has not answered yet."""


@dataclass(frozen=True, slots=True)
class Running:
    """Frames arrive. remark: a sentence where they look wrong, for instance all of one colour."""

    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """The user holds the video; commands still work."""


@dataclass(frozen=True, slots=True)
class Stalled:
    """The source is open and has sent nothing for a while."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The source is gone. retry: seconds until it is tried again, None if only the user can."""

    sentence: str
    retry: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Everything was shown."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The system forbids it. how_to: a sentence that tells how to allow it."""

    how_to: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source that has an end is: seconds of a video, or pictures of a slide show."""

    at: float
    length: float
    in_pictures: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Frames that came while nobody had use for one. times: when, by the monotonic clock."""

    times: tuple[float, ...]


State = Opening | Running | Paused | Stalled | Lost | Ended | Denied
