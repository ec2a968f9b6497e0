"""A connection to the session's D-Bus that never waits: it is read when select says so."""

from __future__ import annotations

import array
import os
from collections.abc import Iterator
from itertools import count

from jeepney import Message, Parser
from jeepney.bus import get_bus
from jeepney.fds import FileDescriptor, fds_buf_size
from jeepney.io.blocking import prep_socket

HANDSHAKE_SECONDS = 0.5
"""A bus that runs answers in a millisecond; one that hangs must not hold the program's exit."""


class BusError(Exception):
    """There is no session bus, or it has gone."""


class SessionBus:
    """Messages out and in, with file descriptors. Raises BusError wherever the bus is away.

    jeepney's own connections wait for Hello without a limit, so that only its parser is used.
    """

    def __init__(self) -> None:
        try:
            self._socket = prep_socket(_address(), enable_fds=True, timeout=HANDSHAKE_SECONDS)
        except (OSError, ValueError, RuntimeError, StopIteration) as error:
            raise BusError(str(error)) from error
        self._socket.setblocking(False)
        self._parser = Parser()
        self._serials = count(1)

    def fileno(self) -> int:
        return int(self._socket.fileno())

    def send(self, message: Message) -> int:
        """Give a message to the bus; returns the serial that its reply names."""
        serial = next(self._serials)
        contents = message.serialise(serial=serial, fds=array.array("i"))
        try:
            # A few hundred bytes: they fit the socket's buffer unless the bus hangs.
            if self._socket.send(contents) < len(contents):
                raise BusError("The bus does not read.")
        except OSError as error:
            raise BusError(str(error)) from error
        return serial

    def received(self) -> Iterator[Message]:
        """Every message that is here by now."""
        while True:
            try:
                # No further than one message, so that descriptors stay with theirs.
                desired = self._parser.bytes_desired()
                contents, extra, _, _ = self._socket.recvmsg(desired, fds_buf_size())
            except BlockingIOError:
                return
            except OSError as error:
                raise BusError(str(error)) from error
            if not contents:
                raise BusError("The bus hung up.")
            self._parser.add_data(contents, fds=FileDescriptor.from_ancdata(extra))
            message = self._parser.get_next_message()
            if message is not None:
                yield message

    def close(self) -> None:
        self._socket.close()


def _address() -> str:
    """Where the session's bus listens; systemd's own place where nothing else is said."""
    try:
        return str(get_bus("SESSION"))
    except KeyError:
        return os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
