"""Random crops, flips and mixtures of whole batches of tensors.

Randomness comes from one generator per step and part of a batch, so that a run can be taken up
anywhere and shared out among processes without changing what the network sees.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.pictures.preprocessing import Preprocessing
from resnet_core.training.recipe import Augmentation, Phase


def normalise(pictures: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> float32, less the mean and over the deviation of ImageNet."""
    mean = torch.tensor(Preprocessing().mean, device=pictures.device) * 255
    deviation = torch.tensor(Preprocessing().std, device=pictures.device) * 255
    return (pictures.float() - mean[:, None, None]) / deviation[:, None, None]


def enlarged(pictures: Tensor, size: int) -> Tensor:
    """The whole pictures at another size, bilinear: float (N, 3, H, W) -> (N, 3, size, size)."""
    if pictures.shape[-2:] != (size, size):
        pictures = functional.interpolate(
            pictures, size=(size, size), mode="bilinear", antialias=True
        )
    return pictures.contiguous(memory_format=torch.channels_last)


def cropped(
    pictures: Tensor, phase: Phase, augmentation: Augmentation, random: np.random.Generator
) -> Tensor:
    """A random square of each picture, maybe mirrored, at the phase's size.

    pictures: float (N, 3, H, H). Returns (N, 3, size, size), bilinear. Pictures of more than twice
    the pixels that are needed are averaged first, so that nothing aliases.
    """
    count, side = len(pictures), pictures.shape[-1]
    part = random.uniform(*phase.crop, count)
    shift = random.uniform(-1, 1, (2, count)) * (1 - part)
    mirror = np.where(random.random(count) < 0.5, -1.0, 1.0) if augmentation.flip else 1.0
    shrink = side * phase.crop[1] / phase.size
    if shrink >= 2:
        pictures = functional.avg_pool2d(pictures, int(shrink))
    transform = np.zeros((count, 2, 3), np.float32)
    transform[:, 0, 0], transform[:, 1, 1] = part * mirror, part
    transform[:, :, 2] = shift.T
    affine = torch.from_numpy(transform).to(pictures.device)
    grid = functional.affine_grid(affine, [count, 3, phase.size, phase.size], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def relit(pictures: Tensor, augmentation: Augmentation, random: np.random.Generator) -> Tensor:
    """Contrast about each picture's mean and brightness changed at random."""
    if not augmentation.contrast and not augmentation.brightness:
        return pictures
    draws = random.uniform(-1, 1, (2, len(pictures), 1, 1, 1)).astype(np.float32)
    contrast, brightness = torch.from_numpy(draws).to(pictures.device)
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    pictures = mean + (pictures - mean) * (1 + augmentation.contrast * contrast)
    # One deviation of ImageNet is about 0.225 of full brightness.
    relit: Tensor = pictures + augmentation.brightness * brightness / 0.225
    return relit


def mixed(
    pictures: Tensor, labels: Tensor, augmentation: Augmentation, random: np.random.Generator
) -> tuple[Tensor, Tensor, float]:
    """Mixup or CutMix with the same pictures in another order.

    Returns the pictures, the other labels, and the weight of the first labels (1: nothing mixed).
    Sources: Zhang et al. 2017 (mixup), Yun et al. 2019 (CutMix).
    """
    kinds = [(False, augmentation.mixup), (True, augmentation.cutmix)]
    kinds = [(cut, alpha) for cut, alpha in kinds if alpha > 0]
    if not kinds:
        return pictures, labels, 1.0
    cut, alpha = kinds[int(random.integers(len(kinds)))]
    weight = float(random.beta(alpha, alpha))
    order = torch.from_numpy(random.permutation(len(labels))).to(labels.device)
    other = pictures[order]
    if not cut:
        return weight * pictures + (1 - weight) * other, labels[order], weight
    size = pictures.shape[-1]
    side = round(size * float(np.sqrt(1 - weight)))
    top, left = (int(place) for place in random.integers(0, size - side + 1, 2))
    mixture = pictures.clone()
    rows, columns = slice(top, top + side), slice(left, left + side)
    mixture[:, :, rows, columns] = other[:, :, rows, columns]
    return mixture, labels[order], 1 - (side / size) ** 2
