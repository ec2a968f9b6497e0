"""Programs in a process of their own: what they import is not what tests have imported."""

import subprocess
import sys

PAINTED = """
from app.offscreen import draw_without_display
draw_without_display()
from app.run import make_application
application = make_application()
from app.shell.wiring import Shell
shell = Shell()
shell.window.show()
shell.window.grab()
"""


def output_of(words):
    """What a program prints, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", words],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()
