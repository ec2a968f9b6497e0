"""SkipLens: the window, or a command. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

COMMANDS = ("classify", "evaluate", "explain", "info", "weights", "train", "bench", "screenshot")


def main(arguments: list[str] | None = None) -> int:
    """Run a command, or open the window with the files that were named; gives the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a live source's process is this program once more
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] != ["train"]:
        # numpy's own threads for products of matrices would turn in circles for a while after each
        # of them, on the cores that the engine computes on. It asks when it is imported.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if words and words[0] in COMMANDS:
        return _command(words)
    if words in (["-h"], ["--help"]):
        return _command(words)
    if words == ["--version"]:
        import resnet_core

        sys.stdout.write(f"SkipLens {resnet_core.__version__}\n")
        return 0
    return _window(words)


def _command(words: list[str]) -> int:
    from resnet_core.commands.line import run

    return run(words, _screenshot, _bench_window)


def _window(words: list[str]) -> int:
    parser = argparse.ArgumentParser("skiplens")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--smoke", action="store_true", help="open, explain a sample, exit")
    kiosk = "begin with the camera in Show, for strangers; Esc held leaves"
    parser.add_argument("--kiosk", action="store_true", help=kiosk)
    arguments = parser.parse_args(words)
    from app.put_off import put_off

    put_off()
    if arguments.smoke:
        from app.smoke import smoke

        return smoke()
    from app.offscreen import display_is_missing

    if display_is_missing():
        sys.stderr.write(
            "There is no display to open the window on; log in to a desktop, or use a command: "
            "skiplens --help names them.\n"
        )
        return 1
    from app.run import run

    return run(arguments.files, kiosk=arguments.kiosk)


def _bench_window(arguments: argparse.Namespace) -> int:
    from app.put_off import put_off

    put_off()  # as the window does
    if arguments.switches is not None:
        from app.switch_bench import bench_switches

        return bench_switches(arguments.switches, arguments.log)
    if arguments.start is not None:
        from app.start_bench import bench_start

        return bench_start(arguments.start, as_json=arguments.json)
    from app.live_bench import bench_live
    from resnet_core.commands.info import size_of

    size = size_of(arguments.size) if arguments.size else None
    return bench_live(
        arguments.live, arguments.seconds, arguments.weights, size, arguments.log,
        as_json=arguments.json,
    )  # fmt: skip


def _screenshot(arguments: argparse.Namespace) -> int:
    from app.screenshot import screenshot

    return screenshot(
        arguments.page, arguments.file, arguments.theme, arguments.size, arguments.picture,
        arguments.weights,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
