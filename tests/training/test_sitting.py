"""A sitting from the recipe to weights that the catalogue can load."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_core.errors import TrainingError
from resnet_core.networks.modules import build
from resnet_core.training import members
from resnet_core.training.augmentation import enlarged, normalise
from resnet_core.training.export import exported_tensors, recipe_words
from resnet_core.training.logs import RunLog
from resnet_core.training.members import Job
from resnet_core.training.parallel import Group
from resnet_core.training.recipe import Recipe
from resnet_core.training.run import Habits, Report, Run
from resnet_core.training.sitting import sit
from resnet_core.weights.card import Provenance
from resnet_core.weights.catalogue import Catalogue


def test_finished_run_is_in_a_catalogue_and_answers_as_it_was_measured(job: Job) -> None:
    reports: list[Report] = []
    outcome = sit(job, Habits(), processes=1, report=reports.append)
    assert outcome.finished
    assert [report.place.step for report in reports] == [1, 2, 3, 4, 5, 6]
    assert reports[-1].loss > 0
    catalogue = Catalogue(job.folder)
    card = catalogue.card("colours")
    assert card == outcome.card
    assert card.provenance is Provenance.TRAINED_HERE
    assert card.classes == ("green", "red")
    assert card.preprocessing.crop == (32, 32)
    assert card.training is not None
    assert card.training.pictures_seen == 48
    model = catalogue.load(card)
    network = build(card.network)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in model.tensors.items()}
    network.load_state_dict(tensors, strict=False)
    validation = job.pictures().validation
    inputs = torch.from_numpy(validation.pictures.copy())
    with torch.no_grad():
        answers = network.eval()(enlarged(normalise(inputs), 32)).argmax(1).numpy()
    assert card.scores is not None
    assert card.scores.top1 == pytest.approx(100 * np.mean(answers == validation.labels))


def test_weights_of_one_run_are_where_the_next_one_starts(job: Job, tmp_path: Path) -> None:
    sit(job, Habits(), processes=1)
    start = str(job.folder / "colours.safetensors")
    following = replace(job, recipe=replace(job.recipe, start=start), folder=tmp_path / "next")
    outcome = sit(following, Habits(wants_to_stop=lambda: True), processes=1)
    assert not outcome.finished
    deeper = replace(job.recipe.network, depth=34)
    wrong = replace(following.recipe, network=deeper)
    with pytest.raises(TrainingError, match="of another network"):
        sit(replace(following, recipe=wrong, folder=tmp_path / "other"), Habits(), processes=1)
    missing = replace(following.recipe, start="no-such-weights")
    with pytest.raises(TrainingError, match="cannot be read"):
        sit(replace(following, recipe=missing, folder=tmp_path / "third"), Habits(), processes=1)


def test_folder_with_a_run_is_not_started_over(job: Job) -> None:
    with pytest.raises(TrainingError, match="No run lies in"):
        sit(job, Habits(), resumes=True, processes=1)
    assert not sit(job, Habits(wants_to_stop=lambda: True), processes=1).finished
    with pytest.raises(TrainingError, match="go on with --resume"):
        sit(job, Habits(), processes=1)
    assert not sit(job, Habits(wants_to_stop=lambda: True), resumes=True, processes=1).finished


def test_processes_that_cannot_share_a_batch_are_refused(job: Job) -> None:
    for count in (0, 3):
        with pytest.raises(TrainingError, match="cannot share a batch"):
            sit(job, Habits(), processes=count)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("x: can't allocate memory: y")],
)
def test_memory_that_ran_out_is_told_in_a_sentence(
    error: Exception, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> bool:
        raise error

    monkeypatch.setattr(Run, "train", fail)
    with pytest.raises(TrainingError, match="memory does not hold"):
        sit(job, Habits(), processes=1)


def test_log_that_cannot_be_written_is_told_in_a_sentence(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RunLog, "add_step", full)
    with pytest.raises(TrainingError, match="No space left on device"):
        sit(job, Habits(log_steps=1), processes=1)


def test_faster_way_to_share_a_processor_is_chosen(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = {1: 100.0, 2: 120.0}
    monkeypatch.setattr(members, "_trial_rate", lambda _job, size: rates[size])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert members.faster_size(job) == 2
    rates[1] = 200.0
    assert members.faster_size(job) == 1
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    rates.clear()
    assert members.faster_size(job) == 1


def end_at_once(_job: Job, _group: Group) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_killed_process_of_a_group_is_told_in_a_sentence(job: Job) -> None:
    with (
        pytest.raises(TrainingError, match="ended early; go on with --resume"),
        members.group_of(job, 2, end_at_once) as group,
    ):
        group.sum_(torch.zeros(1))


@pytest.mark.slow
def test_trial_measures_both_ways(job: Job) -> None:
    job.pictures()
    assert members._trial_rate(job, 1) > 0
    assert members._trial_rate(job, 2) > 0


@pytest.mark.slow
def test_same_run_comes_out_under_torchrun(job: Job, tmp_path: Path) -> None:
    sit(job, Habits(), processes=1)
    other = tmp_path / "torchrun"
    script = tmp_path / "train.py"
    script.write_text(
        "import json, sys, torch\n"
        "from pathlib import Path\n"
        "from resnet_core.training.members import Job\n"
        "from resnet_core.training.recipe import from_table\n"
        "from resnet_core.training.run import Habits\n"
        "from resnet_core.training.sitting import sit\n"
        "recipe = from_table(json.loads(sys.argv[1]), 'test')\n"
        "assert sit(Job(recipe, *map(Path, sys.argv[2:5])), Habits()).finished\n"
    )
    words = [job.recipe.digest(), job.data, other, job.cache]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--standalone", str(script), *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    first = Catalogue(job.folder).load(Catalogue(job.folder).card("colours"))
    second = Catalogue(other).load(Catalogue(other).card("colours"))
    for name, array in first.tensors.items():
        # float16 in the file: about 5e-4 of the number itself.
        np.testing.assert_allclose(second.tensors[name], array, rtol=2e-3, atol=1e-3)


def test_weights_beyond_float16_are_refused(job: Job) -> None:
    network = build(job.recipe.network)
    network.fc.weight.data[0, 0] = 1e6
    with pytest.raises(TrainingError, match=r"fc\.weight do not fit float16"):
        exported_tensors(network)


def test_card_tells_the_recipe(recipe: Recipe) -> None:
    words = recipe_words(recipe)
    for part in ("from scratch", "32 (60 %), 64 (40 %)", "batch 8", "rate 0.02", "seed 1"):
        assert part in words
    assert "on from starter" in recipe_words(replace(recipe, start="weights/starter.safetensors"))
