"""The benchmark's own judge: it has to see a wrong map, and to find right ones right."""

from dataclasses import replace

import numpy as np
import pytest

from resnet_core.benchmark import peers
from resnet_core.benchmark.engines import agreement, compare
from resnet_core.engines.openvino.engine import OpenVINOEngine
from resnet_core.networks.config import NetworkConfig
from resnet_core.pictures.frame import Frame
from resnet_core.weights.catalogue import Catalogue


@pytest.fixture(scope="module")
def model():
    catalogue = Catalogue()
    card = catalogue.untrained(NetworkConfig(18))
    small = replace(card.preprocessing, crop=(64, 64), resize=64)
    return catalogue.load(replace(card, preprocessing=small))


@pytest.fixture(scope="module")
def engine():
    engine = OpenVINOEngine()
    yield engine
    engine.close()


def frames(count):
    pixels = np.random.default_rng(3).integers(0, 255, (count, 64, 64, 3), dtype=np.uint8)
    return [Frame(one, f"{number}") for number, one in enumerate(pixels)]


def test_the_engine_agrees_with_autograd(engine, model):
    network = peers.network_of(model)

    found = agreement(engine, model, frames(3), lambda x: peers.autograd_maps(network, x))

    assert (found.pictures, found.same_answers) == (3, 1.0)
    assert found.worst > 0.999
    assert set(found.cosines) == set(model.config.output_names)


def test_one_wrong_map_is_found_and_named(engine, model):
    network = peers.network_of(model)

    def wrong(x):
        maps, best = peers.autograd_maps(network, x)
        activation, gradient, *cams = maps[4]
        maps[4] = (activation, gradient[::-1].copy(), *cams)
        return maps, best

    found = agreement(engine, model, frames(2), wrong)

    assert found.lowest[0] == model.config.output_names[4]
    assert found.lowest[1] < 0.999


def test_another_answer_is_counted(engine, model):
    network = peers.network_of(model)

    def wrong(x):
        maps, best = peers.autograd_maps(network, x)
        return maps, (best + 1) % model.config.classes

    assert agreement(engine, model, frames(2), wrong).same_answers == 0


def test_every_way_is_timed_against_the_first_forward_pass(engine, model):
    frame = frames(1)[0]
    network = peers.network_of(model)
    inputs = np.zeros((1, 3, 64, 64), np.float32)
    others = peers.torch_ways(network, inputs) | peers.peer_ways(network, inputs)

    rows = compare([engine], model, frame, rounds=1, others=others)

    assert rows[0].way == "openvino:cpu forward"
    assert rows[0].ratio == 1
    assert {row.way for row in rows} > set(others)
    assert all(row.timing.median > 0 for row in rows)
