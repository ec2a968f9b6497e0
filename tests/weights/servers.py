"""A real HTTP server on the loopback that serves one file and can misbehave in many ways."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests import serving as loopback

Behaviour = Callable[["Handler"], None]


@dataclass
class Server:
    """contents: of the file; behaviours: what the first requests meet, after them all is well."""

    contents: bytes
    behaviours: list[Behaviour] = field(default_factory=list)
    etag: str | None = '"first"'
    requests: list[dict[str, str]] = field(default_factory=list)
    address: str = ""
    leave: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    script: Server

    def do_GET(self) -> None:
        self.script.requests.append({"path": self.path, **dict(self.headers)})
        behaviour = self.script.behaviours.pop(0) if self.script.behaviours else well
        behaviour(self)

    def log_message(self, *_arguments: Any) -> None:
        pass

    def begin(self, status: int, length: int | None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if self.script.etag is not None:
            self.send_header("ETag", self.script.etag)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write(self, contents: bytes) -> None:
        self.wfile.write(contents)
        self.wfile.flush()


def well(handler: Handler) -> None:
    contents, wanted = handler.script.contents, handler.headers.get("Range")
    same = handler.headers.get("If-Range") in (None, handler.script.etag)
    if wanted and same:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(contents):
            handler.begin(416, 0)
            return
        place = f"bytes {start}-{len(contents) - 1}/{len(contents)}"
        handler.begin(206, len(contents) - start, Content_Range=place)
        handler.write(contents[start:])
    else:
        handler.begin(200, len(contents))
        handler.write(contents)


def ignores_ranges(handler: Handler) -> None:
    handler.begin(200, len(handler.script.contents))
    handler.write(handler.script.contents)


def dies_in_the_middle(handler: Handler) -> None:
    contents = handler.script.contents
    handler.begin(200, len(contents))
    handler.write(contents[: len(contents) // 2])
    handler.close_connection = True


def stalls_in_the_middle(handler: Handler) -> None:
    contents = handler.script.contents
    handler.begin(200, len(contents))
    handler.write(contents[: len(contents) // 2])
    handler.script.leave.wait(10)
    handler.close_connection = True


def stalls_at_once(handler: Handler) -> None:
    handler.script.leave.wait(10)
    handler.close_connection = True


def promises_too_little(handler: Handler) -> None:
    handler.begin(200, len(handler.script.contents) // 2)
    handler.write(handler.script.contents)


def promises_too_much(handler: Handler) -> None:
    handler.begin(200, 2 * len(handler.script.contents))
    handler.write(handler.script.contents)
    handler.close_connection = True


def tells_no_length(handler: Handler) -> None:
    handler.begin(200, None)
    handler.write(handler.script.contents)
    handler.close_connection = True


def sends_wrong_bytes(handler: Handler) -> None:
    handler.begin(200, len(handler.script.contents))
    handler.write(bytes(len(handler.script.contents)))


def redirects(handler: Handler) -> None:
    handler.begin(302, 0, Location=f"{handler.script.address}/elsewhere")


def redirects_forever(handler: Handler) -> None:
    handler.script.behaviours.insert(0, redirects_forever)
    redirects(handler)


def is_busy(handler: Handler) -> None:
    handler.begin(503, 0)


def has_no_such_file(handler: Handler) -> None:
    handler.begin(404, 0)


@contextmanager
def serving(contents: bytes, *behaviours: Behaviour) -> Iterator[Server]:
    script = Server(contents, list(behaviours))
    handler = type("ScriptedHandler", (Handler,), {"script": script})
    with loopback.serving(handler, script.leave) as port:
        script.address = f"http://127.0.0.1:{port}"
        yield script
