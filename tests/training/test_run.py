"""A run that is broken off and taken up again gives the weights of one that never stopped."""

from __future__ import annotations

import csv
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from resnet_core.errors import TrainingError
from resnet_core.training.checkpoint import CHECKPOINT_NAME, read_checkpoint
from resnet_core.training.members import Job, group_of
from resnet_core.training.parallel import ALONE, Group
from resnet_core.training.precision import choose_arithmetic
from resnet_core.training.recipe import Precision, Recipe
from resnet_core.training.run import Habits, Run

STEPS = 6


def make_run(job: Job, habits: Habits | None = None, group: Group = ALONE) -> Run:
    arithmetic = choose_arithmetic(Precision.FLOAT32, torch.device("cpu"))
    return Run(job.recipe, job.pictures(), job.folder, arithmetic, group, habits)


def weights(folder: Path) -> dict[str, Tensor]:
    state = read_checkpoint(folder)
    assert state is not None
    means = {f"mean of {name}": mean for name, mean in state["average"]["means"].items()}
    return {**state["network"], **means}


def after(asked: int) -> Callable[[], bool]:
    """True when asked for the last time of ``asked``."""
    count = itertools.count(1)
    return lambda: next(count) >= asked


@pytest.fixture(scope="module")
def unbroken(
    recipe: Recipe, class_folders: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Tensor]:
    folder = tmp_path_factory.mktemp("unbroken")
    other = Job(recipe, class_folders, folder, class_folders.parent / "cache")
    run = make_run(other)
    assert run.train()
    assert run.place.step == STEPS
    return weights(other.folder)


def assert_equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def test_resumed_run_gives_the_weights_of_an_unbroken_one(
    job: Job, unbroken: dict[str, Tensor]
) -> None:
    for stop_before in (3, 3):
        run = make_run(job, Habits(wants_to_stop=after(stop_before)))
        run.resume()
        assert not run.train()
    assert run.place.step == 4
    last = make_run(job)
    assert last.resume()
    assert last.train()
    assert_equal(weights(job.folder), unbroken)


def test_steps_after_the_last_checkpoint_are_lost_and_come_again(
    job: Job, unbroken: dict[str, Tensor]
) -> None:
    habits = Habits(log_steps=1, wants_to_stop=after(3))
    make_run(job, habits).train()
    kept = (job.folder / CHECKPOINT_NAME).read_bytes()
    run = make_run(job, Habits(log_steps=1, wants_to_stop=after(3)))
    run.resume()
    run.train()
    (job.folder / CHECKPOINT_NAME).write_bytes(kept)
    run = make_run(job, Habits(log_steps=1))
    run.resume()
    run.train()
    assert_equal(weights(job.folder), unbroken)
    with (job.folder / "steps.csv").open(encoding="utf-8", newline="") as stream:
        assert [int(row["step"]) for row in csv.DictReader(stream)] == list(range(1, STEPS + 1))


@pytest.mark.slow
def test_killed_run_resumes_to_the_same_weights(job: Job, unbroken: dict[str, Tensor]) -> None:
    script = (
        "import sys, torch\n"
        "from pathlib import Path\n"
        "from resnet_core.training.pictures import load_pictures\n"
        "from resnet_core.training.precision import choose_arithmetic\n"
        "from resnet_core.training.recipe import Recipe, from_table\n"
        "from resnet_core.training.run import Habits, Run\n"
        "import json\n"
        "torch.set_num_threads(int(sys.argv[5]))\n"
        "recipe = from_table(json.loads(sys.argv[1]), 'test')\n"
        "pictures = load_pictures(Path(sys.argv[2]), recipe.data_pixels, Path(sys.argv[3]))\n"
        "arithmetic = choose_arithmetic(recipe.precision, torch.device('cpu'))\n"
        "run = Run(recipe, pictures, Path(sys.argv[4]), arithmetic, habits=Habits(0.0))\n"
        "run.resume()\n"
        "run.train(lambda report: print(report.place.step, flush=True))\n"
    )
    arguments = [job.recipe.digest(), job.data, job.cache, job.folder, torch.get_num_threads()]
    command = [sys.executable, "-c", script, *map(str, arguments)]
    job.pictures()
    for kill_after in (1, 4):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) >= kill_after:
                    # Somewhere in the next step or in the checkpoint before it.
                    os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    run = make_run(job)
    assert run.resume()
    assert run.train()
    assert_equal(weights(job.folder), unbroken)


@pytest.mark.slow
def test_two_processes_give_the_run_of_one(job: Job, unbroken: dict[str, Tensor]) -> None:
    job.pictures()
    with group_of(job, 2) as group:
        run = make_run(job, group=group)
        assert run.train()
        scores = run.finish()[1]
    assert scores.pictures == 8
    together = weights(job.folder)
    for name, tensor in unbroken.items():
        if "running" in name or "num_batches" in name:
            continue  # each process sees its own parts; they are measured anew at the end
        # The sums of a gradient are taken in another order: 1e-7 each, grown over six steps.
        difference = (tensor - together[name]).norm() / tensor.norm().clamp(min=1e-3)
        assert difference < 1e-4, name


def test_log_tells_loss_gradient_norms_and_deviations_of_each_block(job: Job) -> None:
    make_run(job, Habits(log_steps=3)).train()
    with (job.folder / "steps.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["step"]) for row in rows] == [3, 6]
    assert [int(row["size"]) for row in rows] == [32, 64]
    for block in job.recipe.network.blocks:
        assert float(rows[0][f"{block.name}_gradient_norm"]) > 0
        assert float(rows[0][f"{block.name}_residual_std"]) > 0


def test_scores_are_measured_on_the_way(job: Job) -> None:
    make_run(job, Habits(score_seconds=0.0, wants_to_stop=after(3))).train()
    with (job.folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2
    assert all(0 <= float(row["top1"]) <= float(row["top5"]) <= 100 for row in rows)


def test_time_ends_a_run_with_a_budget_of_minutes(job: Job) -> None:
    schedule = replace(job.recipe.schedule, epochs=1e6, minutes=1e-3)
    run = make_run(replace(job, recipe=replace(job.recipe, schedule=schedule)))
    assert run.train()
    assert 0 < run.place.step < STEPS


def test_checkpoint_of_another_recipe_is_refused(job: Job) -> None:
    make_run(job, Habits(wants_to_stop=after(1))).train()
    with pytest.raises(TrainingError, match="of another recipe"):
        make_run(replace(job, recipe=replace(job.recipe, seed=2))).resume()


def test_data_of_another_number_of_classes_is_refused(job: Job) -> None:
    network = replace(job.recipe.network, classes=3)
    with pytest.raises(TrainingError, match="2 classes and the recipe's network 3"):
        make_run(replace(job, recipe=replace(job.recipe, network=network)))
