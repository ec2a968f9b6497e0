"""The desktop's own dialog that shares a screen or a window: the ScreenCast portal.

https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.ScreenCast.html
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    Properties,
    message_bus,
    new_method_call,
)
from jeepney.fds import FileDescriptor

from app.sources.session_bus import BusError, SessionBus

ANSWER_SECONDS = 20.0
"""For everything but the dialog; the portal may have to be started first."""

_BUS_NAME = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_CAST = "org.freedesktop.portal.ScreenCast"
_REQUEST = "org.freedesktop.portal.Request"
_SESSION = "org.freedesktop.portal.Session"
_DESKTOP = DBusAddress(_PATH, _BUS_NAME, _CAST)

_MONITOR, _WINDOW = 1, 2
_EMBEDDED_CURSOR = 2
_UNTIL_REVOKED = 2
_PERSISTS_SINCE = 4

_ABSENT = ("ServiceUnknown", "NameHasNoOwner", "NoReply", "TimedOut", "Disconnected")
_UNKNOWN = ("UnknownMethod", "UnknownInterface", "UnknownObject", "UnknownProperty", "InvalidArgs")

NO_PORTAL = (
    "No desktop portal is running, and without one no program sees the screen under Wayland; "
    "install xdg-desktop-portal and the one of your desktop, and log in again."
)
NO_SCREENCAST = (
    "This desktop's portal cannot share the screen; install the xdg-desktop-portal package of "
    "your desktop (-gnome, -kde or -wlr), and log in again."
)
NO_CHOICE = "No screen or window was chosen; try again, and choose one in the desktop's dialog."
SILENT = "The desktop's portal does not answer; try again, or log in again."
FAILED = "The desktop could not share the screen; try again, or log in again."
CLOSED = "The desktop no longer shares the screen; try again, and choose one in its dialog."


class NotSharedError(Exception):
    """Why no screen is shared, as one sentence."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the user chose. remote: a descriptor of PipeWire, the receiver's to close; node: the
    stream's there. token: brings the same choice back without a dialog, where one was given.
    """

    remote: int
    node: int
    token: str | None


_Talk = Generator[None, Message, Any]


class Portal:
    """One conversation, which never waits: call ``read`` when its descriptor has something.

    token: of an earlier choice; the dialog comes only if it no longer holds. The session lasts
    until ``close``. Raises NotSharedError from everywhere but ``close``.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token
        self._owner: str | None = None
        self._request: str | None = None
        self._session: str | None = None
        self._due: float | None = None
        try:
            self._bus = SessionBus()
        except BusError as error:
            raise NotSharedError(NO_PORTAL) from error
        self._talk: _Talk | None = self._converse()
        try:
            next(self._talk)
        except NotSharedError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._bus.fileno()

    def read(self) -> Shared | None:
        """Go on with what has come; what the user shares is told once."""
        shared: Shared | None = None
        try:
            for message in self._bus.received():
                self._watch(message)
                shared = self._advance(message) or shared
        except (BusError, NotSharedError) as error:
            if shared is not None:
                os.close(shared.remote)
            raise NotSharedError(CLOSED if isinstance(error, BusError) else str(error)) from error
        if self._due is not None and time.monotonic() > self._due:
            raise NotSharedError(SILENT)
        return shared

    def close(self) -> None:
        """End the session and take an open dialog away; never waits, and may be repeated."""
        for path, interface in ((self._request, _REQUEST), (self._session, _SESSION)):
            if path is not None:
                leave = new_method_call(DBusAddress(path, _BUS_NAME, interface), "Close")
                leave.header.flags |= MessageFlag.no_reply_expected
                try:
                    self._bus.send(leave)
                except BusError:
                    break  # The portal ends the sessions of those who have left its bus.
        self._request = self._session = None
        self._bus.close()

    def _advance(self, message: Message) -> Shared | None:
        if self._talk is None:
            return None
        try:
            self._talk.send(message)
        except StopIteration as ended:
            self._talk = self._due = None
            shared: Shared = ended.value
            return shared
        return None

    def _converse(self) -> _Talk:
        (name,) = yield from self._reply(self._send(message_bus.Hello()))
        for rule in _signals():
            self._send(message_bus.AddMatch(rule))
        own = name[1:].replace(".", "_")
        offer = yield from self._offer()
        wishes = {"session_handle_token": _unique()}
        given = yield from self._ask(own, "CreateSession", "a{sv}", (), wishes)
        self._session = given["session_handle"]
        yield from self._ask(own, "SelectSources", "oa{sv}", (self._session,), self._wishes(offer))
        given = yield from self._ask(own, "Start", "osa{sv}", (self._session, ""), {}, dialog=True)
        streams = given.get("streams", ())
        if not streams:
            raise NotSharedError(NO_CHOICE)
        call = new_method_call(_DESKTOP, "OpenPipeWireRemote", "oa{sv}", (self._session, {}))
        (remote,) = yield from self._reply(self._send(call))
        assert isinstance(remote, FileDescriptor)
        return Shared(remote.to_raw_fd(), streams[0][0], given.get("restore_token"))

    def _offer(self) -> _Talk:
        """What this portal can share, by the names of its properties."""
        call = Properties(_DESKTOP).get_all()
        (found,) = yield from self._reply(self._send(call))
        offer = {name: value for name, (_, value) in found.items()}
        # Without a part of the desktop behind it the portal offers no kind of source.
        if not offer.get("version") or not offer.get("AvailableSourceTypes"):
            raise NotSharedError(NO_SCREENCAST)
        return offer

    def _wishes(self, offer: dict[str, Any]) -> dict[str, tuple[str, Any]]:
        kinds = offer["AvailableSourceTypes"] & (_MONITOR | _WINDOW)
        wishes = {"types": ("u", kinds or _MONITOR), "multiple": ("b", False)}
        if offer.get("AvailableCursorModes", 0) & _EMBEDDED_CURSOR:
            wishes["cursor_mode"] = ("u", _EMBEDDED_CURSOR)
        if offer["version"] >= _PERSISTS_SINCE:
            wishes["persist_mode"] = ("u", _UNTIL_REVOKED)
            if self._token:
                wishes["restore_token"] = ("s", self._token)
        return wishes

    def _ask(
        self,
        own: str,
        member: str,
        signature: str,
        arguments: tuple[Any, ...],
        options: dict[str, tuple[str, Any]],
        *,
        dialog: bool = False,
    ) -> _Talk:
        """Call a method that answers by a Response signal; gives its results."""
        handle = _unique()
        expected = f"{_PATH}/request/{own}/{handle[1]}"
        body = (*arguments, {**options, "handle_token": handle})
        self._request = expected
        serial = self._send(new_method_call(_DESKTOP, member, signature, body))
        if dialog:
            # The user may take as long as they like.
            self._due = None
        while True:
            message = yield
            fields = message.header.fields
            if fields.get(HeaderFields.reply_serial) == serial:
                # Portals before 0.9 choose the path themselves.
                (self._request,) = _unwrap(message)
            elif self._is_signal(message, _REQUEST, "Response") and fields[HeaderFields.path] in {
                expected, self._request,
            }:  # fmt: skip
                break
        self._request = None
        response, results = message.body
        if response != 0:
            raise NotSharedError(NO_CHOICE if response == 1 else FAILED)
        return {name: value for name, (_, value) in results.items()}

    def _reply(self, serial: int) -> _Talk:
        while True:
            message = yield
            if message.header.fields.get(HeaderFields.reply_serial) == serial:
                sender = message.header.fields.get(HeaderFields.sender)
                body = _unwrap(message)
                self._owner = sender if str(sender).startswith(":") else self._owner
                return body

    def _send(self, message: Message) -> int:
        self._due = time.monotonic() + ANSWER_SECONDS
        try:
            return self._bus.send(message)
        except BusError as error:
            raise NotSharedError(CLOSED) from error

    def _watch(self, message: Message) -> None:
        """Notice that the session was closed or that the portal itself has gone."""
        fields = message.header.fields
        if self._is_signal(message, _SESSION, "Closed"):
            if fields[HeaderFields.path] == self._session:
                self._session = None
                raise NotSharedError(CLOSED)
        elif (
            message.header.message_type is MessageType.signal
            and fields.get(HeaderFields.member) == "NameOwnerChanged"
            and fields.get(HeaderFields.sender) == message_bus.bus_name
            and message.body[0] == _BUS_NAME
            and message.body[1] == self._owner
        ):
            raise NotSharedError(CLOSED)

    def _is_signal(self, message: Message, interface: str, member: str) -> bool:
        """Whether the portal itself says this: any program may send any signal."""
        fields = message.header.fields
        return (
            message.header.message_type is MessageType.signal
            and fields.get(HeaderFields.interface) == interface
            and fields.get(HeaderFields.member) == member
            and fields.get(HeaderFields.sender) == self._owner
        )


def _unique() -> tuple[str, str]:
    """A name for a handle, as a D-Bus variant."""
    return ("s", f"skiplens_{secrets.token_hex(6)}")


def _signals() -> Iterator[MatchRule]:
    for interface, member in ((_REQUEST, "Response"), (_SESSION, "Closed")):
        yield MatchRule(type="signal", interface=interface, member=member)
    gone = MatchRule(type="signal", sender=message_bus.bus_name, member="NameOwnerChanged")
    gone.add_arg_condition(0, _BUS_NAME)
    yield gone


def _unwrap(message: Message) -> tuple[Any, ...]:
    """The body of a reply. Raises NotSharedError if it is an error."""
    body: tuple[Any, ...] = message.body
    if message.header.message_type is not MessageType.error:
        return body
    name = str(message.header.fields.get(HeaderFields.error_name))
    last = name.rpartition(".")[2]
    if last in _ABSENT or ".Spawn." in name or "systemd" in name:
        raise NotSharedError(NO_PORTAL)
    if last in _UNKNOWN:
        raise NotSharedError(NO_SCREENCAST)
    raise NotSharedError(f"The desktop does not share the screen ({last}); look into its settings.")
