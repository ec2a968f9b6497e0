"""Choosing engines says why; untrained networks get their statistics from pictures."""

import numpy as np
import pytest
import torch

from resnet_core.engines import choice
from resnet_core.engines.openvino.calibration import calibrated
from resnet_core.errors import EngineError, UsageError
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.networks.modules import build
from resnet_core.pictures.preprocessing import prepare_batch
from resnet_core.weights.untrained import untrained, untrained_card
from tests.engines.conftest import frame


def test_default_is_openvino_on_the_cpu():
    assert choice.choose().engine.describe().name == "openvino:cpu"


def test_missing_torch_is_one_sentence_with_what_to_install(monkeypatch):
    monkeypatch.setattr(choice.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EngineError, match="pip install skiplens"):
        choice.choose("torch:cpu")
    with pytest.raises(EngineError, match="pip install openvino"):
        choice.choose("openvino:cpu")


def test_unknown_engine_is_refused():
    with pytest.raises(UsageError, match="no engine abacus"):
        choice.choose("abacus")


def test_survey_gives_a_reason_for_every_engine():
    found = choice.survey()

    assert [one.name for one in found] == list(choice.WISHES[1:])
    assert all(one.reason for one in found)
    assert found[0].available


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")
def test_cuda_is_chosen_where_it_is_wished_for():
    assert choice.choose("torch:cuda").engine.describe().name == "torch:cuda"


@pytest.mark.parametrize(("depth", "shortcut"), [(18, "A"), (18, "none"), (50, "B"), (50, "C")])
def test_statistics_are_those_of_a_forward_pass_in_training_mode(depth, shortcut):
    card = untrained_card(NetworkConfig(depth, Shortcut(shortcut)), ("a", "b"))
    model = untrained(card)
    frames = [frame(seed, 160, 160) for seed in range(3)]

    found = calibrated(model, frames)

    module = build(card.network)
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in model.tensors.items()}
    module.load_state_dict(tensors, strict=False)
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.momentum = 1.0
    with torch.no_grad():
        module.train()(torch.from_numpy(prepare_batch(frames, card.preprocessing)))
    expected = module.state_dict()
    for name, value in found.tensors.items():
        if name.endswith("running_mean"):
            wanted = expected[name].numpy()
            np.testing.assert_allclose(value, wanted, atol=2e-3 * np.abs(wanted).max())
        elif name.endswith("running_var"):
            # torch keeps the unbiased variance; with many positions that is nearly the same.
            np.testing.assert_allclose(value, expected[name].numpy(), rtol=0.05)
    assert found.identity != model.identity
