"""Cards are read strictly, weights are checked before use, untrained networks are repeatable."""

import json
import shutil

import numpy as np
import pytest

from resnet_core.bundled import bundled
from resnet_core.errors import UsageError, WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.weights.card import Provenance
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.documents import document_of, read_card, read_class_names

STARTER = "resnet18-B-tiny-imagenet-starter"


@pytest.fixture
def folder(tmp_path):
    """A copy of the bundled folder with the starter alone, to damage."""
    for name in (f"{STARTER}.json", f"{STARTER}.safetensors", "tiny-imagenet.classes.json"):
        shutil.copy(bundled("weights", name), tmp_path / name)
    return tmp_path


def change_card(folder, **changes):
    path = folder / f"{STARTER}.json"
    document = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(document))
    return path


def test_every_bundled_set_of_weights_loads_and_fits_its_network():
    from resnet_core.explained.folding import fold

    catalogue = Catalogue()

    assert catalogue.broken == ()
    assert catalogue.default().network == NetworkConfig(18, classes=200)
    for card in catalogue.cards:
        model = catalogue.load(card)
        fold(card.network, model.tensors)
        assert model.identity == card.sha256
        assert len(card.classes) == card.network.classes


def test_card_survives_being_written_and_read_again(folder, tmp_path):
    card = read_card(folder / f"{STARTER}.json")
    (tmp_path / "again.json").write_text(json.dumps(document_of(card)))

    assert read_card(tmp_path / "again.json") == card


def test_damaged_weights_are_told_from_good_ones(folder):
    path = folder / f"{STARTER}.safetensors"
    contents = bytearray(path.read_bytes())
    contents[1_000_000] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(contents))
    catalogue = Catalogue(folder)

    with pytest.raises(WeightsError, match="are damaged"):
        catalogue.load(catalogue.default())


def test_missing_weights_are_named(folder):
    (folder / f"{STARTER}.safetensors").unlink()
    catalogue = Catalogue(folder)

    with pytest.raises(WeightsError, match=f"{STARTER}.safetensors cannot be read"):
        catalogue.load(catalogue.default())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"network": {"depth": 19, "shortcut": "B", "stride": "v1", "classes": 200}}, "ResNet-19"),
        ({"network": {"depth": 18, "shortcut": "D", "stride": "v1", "classes": 200}}, "'D'"),
        ({"classes": ["one", "two"]}, "2 class names for 200 classes"),
        ({"provenance": "found somewhere"}, "found somewhere"),
        ({"colour": "blue"}, "'colour' is not one of a card's"),
        ({"classes": "gone.json"}, "gone.json"),
    ],
)
def test_bad_card_is_left_out_and_says_why(folder, changes, reason):
    change_card(folder, **changes)

    catalogue = Catalogue(folder)

    assert catalogue.cards == ()
    assert reason in str(catalogue.broken[0])
    assert f"{STARTER}.json" in str(catalogue.broken[0]) or "gone.json" in reason


def test_unknown_names_get_a_near_one():
    with pytest.raises(WeightsError, match=r"did you mean resnet18-B-tiny-imagenet"):
        Catalogue().card("resnet18-b-tiny-imagnet")
    with pytest.raises(WeightsError, match="untrained-50-A"):
        Catalogue().card("untrained-fifty")
    with pytest.raises(UsageError, match="no ResNet-19"):
        Catalogue().card("untrained-19-A")


def test_untrained_networks_are_loud_and_the_same_each_time():
    catalogue = Catalogue()
    card = catalogue.card("untrained-50-A")

    first, second = catalogue.load(card), catalogue.load(card)

    assert card.provenance is Provenance.UNTRAINED
    assert first.identity == second.identity
    weight = first.tensors["layer2.0.conv2.weight"]
    np.testing.assert_array_equal(weight, second.tensors["layer2.0.conv2.weight"])
    assert weight.std() == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.02)
    assert not any("downsample" in name for name in first.tensors)


def test_networks_without_weights_offer_none():
    assert Catalogue().for_network(152, Shortcut.C) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("names.txt", "cat\ndog\n\n"),
        ("names.json", '["cat", "dog"]'),
        ("names.json", '{"1": "dog", "0": "cat"}'),
        ("names.json", '{"0": ["n1", "cat"], "1": ["n2", "dog"]}'),
        ("names.json", '[{"name": "cat"}, {"name": "dog"}]'),
    ],
)
def test_class_names_come_in_many_forms(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert read_class_names(tmp_path / name) == ("cat", "dog")
