"""Crops, flips and mixtures: random, repeatable, and in the right place."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from resnet_core.training.augmentation import cropped, enlarged, mixed, normalise, relit
from resnet_core.training.recipe import Augmentation, Phase

PICTURES = torch.rand(6, 3, 32, 32, generator=torch.Generator().manual_seed(1))
LABELS = torch.arange(6)


def draws(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_crop_of_everything_is_the_enlarged_picture() -> None:
    whole = cropped(PICTURES, Phase(1.0, 64, (1.0, 1.0)), Augmentation(flip=False), draws())
    expected = functional.interpolate(PICTURES, size=(64, 64), mode="bilinear")
    torch.testing.assert_close(whole, expected, atol=1e-5, rtol=0)


def test_crop_shows_a_part_of_the_picture() -> None:
    ramp = torch.linspace(0, 1, 32).expand(200, 3, 32, 32)
    crops = cropped(ramp, Phase(1.0, 32, (0.5, 0.5)), Augmentation(), draws())
    lowest, highest = crops.amin(dim=(1, 2, 3)), crops.amax(dim=(1, 2, 3))
    torch.testing.assert_close(highest - lowest, torch.full((200,), 0.5), atol=0.02, rtol=0)
    assert lowest.min() < 0.02
    assert highest.max() > 0.98
    mirrored = (crops[:, 0, 0, 0] > crops[:, 0, 0, -1]).float().mean()
    assert 0.35 < mirrored < 0.65


def test_same_generator_gives_the_same_pictures() -> None:
    wishes = Augmentation(brightness=0.2, contrast=0.2, mixup=1.0, cutmix=1.0)

    def augmented(seed: int) -> torch.Tensor:
        random = draws(seed)
        crops = relit(cropped(PICTURES, Phase(1.0, 32), wishes, random), wishes, random)
        return mixed(crops, LABELS, wishes, random)[0]

    assert torch.equal(augmented(1), augmented(1))
    assert not torch.equal(augmented(1), augmented(2))


def test_mixup_weighs_both_pictures_and_labels() -> None:
    mixture, others, weight = mixed(PICTURES, LABELS, Augmentation(mixup=1.0), draws())
    assert 0 < weight < 1
    torch.testing.assert_close(mixture, weight * PICTURES + (1 - weight) * PICTURES[others])


def test_cutmix_weighs_labels_by_the_area_that_is_left() -> None:
    for seed in range(5):
        mixture, others, weight = mixed(PICTURES, LABELS, Augmentation(cutmix=1.0), draws(seed))
        changed = (mixture != PICTURES).any(dim=1).float().mean(dim=(1, 2))
        moved = others != LABELS
        expected = torch.full_like(changed, 1 - weight)[moved]
        torch.testing.assert_close(changed[moved], expected, atol=1e-6, rtol=0)


def test_nothing_is_mixed_unless_asked() -> None:
    mixture, others, weight = mixed(PICTURES, LABELS, Augmentation(), draws())
    assert weight == 1
    assert mixture is PICTURES
    assert others is LABELS


def test_normalised_grey_has_imagenets_mean_taken_off() -> None:
    grey = torch.full((1, 3, 2, 2), 128, dtype=torch.uint8)
    expected = (128 / 255 - 0.485) / 0.229
    torch.testing.assert_close(normalise(grey)[0, 0, 0, 0], torch.tensor(expected))


def test_shrinking_does_not_alias() -> None:
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::2] = 1
    inner = enlarged(stripes, 32)[..., 2:-2]
    torch.testing.assert_close(inner, torch.full_like(inner, 0.5), atol=0.01, rtol=0)
    crops = cropped(stripes, Phase(1.0, 32, (1.0, 1.0)), Augmentation(flip=False), draws())
    torch.testing.assert_close(crops, torch.full_like(crops, 0.5), atol=0.01, rtol=0)
