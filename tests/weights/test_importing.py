"""The user's own files: whatever form they have, the right network comes out, or a refusal."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from resnet_core.errors import WeightsError
from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.networks.modules import build
from resnet_core.weights.card import Provenance
from resnet_core.weights.catalogue import Catalogue
from resnet_core.weights.importing import Wishes, import_file
from resnet_core.weights.recognition import Undecided

SMALL = NetworkConfig(18, Shortcut.B, classes=7)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "imported"


@pytest.fixture(scope="module")
def network():
    return build(SMALL, seed=1)


def assert_same(folder, card, network):
    """The kept tensors are the network's, whatever it was saved as."""
    model = Catalogue(folder).load(card)
    for name, tensor in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(model.tensors[name], tensor.float().numpy(), name)


WRAPPERS = {
    "bare": lambda state: state,
    "state_dict": lambda state: {"state_dict": state, "epoch": 3, "best": 71.2},
    "model": lambda state: {"model": state, "optimizer": {"state": {0: {"step": 1}}}},
    "model_state_dict": lambda state: {"model_state_dict": state},
    "ema": lambda state: {"ema": {"module": state, "decay": 0.99}},
    "unknown": lambda state: {"student": {"weights": state}},
}
PREFIXES = ("", "module.", "model.", "backbone.", "_orig_mod.module.", "a.b.resnet.")


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_wrappers_of_both_formats_are_understood(tmp_path, folder, network, wrapper, legacy):
    path = tmp_path / "flowers.pth"
    wrapped = WRAPPERS[wrapper](network.state_dict())
    torch.save(wrapped, path, _use_new_zipfile_serialization=not legacy)

    card = import_file(path, folder)

    assert (card.name, card.title, card.network) == ("flowers", "flowers.pth", SMALL)
    assert card.provenance is Provenance.YOURS
    assert "class names are missing" in card.limits
    assert_same(folder, card, network)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_any_common_prefix_is_taken_off(tmp_path, folder, network, prefix):
    state = {f"{prefix}{name}": tensor for name, tensor in network.state_dict().items()}
    save_file(state, tmp_path / "mine.safetensors")

    card = import_file(tmp_path / "mine.safetensors", folder)

    assert_same(folder, card, network)


def test_data_parallel_in_a_wrapper_is_read(tmp_path, folder, network):
    torch.save({"state_dict": nn.DataParallel(network).state_dict()}, tmp_path / "parallel.pt")

    assert_same(folder, import_file(tmp_path / "parallel.pt", folder), network)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_other_kinds_of_numbers_are_read(tmp_path, folder, kind, suffix):
    network = build(SMALL, seed=2).to(kind)
    path = tmp_path / f"mine{suffix}"
    if suffix == ".pth":
        torch.save(network.state_dict(), path)
    else:
        save_file(network.state_dict(), path)

    card = import_file(path, folder)

    assert_same(folder, card, network)
    stored = Catalogue(folder).load(card).tensors["fc.weight"].dtype
    assert stored == (np.float16 if kind is torch.float16 else np.float32)


@pytest.mark.parametrize(
    "config",
    [
        NetworkConfig(34, Shortcut.C, classes=2),
        NetworkConfig(50, Shortcut.B, classes=5),
        NetworkConfig(50, Shortcut.C, classes=5),
    ],
    ids=lambda config: config.title,
)
def test_depth_shortcut_and_classes_are_read_off_the_tensors(tmp_path, folder, config):
    torch.save(build(config).state_dict(), tmp_path / "mine.pth")

    card = import_file(tmp_path / "mine.pth", folder)

    assert card.network == config
    assert ("stride placement" in card.limits) == (config.depth >= 50)


def test_what_tensors_cannot_tell_is_asked_for_and_taken(tmp_path, folder):
    torch.save(build(NetworkConfig(18, Shortcut.A, classes=2)).state_dict(), tmp_path / "a.pth")
    with pytest.raises(Undecided, match="--shortcut A or --shortcut none") as question:
        import_file(tmp_path / "a.pth", folder)
    assert question.value.answers == (Shortcut.A, Shortcut.NONE)

    plain = import_file(tmp_path / "a.pth", folder, Wishes(shortcut=Shortcut.NONE))
    assert plain.network.shortcut is Shortcut.NONE

    torch.save(build(NetworkConfig(50, classes=2)).state_dict(), tmp_path / "b.pth")
    told = import_file(tmp_path / "b.pth", folder, Wishes(stride=StridePlacement.V1))
    assert told.network.stride is StridePlacement.V1
    assert "stride" not in told.limits


