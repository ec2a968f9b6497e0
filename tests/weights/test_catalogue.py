"""Cards are read strictly, weights are checked before use, untrained networks are repeatable."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch

from resnet_core.bundled import bundled
from resnet_core.errors import UsageError, WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.networks.modules import build
from resnet_core.weights.card import Provenance
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.documents import document_of, read_card, read_class_names
from resnet_core.weights.folders import imported_folder
from resnet_core.weights.importing import import_file

STARTER = "resnet18-B-tiny-imagenet-starter"


pytestmark = pytest.mark.usefixtures("own_weights")


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
        if card.provenance is not Provenance.TRAINED_HERE:
            continue
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

    with pytest.raises(WeightsError, match=f"{STARTER}.safetensors are missing"):
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


def published_file(card, path):
    """A file as torch saves it, of the card's network with random weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(build(card.network, seed=3).state_dict(), path)


def test_published_weights_load_once_they_are_here(tmp_path, monkeypatch):
    card = Catalogue().card("resnet18-B-imagenet1k-v1")
    assert not Catalogue().is_here(card)
    assert Catalogue().for_network(50, Shortcut.B) == ()
    with pytest.raises(WeightsError, match="skiplens weights pull"):
        Catalogue().load(card)
    place = tmp_path / "data" / "weights" / "published" / card.file
    published_file(card, place)
    with pytest.raises(WeightsError, match="are damaged"):
        Catalogue().load(card)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    # The file's name holds its checksum, so a file of ours needs a name of its own.
    monkeypatch.setattr("resnet_core.weights.catalogue.sha256_prefix", lambda name: digest[:8])

    model = Catalogue().load(card)

    assert model.identity == digest
    assert model.parameters == 11_689_512
    assert card in Catalogue().for_network(18, Shortcut.B)
    Catalogue().remove(card)
    assert list(place.parent.iterdir()) == []


def test_what_is_not_ours_is_not_removed(tmp_path):
    catalogue = Catalogue()
    card = catalogue.card("resnet18-B-imagenet1k-v1")
    published_file(card, tmp_path / "torch" / "hub" / "checkpoints" / card.file)

    with pytest.raises(WeightsError, match="torch's own cache"):
        catalogue.remove(card)
    with pytest.raises(WeightsError, match="comes with SkipLens"):
        catalogue.remove(catalogue.default())


def test_imported_weights_are_in_the_catalogue_until_they_are_removed(tmp_path):
    config = NetworkConfig(18, Shortcut.C, classes=3)
    torch.save(build(config, seed=1).state_dict(), tmp_path / "mine.pth")
    card = import_file(tmp_path / "mine.pth", imported_folder())

    catalogue = Catalogue()
    assert catalogue.card("mine") == card
    assert catalogue.for_network(18, Shortcut.C) == (card,)
    assert catalogue.load(card).config == config
    catalogue.remove(card)

    assert Catalogue().for_network(18, Shortcut.C) == ()


def test_bundled_tensors_stay_in_their_file_and_are_the_same(tmp_path):
    from safetensors.numpy import load_file

    catalogue = Catalogue()
    card = catalogue.default()
    model = catalogue.load(card)
    whole = load_file(catalogue.path(card))

    assert set(model.tensors) == set(whole)
    for name, tensor in model.tensors.items():
        np.testing.assert_array_equal(tensor, whole[name])
        assert tensor.dtype == whole[name].dtype
        assert not tensor.flags.writeable
        assert isinstance(tensor, np.memmap)
