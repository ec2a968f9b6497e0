"""How often a network is right on the validation pictures."""

from __future__ import annotations

import torch

from resnet_core.networks.modules import ResNet
from resnet_core.training.augmentation import enlarged, normalise
from resnet_core.training.parallel import ALONE, Group
from resnet_core.training.pictures import PictureSet
from resnet_core.training.precision import Arithmetic
from resnet_core.weights.card import Scores

_BATCH = 100


@torch.no_grad()
def score(
    network: ResNet,
    pictures: PictureSet,
    size: int,
    arithmetic: Arithmetic,
    name: str,
    group: Group = ALONE,
) -> Scores:
    """Top-1 and top-5 accuracy in percent over all pictures, whole, at ``size`` pixels.

    The processes share the batches and all get the result. ``name`` tells what the pictures are.
    """
    network.eval()
    right = torch.zeros(2, dtype=torch.float64, device=arithmetic.device)
    best = min(5, network.config.classes)
    starts = range(0, len(pictures), _BATCH)
    for start in starts[group.rank :: group.size]:
        part = slice(start, start + _BATCH)
        inputs = torch.from_numpy(pictures.pictures[part].copy()).to(arithmetic.device)
        labels = torch.from_numpy(pictures.labels[part]).to(arithmetic.device)
        with arithmetic.autocast():
            logits = network(enlarged(normalise(inputs), size))
        hits = logits.float().topk(best).indices == labels[:, None]
        right += torch.stack([hits[:, 0].sum(), hits.sum()])
    top1, top5 = (100 * group.sum_(right) / len(pictures)).tolist()
    words = f"{name} at {size} x {size} pixels"
    return Scores(data=words, pictures=len(pictures), top1=top1, top5=top5)
