"""From a card to a model that can be asked: loaded and, if untrained, calibrated."""

from __future__ import annotations

from resnet_core.pictures.decoding import decode
from resnet_core.pictures.samples import samples
from resnet_core.weights.card import Card, Provenance
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.model import Model


def load_ready(catalogue: Catalogue, card: Card) -> Model:
    """Load the card's model; an untrained one gets its statistics from the bundled samples.

    Raises WeightsError if the weights are missing or damaged.
    """
    model = catalogue.load(card)
    if card.provenance is not Provenance.UNTRAINED:
        return model
    from resnet_core.engines.openvino.calibration import calibrated

    return calibrated(model, [decode(sample.path) for sample in samples()])
