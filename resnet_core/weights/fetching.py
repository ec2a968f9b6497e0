"""One file over HTTP: resumed where it broke off, cancelled at once."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from resnet_core.errors import WeightsError
from resnet_core.weights.transfer import Report, Transfer

_LOOK_FOR_CANCEL = 0.1
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


class Cancelled(WeightsError):
    """The user stopped it; what came so far is kept."""


class Interrupted(Exception):
    """The connection failed in a way that another try may mend; the message says how."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection and for the next bytes, and between tries."""

    connect: float = 10.0
    read: float = 20.0
    waits: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


CheckSpace = Callable[[int], None]


def fetch(
    url: str,
    partial: Path,
    report: Report,
    check_space: CheckSpace,
    cancelled: threading.Event,
    patience: Patience,
) -> None:
    """One try to bring ``url`` to the end of ``partial``, which may hold a beginning of it.

    Raises Interrupted where another try may help, Cancelled, or WeightsError.
    """
    attempt = _Attempt(url, partial, report, check_space, patience)
    asyncio.run(_until_cancelled(attempt, cancelled))


async def _until_cancelled(attempt: _Attempt, cancelled: threading.Event) -> None:
    """A stalled read is left within a tenth of a second, which no blocking client could."""
    task = asyncio.ensure_future(attempt.run())
    while not task.done():
        await asyncio.wait([task], timeout=_LOOK_FOR_CANCEL)
        if cancelled.is_set() and not task.done():
            task.cancel()
            await asyncio.wait([task])
            raise Cancelled("The download was stopped; what came so far is kept.")
    task.result()


class _Attempt:
    def __init__(
        self,
        url: str,
        partial: Path,
        report: Report,
        check_space: CheckSpace,
        patience: Patience,
    ) -> None:
        self._url, self._partial = url, partial
        self._report, self._check_space, self._patience = report, check_space, patience
        self._origin = partial.with_name(f"{partial.name}.json")
        self._held = partial.stat().st_size if partial.exists() else 0

    async def run(self) -> None:
        timeout = httpx.Timeout(self._patience.read, connect=self._patience.connect)
        try:
            async with (
                httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", self._url, headers=self._headers()) as response,
            ):
                self._check(response)
                await self._receive(response)
        except httpx.TimeoutException:
            raise Interrupted("the server stopped sending") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise WeightsError(f"{self._url} is no address to fetch from ({error}).") from None
        except httpx.HTTPError as error:
            raise Interrupted(str(error) or type(error).__name__) from error

    def _headers(self) -> dict[str, str]:
        # What is counted and hashed are the file's own bytes, not a compressed form of them.
        headers = {"Accept-Encoding": "identity"}
        validator = self._validator()
        if self._held and validator:
            headers |= {"Range": f"bytes={self._held}-", "If-Range": validator}
        return headers

    def _validator(self) -> str | None:
        """What the server called the version that the beginning is of."""
        try:
            origin = json.loads(self._origin.read_text("utf-8"))
            return str(origin["validator"]) if origin["url"] == self._url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _check(self, response: httpx.Response) -> None:
        if self._url.startswith("https:") and response.url.scheme != "https":
            raise WeightsError(f"{self._url} leads away from https; fetch it from another mirror.")
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._partial.unlink(missing_ok=True)
            raise Interrupted("the file on the server is another one now")
        if response.status_code in _WORTH_ANOTHER_TRY:
            raise Interrupted(f"the server answered {response.status_code}")
        if not response.is_success:
            raise WeightsError(
                f"{self._url} cannot be fetched: the server answered {response.status_code} "
                f"{response.reason_phrase}; check the address of the mirror."
            )

    async def _receive(self, response: httpx.Response) -> None:
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT and (
            response.headers.get("content-range", "").startswith(f"bytes {self._held}-")
        )
        if response.status_code == httpx.codes.PARTIAL_CONTENT and not resumed:
            self._partial.unlink(missing_ok=True)
            raise Interrupted("the server sent another part than the one asked for")
        done = self._held if resumed else 0
        length = response.headers.get("content-length", "")
        total = done + int(length) if length.isdecimal() else None
        if total is not None:
            self._check_space(total - done)
        self._note_origin(response)
        started, begun = time.monotonic(), done
        with self._partial.open("ab" if resumed else "wb") as stream:
            async for chunk in response.aiter_raw():
                stream.write(chunk)
                done += len(chunk)
                seconds = max(time.monotonic() - started, 1e-6)
                self._report(Transfer(done, total, (done - begun) / seconds))
        if total is not None and done != total:
            raise Interrupted(f"only {done} of {total} bytes came")

    def _note_origin(self, response: httpx.Response) -> None:
        etag = response.headers.get("etag", "")
        strong = etag if not etag.startswith("W/") else ""  # If-Range takes no weak ones
        validator = strong or response.headers.get("last-modified")
        if validator:
            document = {"url": self._url, "validator": validator}
            self._origin.write_text(json.dumps(document), "utf-8")
        else:
            self._origin.unlink(missing_ok=True)
