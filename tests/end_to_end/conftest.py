"""The real window, offscreen, with real weights and the real engine."""

import numpy as np
import pytest
from PIL import Image

from app.shell.wiring import Shell
from app.theme import ThemeWish, theme

PATIENCE_MS = 20_000


@pytest.fixture
def shell(plain_shell):
    return plain_shell


@pytest.fixture
def plain_shell(qtbot, tmp_path):
    made = Shell(tmp_path / "settings.json")
    theme().wish = ThemeWish.LIGHT
    qtbot.addWidget(made.window)
    made.window.show()
    made.start()
    yield made
    made.window.close()
    made.wait()


@pytest.fixture
def coffee():
    from resnet_core.pictures.samples import samples

    return next(sample.path for sample in samples() if sample.name == "coffee")


@pytest.fixture
def noise(tmp_path):
    """A picture that nobody has seen before."""
    path = tmp_path / "rauschen-шум-雑音.png"
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path
