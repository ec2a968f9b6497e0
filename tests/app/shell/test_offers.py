"""What the pickers offer."""

import pytest

from app.shell.offers import Offers
from resnet_core.networks.config import DEPTHS, NetworkConfig, Shortcut
from resnet_core.weights.card import Provenance
from resnet_core.weights.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue()


def test_networks_without_weights_are_off_and_the_reason_names_them(catalogue):
    offers = Offers(catalogue, catalogue.default())

    for depth in DEPTHS:
        for shortcut in Shortcut:
            reason = offers.reason(depth, shortcut)
            assert (reason is None) == bool(catalogue.for_network(depth, shortcut))
            if reason is not None:
                assert NetworkConfig(depth, shortcut).title in reason
                assert "Untrained" in reason


def test_every_shape_is_on_offer_while_an_untrained_one_is_explored(catalogue):
    offers = Offers(catalogue, catalogue.untrained(NetworkConfig(34, Shortcut.NONE)))

    assert all(offers.reason(depth, s) is None for depth in DEPTHS for s in Shortcut)
    assert offers.card_of(18, Shortcut.B).provenance is Provenance.UNTRAINED


def test_choice_takes_the_weights_that_exist(catalogue):
    default = catalogue.default()
    offers = Offers(catalogue, default)

    chosen = offers.card_of(default.network.depth, default.network.shortcut)

    assert chosen.provenance is not Provenance.UNTRAINED
