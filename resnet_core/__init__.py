"""SkipLens' core: residual networks, explained block by block. No window in here.

    import resnet_core

    model = resnet_core.load("resnet18-B-tiny-imagenet-starter")
    explained = resnet_core.explain("coffee.jpg", model)
    explained.block("conv4_2").grad_cam  # float32 (8, 8), signed, not normalised

Everything is loaded when it is used: importing this package imports no framework.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resnet_core.engines.engine import Engine
    from resnet_core.explained.values import Explained, Target
    from resnet_core.networks.census import Census
    from resnet_core.networks.config import NetworkConfig
    from resnet_core.weights.model import Model


def load(name: str | None = None) -> Model:
    """Load weights by the name of their card, or the default's.

    ``untrained-50-A`` is a random network of that depth and shortcut, its batch-norm statistics
    set from the bundled samples. Raises WeightsError, with a near name, if there are none.
    """
    from resnet_core.engines.preparation import load_ready
    from resnet_core.weights.catalogue import Catalogue

    catalogue = Catalogue()
    return load_ready(catalogue, catalogue.default() if name is None else catalogue.card(name))


def explain(
    picture: str | os.PathLike[str],
    model: Model,
    *,
    target: Target | None = None,
    strengths: Mapping[str, float] | None = None,
    engine: str = "auto",
) -> Explained:
    """Explain every block for one picture file.

    target: the class that the gradients aim at, the best one if None.
    strengths: the factor on F(x) by block, ``{"conv4_2": 0}`` switches that branch off.
    Raises PictureError, UsageError or EngineError with a sentence.
    """
    from resnet_core.engines.engine import Request
    from resnet_core.explained.values import Target
    from resnet_core.pictures.decoding import decode

    request = Request(decode(Path(picture)), model, target or Target(), strengths or {})
    return _engine(engine).explain(request)


def census(config: NetworkConfig, height: int = 224, width: int = 224) -> Census:
    """Parameters, multiply-adds and output sizes of every layer, block and stage.

    Counted from the configuration alone, for a (3, height, width) picture.
    Raises ShapeMismatch unless height and width are multiples of 32.
    """
    from resnet_core.networks.census import census

    return census(config, height, width)


@lru_cache(maxsize=4)
def _engine(wish: str) -> Engine:
    from resnet_core.engines.choice import choose

    return choose(wish).engine
