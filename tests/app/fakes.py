"""An engine that answers at once or when it is told to, and pictures and cards for it."""

import threading

import numpy as np

from resnet_core.engines.choice import Choice
from resnet_core.engines.engine import EngineDescription
from resnet_core.networks.config import NetworkConfig, Shortcut
from resnet_core.pictures.frame import Frame
from resnet_core.weights.model import Model
from resnet_core.weights.untrained import untrained_card
from tests.app.widgets.strip_samples import explained_for

CLASSES = ("cat", "cup", "rocket", "shoe")


def card(depth=18, shortcut=Shortcut.B):
    return untrained_card(NetworkConfig(depth, shortcut), CLASSES)


def frame(name="picture.png"):
    return Frame(np.zeros((64, 64, 3), np.uint8), name)


class FakeEngine:
    """Counts what it is asked. While ``gate`` is closed, an explanation waits for it."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.explained = []
        self.passes = 0
        self.on_pass = lambda: None
        self.closed = False
        self.parts = ()

    def choose(self, wish):
        return Choice(self, "it is the only one")

    def describe(self):
        return EngineDescription("fake:cpu", "Fake CPU", "a fake", "f32", "1")

    def prepare(self, model, batch=1, *, forward_only=False):
        pass

    def explain(self, request):
        self.begun.set()
        assert self.gate.wait(20)
        self.explained.append(request)
        return explained_for(request.model.config, frame=request.frame.number)

    def logits(self, model, inputs, strengths=None):
        self.begun.set()
        assert self.gate.wait(20)
        self.passes += len(inputs)
        self.on_pass()
        logits = np.tile(np.linspace(0, 4, len(CLASSES), dtype=np.float32), (len(inputs), 1))
        logits[:, -1] -= (1 - strengths).sum(axis=1)
        return logits

    def streams(self, model, count):
        return self.parts

    def close(self):
        self.closed = True


def load_bare(catalogue, wanted):
    """In place of loading weights, which a fake engine does not need."""
    return Model(wanted, {}, wanted.name)
