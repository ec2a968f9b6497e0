"""Make the environment in .venv, once; a second call finds it made and is done at once.

Needs Python 3.11 or newer with its venv module and nothing else. Run by the Makefile:

    python3 packaging/setup_environment.py run     what the window needs
    python3 packaging/setup_environment.py tests   and what the tests need (torch: over 5 GB)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints.txt"
WINDOWS = sys.platform == "win32"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if WINDOWS else "bin/python")

# pytorch-grad-cam, an oracle of the tests, asks for the build of OpenCV that carries Qt plugins
# of its own, which break PySide6; the headless build serves it as well.
WITHOUT_DEPENDENCIES = "grad-cam"

# Where Debian and Ubuntu have the libraries that Qt's wheels leave to the system.
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def main() -> int:
    """Make or complete the environment; 0 if it can be used."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python may well run this file
        return fail(f"SkipLens needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    # An environment with everything serves the window as well.
    if made("tests") or made(kind):
        return 0
    if not PYTHON.exists():
        say("making the environment in .venv")
        if subprocess.call([sys.executable, "-m", "venv", str(ENVIRONMENT)]) != 0:
            return fail("The environment cannot be made; on Debian, `apt install python3-venv`.")
    extras = {"tests": "[tests]", "run": "[torch]" if shutil.which("nvidia-smi") else ""}[kind]
    if not install("-e", f".{extras}"):
        return fail("Some packages cannot be installed; see above, then try again.")
    if kind == "tests" and not install("--no-deps", WITHOUT_DEPENDENCIES):
        return fail(f"{WITHOUT_DEPENDENCIES} cannot be installed; see above, then try again.")
    complete_system_libraries()
    stamp(kind).write_text(fingerprint())
    return 0


def made(kind: str) -> bool:
    """Whether the environment was made from the files as they are now."""
    path = stamp(kind)
    return PYTHON.exists() and path.exists() and path.read_text() == fingerprint()


def stamp(kind: str) -> Path:
    """The file that tells what the environment was made from."""
    return ENVIRONMENT / f"made-for-{kind}"


def fingerprint() -> str:
    """What the environment depends on."""
    files = (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def install(*what: str) -> bool:
    """Install packages in the pinned versions."""
    say(f"installing {' '.join(what)}")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.call([*command, "-c", str(CONSTRAINTS), *what], cwd=ROOT) == 0


def complete_system_libraries() -> None:
    """Install what Qt's wheels leave to a Debian system, or name it in one sentence."""
    if not sys.platform.startswith("linux") or shutil.which("ldd") is None:
        return
    missing = missing_libraries()
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    if not missing:
        return
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        say(f"installing {' '.join(packages)}")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.call(["apt-get", "update", "-qq"], **quiet)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.call(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, **quiet)
        missing = missing_libraries()
    if missing:
        names = " ".join(packages) or " ".join(sorted(missing))
        say(f"Qt misses libraries of this system; install them: apt install {names}")


def missing_libraries() -> set[str]:
    """Shared libraries that Qt's core and its platform plugins ask for in vain."""
    folder = next(ENVIRONMENT.glob("lib/python*/site-packages/PySide6/Qt"), None)
    if folder is None:
        return set()
    found = [
        *(folder / "lib" / f"libQt6{name}.so.6" for name in ("Core", "Gui", "Widgets", "DBus")),
        *(folder / "plugins" / "platforms" / f"libq{name}.so" for name in ("xcb", "offscreen")),
    ]
    missing = set()
    for library in found:
        if library.exists():
            told = subprocess.run(
                ["ldd", str(library)], capture_output=True, text=True, check=False
            )
            missing |= {line.split()[0] for line in told.stdout.splitlines() if "not found" in line}
    return missing


def say(text: str) -> None:
    """Tell what goes on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def fail(sentence: str) -> int:
    """Tell what went wrong."""
    say(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main())
