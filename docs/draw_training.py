"""Draw the lab's curves and write its table into docs/training.md, from the runs' own logs.

    python docs/draw_training.py            # from docs/training/lab
    python docs/draw_training.py RUNS       # first takes logs and cards over from folders of runs

Needs Matplotlib, which the tests' environment has.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

DOCS = Path(__file__).resolve().parent
LAB = DOCS / "training" / "lab"
PAGE = DOCS / "training.md"
BEGIN, END = "<!-- lab: begin -->", "<!-- lab: end -->"

# He et al. 2015, table 2 and 3: ImageNet validation, 10-crop, top-1 / top-5 error in percent.
PAPER = {
    "plain-18": (27.94, None),
    "ResNet-18 A": (27.88, None),
    "plain-34": (28.54, 10.02),
    "ResNet-34 A": (25.03, 7.76),
    "ResNet-34 B": (24.52, 7.46),
    "ResNet-34 C": (24.19, 7.40),
}
COLOURS = {"none": "#5B6776", "A": "#7A9CC6", "B": "#0B63B5", "C": "#003C78"}


@dataclass(frozen=True)
class Run:
    """A finished run: its card, and the rows of its log."""

    name: str
    card: dict[str, Any]
    rows: list[dict[str, float]]

    @property
    def title(self) -> str:
        network = self.card["network"]
        plain = network["shortcut"] == "none"
        return f"plain-{network['depth']}" if plain else (
            f"ResNet-{network['depth']} {network['shortcut']}"
        )  # fmt: skip

    @property
    def seed(self) -> str:
        found = re.search(r"seed (\d+)", self.card["training"]["recipe"])
        return found[1] if found else "?"

    def blocks(self, what: str) -> list[str]:
        return [name.removesuffix(f"_{what}") for name in self.rows[0] if name.endswith(what)]


def take_over(runs: Path) -> None:
    """Copy the logs and cards of finished runs, named like their weights."""
    for card in sorted(runs.glob("*/*-lab*.json")):
        for kind in ("steps", "scores"):
            shutil.copy(card.parent / f"{kind}.csv", LAB / f"{card.stem}.{kind}.csv")
        shutil.copy(card, LAB / card.name)


def read_runs() -> list[Run]:
    """Every run of the lab, by depth, shortcut and seed."""
    runs = []
    for path in sorted(LAB.glob("*.json")):
        with (LAB / f"{path.stem}.steps.csv").open(newline="", encoding="utf-8") as stream:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]
        runs.append(Run(path.stem, json.loads(path.read_text("utf-8")), rows))
    order = ["none", "A", "B", "C"]
    return sorted(
        runs,
        key=lambda run: (
            run.card["network"]["depth"],
            order.index(run.card["network"]["shortcut"]),
            run.seed,
        ),
    )


def draw(runs: list[Run]) -> None:
    """Loss over pictures seen for each depth, and gradient norms over the blocks at the end."""
    mpl.rcParams.update({"svg.hashsalt": "lab", "font.size": 10, "svg.fonttype": "none"})
    figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for axis, depth in zip(axes, (18, 34), strict=False):
        for run in runs:
            network = run.card["network"]
            if network["depth"] != depth:
                continue
            axis.plot(
                [row["pictures"] / 1000 for row in run.rows],
                [row["loss"] for row in run.rows],
                color=COLOURS[network["shortcut"]],
                linestyle="-" if run.seed == "18" else ":",
                label=run.title + ("" if run.seed == "18" else f", seed {run.seed}"),
            )
        axis.set(xlabel="thousand pictures seen", ylabel="training loss", title=f"{depth} layers")
        axis.set_ylim(3.2, 5.5)
        axis.legend(frameon=False)
    for run in runs:
        if run.card["network"]["depth"] == 34 and run.seed == "18":
            _draw_gradients(axes[2], run)
    axes[2].set(ylabel="gradient norm at the block's output", title="34 layers, by block")
    axes[2].set_ylim(0, None)
    axes[2].tick_params(axis="x", rotation=90)
    axes[2].legend(frameon=False)
    figure.savefig(DOCS / "training" / "lab.svg", metadata={"Date": None})


def _draw_gradients(axis: Any, run: Run) -> None:
    blocks = run.blocks("gradient_norm")
    half = run.rows[len(run.rows) // 2 :]
    means = [sum(row[f"{block}_gradient_norm"] for row in half) / len(half) for block in blocks]
    names = [block.replace("conv", "").replace("_", ".") for block in blocks]
    axis.plot(names, means, marker="o", markersize=3, label=run.title,
              color=COLOURS[run.card["network"]["shortcut"]])  # fmt: skip


def table(runs: list[Run]) -> str:
    """The lab beside the paper: errors in percent, with what they were measured on in the head."""
    lines = [
        "| network | seed | lab: top-1 / top-5 error | lab: training loss at the end "
        "| paper: top-1 / top-5 error |",
        "|---|---|---|---|---|",
    ]
    for run in runs:
        scores = run.card["scores"]
        top1, top5 = PAPER.get(run.title, (None, None))
        paper = "not given" if top1 is None else f"{top1:.2f}" + (f" / {top5:.2f}" if top5 else "")
        last = run.rows[-4:]
        loss = sum(row["loss"] for row in last) / len(last)
        lines.append(
            f"| {run.title} | {run.seed} | {100 - scores['top1']:.2f} / {100 - scores['top5']:.2f} "
            f"| {loss:.2f} | {paper} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Take over what was named, draw, and write the table."""
    LAB.mkdir(parents=True, exist_ok=True)
    for folder in sys.argv[1:]:
        take_over(Path(folder))
    runs = read_runs()
    draw(runs)
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(runs)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
