"""A desktop for tests: a bus of their own, a portal on it, and a stand-in for GStreamer."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

BUS_NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
CAST = "org.freedesktop.portal.ScreenCast"
SESSION = "org.freedesktop.portal.Session"
NEEDS_BUS = "needs dbus-daemon, on Debian the package dbus-daemon"

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


@contextmanager
def private_bus(folder):
    """A message bus without any service; gives its address."""
    config = folder / "bus.conf"
    config.write_text(CONFIG)
    command = [shutil.which("dbus-daemon"), f"--config-file={config}", "--nofork"]
    daemon = subprocess.Popen([*command, "--print-address=1"], stdout=subprocess.PIPE, text=True)
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.kill()
        daemon.wait()
        daemon.stdout.close()


class FakePortal:
    """Answers like xdg-desktop-portal; change its attributes before something asks.

    answer: what the user does in the dialog, 0 (chooses), 1 (cancels), 2 (it fails) or None (lets
    it stand). remote: gives the descriptor that OpenPipeWireRemote hands out. asked: the methods
    that were called, with their options.
    """

    def __init__(self, address, remote=lambda: os.open(os.devnull, os.O_RDWR)):
        self.properties = {"version": 5, "AvailableSourceTypes": 7, "AvailableCursorModes": 7}
        self.answer, self.node, self.errors, self.remote = 0, 42, {}, remote
        self.silent = False
        self.asked, self.tokens = [], iter(f"token {number}" for number in range(1, 100))
        self._wishes, self._session = queue.SimpleQueue(), None
        self._connection = open_dbus_connection(address, enable_fds=True)
        self._connection.bus_proxy.RequestName(BUS_NAME)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close_session(self):
        """What the desktop does when the user ends the sharing."""
        self._wishes.put("close")

    def stop(self):
        self._wishes.put("stop")
        self._thread.join()

    def options(self, member):
        """With which options a method was called the last time."""
        return next(options for name, options in reversed(self.asked) if name == member)

    def called(self, member):
        return any(name == member for name, _ in self.asked)

    def _serve(self):
        with self._connection as connection:
            while True:
                if not self._wishes.empty():
                    if self._wishes.get() == "stop":
                        return
                    session = DBusAddress(self._session, interface=SESSION)
                    connection.send(new_signal(session, "Closed", "a{sv}", ({},)))
                try:
                    message = connection.receive(timeout=0.01)
                except TimeoutError:
                    continue
                if message.header.message_type is MessageType.method_call and not self.silent:
                    self._handle(message)

    def _handle(self, message):
        fields = message.header.fields
        member, body = fields[HeaderFields.member], message.body
        options = body[-1] if body and isinstance(body[-1], dict) else {}
        self.asked.append((member, {name: value for name, (_, value) in options.items()}))
        send = self._connection.send
        if member in self.errors:
            send(new_error(message, f"org.freedesktop.DBus.Error.{self.errors[member]}"))
        elif member == "GetAll":
            found = {name: ("u", value) for name, value in self.properties.items()}
            send(new_method_return(message, "a{sv}", (found,)))
        elif member == "OpenPipeWireRemote":
            descriptor = self.remote()
            send(new_method_return(message, "h", (descriptor,)))
            os.close(descriptor)
        elif member == "Close":
            send(new_method_return(message))
        else:
            self._answer_later(message, member, options)

    def _answer_later(self, message, member, options):
        sender = message.header.fields[HeaderFields.sender]
        own = sender[1:].replace(".", "_")
        request = f"{PATH}/request/{own}/{options['handle_token'][1]}"
        self._connection.send(new_method_return(message, "o", (request,)))
        answer, results = 0, {}
        if member == "CreateSession":
            self._session = f"{PATH}/session/{own}/{options['session_handle_token'][1]}"
            results = {"session_handle": ("s", self._session)}
        elif member == "Start":
            answer = self.answer
            if answer == 0:
                streams = [(self.node, {"source_type": ("u", 2)})]
                results = {"streams": ("a(ua{sv})", streams)}
                if self.properties["version"] >= 4:
                    results["restore_token"] = ("s", next(self.tokens))
        if answer is not None:
            address = DBusAddress(request, interface="org.freedesktop.portal.Request")
            signal = new_signal(address, "Response", "ua{sv}", (answer, results))
            signal.header.fields[HeaderFields.destination] = sender
            self._connection.send(signal)


PROGRAM = '''#!{python} -SE
"""Stands in for gst-launch-1.0: the same words and the same parts, of the plan beside it."""
import json, os, re, sys, time

folder = os.path.dirname(os.path.abspath(__file__))
plan = json.load(open(os.path.join(folder, "plan.json")))
line = " ".join(sys.argv)
remote, node = re.search(r"pipewiresrc fd=(\\d+) path=(\\d+)", line).groups()
sink = int(re.search(r"fdsink fd=(\\d+)", line)[1])
os.fstat(int(remote))  # It was inherited.
with open(os.path.join(folder, "started"), "a") as started:
    started.write("%d %s\\n" % (os.getpid(), node))


def write(contents):
    contents = memoryview(contents)
    while contents:
        contents = contents[os.write(sink, contents):]


print("Setting pipeline to PAUSED ...", flush=True)
for words, size, times in plan:
    if words:
        print(words, flush=True)
    if size:
        width, height = size
        print("/GstPipeline:pipeline0/GstCapsFilter:size.GstPad:src: caps = video/x-raw, "
              "width=(int)%d, height=(int)%d, framerate=(fraction)15/1, format=(string)RGB"
              % (width, height), flush=True)
        row = bytes((200, 40, 10)) * (width // 2) + bytes((10, 40, 200)) * (width - width // 2)
        rows = (row + bytes(-len(row) % 4)) * height
        for _ in range(times):
            write(b"--picture\\r\\nContent-Type: video/x-raw\\r\\nContent-Length: %d\\r\\n\\r\\n"
                  % len(rows))
            write(rows + b"\\r\\n")
            time.sleep(1 / 60)
    elif times:
        time.sleep(times)
'''


class FakeGStreamer:
    """A program on a PATH of its own."""

    def __init__(self, folder):
        self.folder = folder
        self._program = folder / "gst-launch-1.0"
        self._program.write_text(PROGRAM.replace("{python}", sys.executable))
        self._program.chmod(0o755)

    def plan(self, *steps):
        """Steps (words to print, size or None, how many pictures or else seconds to wait)."""
        (self.folder / "plan.json").write_text(json.dumps(steps))

    def remove(self):
        self._program.unlink()

    @property
    def started(self):
        """The process and the node of each start."""
        try:
            lines = (self.folder / "started").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [tuple(int(part) for part in line.split()) for line in lines]
