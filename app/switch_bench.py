"""``skiplens bench --switches``: the real window changes its network again and again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from app.live_measures import use
from app.offscreen import draw_without_display, wait_until
from app.run import make_application
from app.shell.wiring import Shell
from app.workers.engine_worker import EngineWorker
from resnet_core.commands.output import say
from resnet_core.errors import EngineError
from resnet_core.pictures.samples import samples
from resnet_core.weights.card import Card
from resnet_core.weights.catalogue import Catalogue

PATIENCE_SECONDS = 60
LINES = 50
"""In the log, whatever the number of switches."""


def bench_switches(count: int, log: Path | None = None) -> int:
    """Switch the network that many times, each until its answer is on show; gives the exit code.

    Goes round all weights that are here and some untrained networks, more than are kept in
    memory. log: a CSV file of what the process holds. Raises EngineError if an answer is missing.
    """
    draw_without_display()
    make_application()
    catalogue = Catalogue()
    cards = _cards(catalogue)
    # Without the search for better engines: what it holds for a second is not what is asked.
    shell = Shell(catalogue=catalogue, engine=EngineWorker(catalogue))
    shell.window.show()
    shell.start()
    answers: list[Card] = []
    shell.controller.lesion_explained.connect(lambda lesioned: answers.append(lesioned.wish.card))
    _answered(lambda: shell.controller.open_paths([samples()[0].path]), answers)
    rows: list[dict[str, object]] = []
    for number, card in enumerate(islice(cycle(cards), count), start=1):
        if card != shell.controller.card:
            _answered(lambda: shell.controller.choose_card(card), answers)  # noqa: B023
            assert answers[-1] == card
        if number % max(1, count // LINES) == 0 and (held := use()) is not None:
            rows.append({"switches": number, "memory_mb": round(held.memory, 1),
                         "threads": held.threads, "files": held.files})  # fmt: skip
    shell.window.close()
    shell.wait()
    if log is not None and rows:
        with log.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    if rows:
        half = rows[len(rows) // 2 :]
        span = [float(str(row["memory_mb"])) for row in half]
        say(
            f"{count} switches among {len(cards)} networks; in the second half {min(span):.0f} to "
            f"{max(span):.0f} MB, {half[-1]['threads']} threads, {half[-1]['files']} files"
        )
    return 0


def _cards(catalogue: Catalogue) -> list[Card]:
    here = [card for card in catalogue.cards if catalogue.is_here(card)]
    return [*here, catalogue.card("untrained-18-A"), catalogue.card("untrained-50-C")]


def _answered(act: Callable[[], None], answers: list[Card]) -> None:
    """Act, and wait until everything that is asked then has been answered."""
    before = len(answers)
    act()
    if not wait_until(lambda: len(answers) > before, PATIENCE_SECONDS):
        raise EngineError("A network gave no answer in time; try again.")
