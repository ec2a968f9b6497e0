"""A real HTTP server on the loopback while a test runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], release: threading.Event) -> Iterator[int]:
    """Serve until the end of the block, on the port that it gives.

    release is set at the end, so that a handler that waits for it lets go.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        release.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class NetworkCamera:
    """script: what it sends, parts or anything else; it gets the event that is set at the end."""

    script: Callable[[threading.Event], Iterable[bytes]] | None = None
    address: str = ""


@contextmanager
def network_camera() -> Iterator[NetworkCamera]:
    """A network camera, whose address holds a password."""
    release, camera = threading.Event(), NetworkCamera()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
            self.end_headers()
            try:
                for chunk in camera.script(release):
                    self.wfile.write(chunk)
            except OSError:
                return  # who watched has left

        def log_message(self, *_):
            return

    with serving(Handler, release) as port:
        camera.address = f"http://user:secret@127.0.0.1:{port}/video"
        yield camera


def part(pixels):
    """A picture, uint8 (H, W, 3) BGR, as a camera sends it."""
    jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
    return (b"--part\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            + jpeg + b"\r\n")  # fmt: skip
