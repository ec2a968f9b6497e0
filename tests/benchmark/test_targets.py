"""What is promised of speed: each outcome says whether it holds, and what could not be measured."""

import pytest

from resnet_core.benchmark.folders import throughput
from resnet_core.benchmark.outcomes import Outcome, Target
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.samples import samples
from tests.engines.conftest import model_of

FEW, MANY = Target("a time", 2.0), Target("a rate", 2.0, at_least=True)


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [(FEW, 1.9, True), (FEW, 2.1, False), (MANY, 1.9, False), (MANY, 2.0, True), (FEW, None, None)],
)
def test_outcome_says_whether_its_target_is_met(target, value, met):
    assert Outcome(target, value).met is met
    assert Outcome(target, value).as_document()["met"] is met


def test_what_was_not_measured_says_why():
    line = Outcome(MANY, None, "there is no such device").line
    assert "not measured: there is no such device" in line
    assert "met" not in line


def test_folder_is_held_against_the_network_alone(tmp_path):
    engine = OpenVINOEngine()
    model = model_of(NetworkConfig(18, classes=10))

    found = throughput(engine, model, [sample.path for sample in samples()], rounds=1)

    assert found.pictures == len(samples())
    # Which is the faster is no test's business: one round on a busy machine says nothing.
    assert found.folder > 0
    assert found.bare > 0
    assert found.ratio == pytest.approx(found.folder / found.bare)
