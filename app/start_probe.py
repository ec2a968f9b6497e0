"""``python -m app.start_probe``: one start of the window, timed by the computer's own clock."""

from __future__ import annotations

import json
import os
import sys
import time

from app.put_off import put_off

PATIENCE_SECONDS = 120


def main() -> int:
    """Print when the window was painted and answered, in seconds of the monotonic clock."""
    put_off()  # as the program itself does before it imports the window
    from app.offscreen import draw_without_display, wait_until
    from app.run import make_application
    from app.shell.wiring import Shell

    draw_without_display()
    make_application()
    shell = Shell()
    shell.window.show()
    shell.window.grab()
    painted = time.monotonic()
    from app.live_measures import use
    from resnet_core.pictures.samples import samples

    shell.start()
    shell.controller.open_paths([samples()[0].path])
    rows = shell.window.explore.answers.bars
    if not wait_until(lambda: bool(rows.rows), PATIENCE_SECONDS):
        return 1
    answered, held = time.monotonic(), use()
    told = {"painted": painted, "answered": answered, "memory": held.memory if held else None}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    # Nothing is to be saved, and leaving tidily is not what is measured.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
