"""The command line as a whole: which commands there are, and what their failures become."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from resnet_core.commands import bench, classify, evaluate, explain, info, train, weights
from resnet_core.commands.output import ExitCode, complain
from resnet_core.errors import EngineError, PictureError, SkipLensError, UsageError, WeightsError

OF_WINDOW = ("live", "switches", "start")
"""What ``bench`` can measure of the window."""

SCREENSHOT_PAGES = ("explore", "first-run", "weights", "show")


def run(
    words: list[str],
    screenshot: Callable[[argparse.Namespace], int],
    bench_window: Callable[[argparse.Namespace], int],
) -> int:
    """Run the command that the words name; gives the exit code.

    screenshot, bench_window: what that command, and what ``bench`` measures of the window, call;
    handed in because the core knows no window.
    """
    if words[0] == "screenshot":
        arguments = _screenshot_parser(screenshot).parse_intermixed_args(words[1:])
    else:
        arguments = _parser().parse_args(words)
        asked = vars(arguments)
        arguments.of_window = any(asked.get(name) is not None for name in OF_WINDOW)
    try:
        if getattr(arguments, "of_window", False):
            return bench_window(arguments)
        return int(arguments.run(arguments))
    except SkipLensError as error:
        complain(str(error))
        return int(exit_code(error))
    except BrokenPipeError:
        return int(ExitCode.DONE)  # who reads us has seen enough
    except KeyboardInterrupt:
        return 130


def exit_code(error: SkipLensError) -> ExitCode:
    """The exit code that tells a failure."""
    if isinstance(error, EngineError | WeightsError):
        return ExitCode.UNAVAILABLE
    if isinstance(error, UsageError):
        return ExitCode.USAGE
    if isinstance(error, PictureError):
        return ExitCode.SOME_FAILED
    return ExitCode.SOME_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "skiplens",
        description="Opens a residual network like a glass box. Without a command: the window.",
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (classify, explain, evaluate, info, weights, train, bench):
        command.add_parser(subparsers)
    # Only named here: it has a parser of its own, whose PICTURE may follow the options.
    subparsers.add_parser("screenshot", help="the real window, drawn without a display")
    return parser


def _screenshot_parser(
    screenshot: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("skiplens screenshot")
    parser.add_argument("page", choices=SCREENSHOT_PAGES)
    parser.add_argument("file", type=Path, metavar="FILE.png")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", default="1600x1000", metavar="WxH")
    parser.add_argument("--weights", metavar="NAME")
    parser.add_argument("picture", nargs="?", type=Path, metavar="PICTURE")
    parser.set_defaults(run=screenshot)
    return parser