@pytest.mark.parametrize("place", ["fc.1", "head", "classifier.0", "backbone-less head"])
def test_classifier_under_another_name_is_found(tmp_path, folder, network, place):
    state = network.state_dict()
    weight, bias = state.pop("fc.weight"), state.pop("fc.bias")
    if place == "backbone-less head":
        state = {f"net.backbone.{name}": tensor for name, tensor in state.items()}
        place = "net.head"
    torch.save({**state, f"{place}.weight": weight, f"{place}.bias": bias}, tmp_path / "m.pth")

    assert_same(folder, import_file(tmp_path / "m.pth", folder), network)


def test_classifier_that_is_not_clear_is_refused(tmp_path, folder, network):
    state = network.state_dict()
    state["head.0.weight"], state["head.1.weight"] = state.pop("fc.weight"), torch.ones(2, 7)
    torch.save(state, tmp_path / "m.pth")

    with pytest.raises(WeightsError, match=r"2 layers that could be it: head.0.weight \(7, 512\)"):
        import_file(tmp_path / "m.pth", folder)


def wide(state):
    state["layer1.0.conv1.weight"] = torch.zeros(128, 64, 3, 3)


def small_stem(state):
    state["conv1.weight"] = torch.zeros(64, 3, 3, 3)


def without_norms(state):
    for name in [name for name in state if ".bn" in name or name.startswith("bn")]:
        del state[name]


def attention(state):
    state["layer1.0.se.weight"] = torch.zeros(4, 64, 1, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (wide, r"layer1.0.conv1.weight is \(128, 64, 3, 3\) and must be \(64, 64, 3, 3\)"),
        (small_stem, r"conv1.weight is \(64, 3, 3, 3\) and must be \(64, 3, 7, 7\)"),
        (without_norms, r"it lacks bn1.weight \(64,\), .* and \d+ more"),
        (attention, r"it has besides layer1.0.se.weight \(4, 64, 1, 1\)"),
    ],
)
def test_other_networks_are_refused_with_both_shapes(tmp_path, folder, network, change, reason):
    state = OrderedDict(network.state_dict())
    change(state)
    torch.save(state, tmp_path / "other.pth")

    with pytest.raises(WeightsError, match=reason):
        import_file(tmp_path / "other.pth", folder)
    assert not folder.exists()


def test_networks_of_other_families_are_refused(tmp_path, folder):
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / "linear.pth")
    with pytest.raises(WeightsError, match=r"no ResNet of this family.*weight \(2, 3\)"):
        import_file(tmp_path / "linear.pth", folder)

    torch.save({"epoch": 3}, tmp_path / "empty.pth")
    with pytest.raises(WeightsError, match="no tensors at all"):
        import_file(tmp_path / "empty.pth", folder)


@pytest.mark.parametrize(
    ("name", "text"),
    [("names.txt", "rose\ntulip\n"), ("names.json", '{"0": "rose", "1": "tulip"}')],
)
def test_class_names_are_taken_from_a_file(tmp_path, folder, name, text):
    config = replace(SMALL, classes=2)
    torch.save(build(config).state_dict(), tmp_path / "m.pth")
    (tmp_path / name).write_text(text)

    card = import_file(tmp_path / "m.pth", folder, Wishes(names=tmp_path / name))

    assert card.classes == ("rose", "tulip")
    (tmp_path / name).write_text(json.dumps(["rose"]))
    with pytest.raises(WeightsError, match="1 class names and the network 2 classes"):
        import_file(tmp_path / "m.pth", folder, Wishes(names=tmp_path / name))


def test_names_are_kept_apart(tmp_path, folder, network):
    torch.save(network.state_dict(), tmp_path / "m.pth")
    first = import_file(tmp_path / "m.pth", folder)
    assert import_file(tmp_path / "m.pth", folder) == first

    torch.save(build(SMALL, seed=5).state_dict(), tmp_path / "m.pth")
    with pytest.raises(WeightsError, match="You have other weights named m"):
        import_file(tmp_path / "m.pth", folder)
    with pytest.raises(WeightsError, match="other weights named taken"):
        import_file(tmp_path / "m.pth", folder, Wishes(name="taken"), frozenset({"taken"}))
    assert import_file(tmp_path / "m.pth", folder, Wishes(name="../other one")).name == "other-one"


def test_numbers_that_are_not_finite_are_refused(tmp_path, folder):
    network = build(SMALL)
    nn.init.constant_(network.fc.weight, float("nan"))
    torch.save(network.state_dict(), tmp_path / "m.pth")

    with pytest.raises(WeightsError, match=r"fc.weight holds numbers that are not finite"):
        import_file(tmp_path / "m.pth", folder)
