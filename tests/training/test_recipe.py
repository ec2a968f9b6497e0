"""Recipes: what is read, and what is refused in one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from resnet_core.errors import ShapeMismatch, SkipLensError, TrainingError
from resnet_core.networks.config import Shortcut
from resnet_core.training.recipe import Phase, Precision, Recipe, from_table, read_recipe

RECIPES = Path("resnet_core/training/recipes")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_bundled_recipes_are_valid_and_named_as_their_files(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert recipe.network.classes == 200


def test_recipe_is_read_into_typed_fields() -> None:
    recipe = read_recipe(RECIPES / "resnet18-B-tiny-imagenet.toml")
    assert recipe.network.shortcut is Shortcut.B
    assert recipe.precision is Precision.AUTO
    assert recipe.phases[0] == Phase(0.4, 64, (0.55, 0.95))
    assert recipe.schedule.minutes == 78.0


def test_recipe_survives_json(recipe: Recipe) -> None:
    again = from_table(json.loads(recipe.digest()), "digest")
    assert again == recipe


SMALL = """
name = "small"
title = "Small"
seed = 1
[network]
depth = 18
[[phases]]
share = 1
size = 64
crop = [0.5, 1]
[schedule]
epochs = 2
"""


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('name = "small"', "name = ", "is no TOML"),
        ("seed = 1", "speed = 3", "has no field 'speed'"),
        ('title = "Small"', "", "lacks its field 'title'"),
        ('name = "small"', "name = 3", "name cannot be 3"),
        ("seed = 1", "precision = 'half'", "choose one of auto, float32, bf16"),
        ("seed = 1", "seed = true", "seed cannot be True"),
        ("epochs = 2", "epochs = 'many'", "schedule: epochs cannot be 'many'"),
        ("crop = [0.5, 1]", "crop = [1]", "needs 2 values, not 1"),
        ("depth = 18", "depth = 20", "no ResNet-20"),
    ],
)
def test_faulty_file_is_told_in_a_sentence(
    before: str, after: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert read_recipe(path).phases == (Phase(1.0, 64, (0.5, 1.0)),)
    path.write_text(SMALL.replace(before, after), encoding="utf-8")
    with pytest.raises(SkipLensError, match=sentence):
        read_recipe(path)


def test_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")


def test_values_that_do_not_go_together_are_refused(recipe: Recipe) -> None:
    with pytest.raises(TrainingError, match="shares must sum to 1"):
        replace(recipe, phases=(Phase(0.5, 64),))
    with pytest.raises(TrainingError, match="multiple of its parts"):
        replace(recipe, optimiser=replace(recipe.optimiser, parts=3))
    with pytest.raises(TrainingError, match="crops must rise"):
        replace(recipe, phases=(Phase(1.0, 64, (0.9, 0.5)),))
    with pytest.raises(TrainingError, match="sizes must be at least 32"):
        replace(recipe, phases=(Phase(1.0, 16),))
    with pytest.raises(ShapeMismatch):
        replace(recipe, evaluation_size=50)


def test_variant_differs_in_nothing_but_network_seed_and_name(recipe: Recipe) -> None:
    plain = replace(recipe.network, depth=34, shortcut=Shortcut.NONE)
    variant = recipe.variant(plain, recipe.seed)
    assert variant.name == f"plain34-{recipe.name}"
    assert replace(variant, name=recipe.name, network=recipe.network) == recipe
    assert recipe.variant(recipe.network, 99).name == f"resnet18-B-{recipe.name}-seed99"
