"""``skiplens bench --start``: how soon the window is there, beside importing torch."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from resnet_core.benchmark.outcomes import Outcome, Target
from resnet_core.commands.output import say, say_json
from resnet_core.engines.choice import has_torch
from resnet_core.errors import EngineError, UsageError

PAINTED = Target("start to painted window / importing torch and torchvision", 0.12)
ANSWERED = Target("start to first answer in the window, warm cache / the same", 0.35)
MEMORY = Target("resident memory after the first answer, megabytes", 450)

_ROOT = Path(__file__).resolve().parent.parent


def bench_start(count: int, *, as_json: bool = False) -> int:
    """Start it that many times, in turn with the yardstick; gives the exit code.

    Raises UsageError without torch, which the times are held against, and EngineError if a start
    fails. The first round warms the caches and is not counted.
    """
    if not has_torch():
        raise UsageError("This needs torch; `pip install skiplens[torch]` brings it.")
    yardstick, painted, answered, memory = [], [], [], []
    for number in range(count + 1):
        began = time.monotonic()
        _run("-c", "import torch, torchvision")
        imported = time.monotonic() - began
        began = time.monotonic()
        told = json.loads(_run("-m", "app.start_probe"))
        if number > 0:
            yardstick.append(imported)
            painted.append(told["painted"] - began)
            answered.append(told["answered"] - began)
            memory.append(told["memory"])
    seconds = statistics.median(yardstick)
    outcomes = [
        Outcome(PAINTED, statistics.median(painted) / seconds),
        Outcome(ANSWERED, statistics.median(answered) / seconds),
        Outcome(MEMORY, None if None in memory else statistics.median(memory), "Linux tells it"),
    ]
    if as_json:
        say_json({"yardstick": seconds, "targets": [one.as_document() for one in outcomes]})
    else:
        say(f"importing torch and torchvision takes {seconds:.2f} s")
        for outcome in outcomes:
            say(outcome.line)
    return 0


def _run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EngineError(f"A start failed: {done.stderr.strip().splitlines()[-1:]}.")
    return done.stdout
