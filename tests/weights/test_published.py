"""Published cards against torchvision's own tables and against the networks that we build."""

from __future__ import annotations

import pytest
import torch
from torchvision.models import ResNet18_Weights, ResNet34_Weights, ResNet50_Weights

from torchvision.models import ResNet101_Weights, ResNet152_Weights  # isort: skip

from resnet_core.networks.census import census
from resnet_core.networks.modules import ResNet
from resnet_core.weights.card import Provenance
from resnet_core.weights.published import (
    find_published,
    published_cards,
    published_name,
    sha256_prefix,
)

TABLES = {
    18: ResNet18_Weights,
    34: ResNet34_Weights,
    50: ResNet50_Weights,
    101: ResNet101_Weights,
    152: ResNet152_Weights,
}


def test_every_published_file_has_a_card():
    files = {weights.url.rpartition("/")[2] for table in TABLES.values() for weights in table}

    assert {card.file for card in published_cards()} == files
    assert len({card.name for card in published_cards()}) == 8


@pytest.mark.parametrize("card", published_cards(), ids=lambda card: card.name)
def test_card_agrees_with_torchvision(card):
    version = card.name.rpartition("-")[2].upper()
    weights = TABLES[card.network.depth][f"IMAGENET1K_{version}"]
    transforms, scores = weights.transforms(), weights.meta["_metrics"]["ImageNet-1K"]

    assert card.url == weights.url
    assert card.classes == tuple(weights.meta["categories"])
    assert (card.scores.top1, card.scores.top5) == (scores["acc@1"], scores["acc@5"])
    assert card.bytes == round(weights.meta["_file_size"] * 2**20)
    assert card.preprocessing.crop == tuple(transforms.crop_size * 2)
    assert [card.preprocessing.resize] == transforms.resize_size
    assert card.preprocessing.interpolation == transforms.interpolation.value
    assert list(card.preprocessing.mean) == transforms.mean
    assert list(card.preprocessing.std) == transforms.std
    assert card.provenance is Provenance.PUBLISHED
    assert f"-{card.sha256_prefix}.pth" in card.url


@pytest.mark.parametrize("card", published_cards(), ids=lambda card: card.name)
def test_card_agrees_with_the_network_that_we_build(card):
    version = card.name.rpartition("-")[2].upper()
    with torch.device("meta"):
        network = ResNet(card.network)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    weights = TABLES[card.network.depth][f"IMAGENET1K_{version}"]

    assert parameters == weights.meta["num_params"]
    assert parameters == census(card.network).total.parameters


def test_file_is_found_under_its_older_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    card = published_cards()[0]
    assert find_published(card, tmp_path) is None
    older = tmp_path / "torch" / "hub" / "checkpoints" / "resnet18-5c106cde.pth"
    older.parent.mkdir(parents=True)
    older.touch()

    assert find_published(card, tmp_path) == older
    assert published_name(older.name) == card.file
    assert published_name("resnet18-mine.pth") is None
    assert sha256_prefix(older.name) == "5c106cde"
