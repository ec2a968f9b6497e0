"""What GStreamer and PipeWire themselves send, where they are installed."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "linux":
    from app.sources.portal_screen import PortalScreenSource
    from app.sources.screencast import PROGRAM, Screencast
    from tests.desktop import FakePortal, private_bus
else:
    pytest.skip("Wayland is there on Linux only", allow_module_level=True)

from app.sources.requests import ScreenRequest
from app.sources.states import Lost, Stalled
from app.workers.source_worker import SourceWorker

PATIENCE_SECONDS = 20


def has_gstreamer(*elements):
    inspect = shutil.which("gst-inspect-1.0")
    return (
        shutil.which(PROGRAM) is not None
        and inspect is not None
        and all(
            subprocess.run([inspect, element], capture_output=True, check=False).returncode == 0
            for element in elements
        )
    )


def test_real_gstreamer_tells_the_size_of_each_picture(tmp_path, monkeypatch):
    if not has_gstreamer("multipartmux", "videoconvert"):
        pytest.skip("needs gst-launch-1.0 with its base and good plugins")
    # Only the source is another one: a window of three sizes, one after the other, and a screen
    # that is too large.
    sizes = [(641, 359), (123, 457), (640, 358), (3840, 2160)]
    real = shutil.which(PROGRAM)
    windows = "concat name=window " + " ".join(
        f"videotestsrc num-buffers={15 if width < 3840 else 1000} pattern=red ! "
        f"video/x-raw,format=BGRx,framerate=15/1,width={width},height={height} ! window."
        for width, height in sizes
    )
    script = tmp_path / PROGRAM
    script.write_text(
        f'#!/bin/sh\nshift 6\nexec {real} --verbose {windows} window. ! identity sync=true "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    cast, shapes = Screencast(os.open(os.devnull, os.O_RDONLY), 1, 15), []
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while (1080, 1920, 3) not in shapes and time.monotonic() < until:
            pixels = cast.read()
            if pixels is None:
                time.sleep(0.001)
            elif pixels.shape not in shapes:
                shapes.append(pixels.shape)
                assert (pixels == pixels[0, 0]).all()
                assert pixels[0, 0, 0] > 250
                assert pixels[0, 0, 1:].max() < 5
    finally:
        cast.close()
    # A computer that is busy may tell a size only when it has changed again: that one is left out.
    expected = [(359, 641, 3), (457, 123, 3), (358, 640, 3), (1080, 1920, 3)]
    assert shapes == [shape for shape in expected if shape in shapes]
    assert shapes[-1] == expected[-1]


def test_real_gstreamer_ends_with_the_program_though_no_picture_comes(tmp_path, monkeypatch):
    if not has_gstreamer("multipartmux", "videoconvert"):
        pytest.skip("needs gst-launch-1.0 with its base and good plugins")
    script = tmp_path / PROGRAM
    script.write_text(
        f'#!/bin/sh\nsource=$3\nshift 6\nexec {shutil.which(PROGRAM)} fdsrc $source "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    silent, ours = os.pipe()
    program = (
        "import time; from app.sources.screencast import Screencast; "
        f"cast = Screencast({silent}, 1, 15); print(cast._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, pass_fds=(silent,)
    ) as started:
        process = int(started.stdout.readline())
        time.sleep(0.3)
        assert Path(f"/proc/{process}").exists()
        started.kill()
    until = time.monotonic() + PATIENCE_SECONDS
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.02)
    os.close(silent)
    os.close(ours)
    assert not is_running(process)


def is_running(process):
    """Whether it is there and no zombie, which nobody may reap where there is no init."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def pipewire(tmp_path, monkeypatch):
    """A PipeWire of its own with one stream; gives a bus, its socket, the stream's node, itself."""
    tools = ("dbus-daemon", "pipewire", "wireplumber", "pw-cli")
    if not all(map(shutil.which, tools)) or not has_gstreamer("pipewiresrc", "multipartmux"):
        pytest.skip("needs dbus-daemon, pipewire, wireplumber, gstreamer1.0-tools and -pipewire")
    with ExitStack() as stack:
        # A socket's path may have 107 bytes, and pytest's folders are long.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pw-")))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder))
        monkeypatch.setenv("SKIPLENS_DATA", str(tmp_path / "data"))
        address = stack.enter_context(private_bus(tmp_path))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)

        def begin(*command):
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        server = begin("pipewire")
        path = folder / "pipewire-0"
        until = time.monotonic() + PATIENCE_SECONDS
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.02)
        begin("wireplumber")
        begin(
            PROGRAM, "-q", "videotestsrc", "is-live=true", "pattern=blue", "!",
            "video/x-raw,format=BGRx,width=1281,height=721,framerate=30/1", "!",
            # Desktops send when something changes, at no fixed rate.
            "capssetter", "caps=video/x-raw,framerate=0/1,max-framerate=60/1", "!",
            "pipewiresink", "mode=provide",
            "stream-properties=props,media.class=Video/Source,node.name=shared",
        )  # fmt: skip
        node = None
        while node is None and time.monotonic() < until:
            node = find_node()
            time.sleep(0.1)
        assert node is not None
        yield address, path, node, server


def find_node():
    listed = subprocess.run(
        ["pw-cli", "ls", "Node"], capture_output=True, text=True, check=False, timeout=10
    ).stdout
    node = None
    for line in listed.splitlines():
        if line.strip().startswith("id "):
            node = int(line.split()[1].rstrip(","))
        if 'node.name = "shared"' in line:
            return node
    return None


def test_real_pipewire_stream_is_shown_and_its_end_noticed(qtbot, pipewire):
    address, path, node, server = pipewire

    def remote():
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(path))
        return connection.detach()

    portal = FakePortal(address, remote)
    portal.node = node
    worker = SourceWorker(ScreenRequest(), PortalScreenSource)
    states, frames = [], []
    worker.state_changed.connect(states.append)
    worker.frame_arrived.connect(lambda: frames.append(worker.take()))
    try:
        worker.start()
        qtbot.waitUntil(
            lambda: len(frames) > 20 or any(isinstance(state, Lost) for state in states),
            timeout=PATIENCE_SECONDS * 1000,
        )
        assert len(frames) > 20, states
        assert frames[-1].pixels.shape == (721, 1281, 3)
        assert frames[-1].pixels[300, 600].tolist() == [0, 0, 255]
        assert 10 < worker.rate < 20

        server.kill()
        qtbot.waitUntil(lambda: isinstance(states[-1], Stalled), timeout=PATIENCE_SECONDS * 1000)
    finally:
        worker.finish()
        assert worker.wait(1000)
        portal.stop()
