"""The Weights page with real files, a real server and the real engine."""

import hashlib
import os

import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from torch import nn

from app.weights_states import Stage
from resnet_core.networks.config import NetworkConfig, Shortcut, StridePlacement
from resnet_core.networks.modules import build
from resnet_core.weights.card import Provenance
from resnet_core.weights.fetching import Patience
from resnet_core.weights.published import published_cards
from tests.end_to_end.conftest import PATIENCE_MS
from tests.end_to_end.test_window import drop, wait_for_answer
from tests.weights import servers
from tests.weights.servers import serving

PUBLISHED = "resnet18-B-imagenet1k-v1"


@pytest.fixture
def shell(own_weights, plain_shell):
    """The window with a data folder of its own."""
    return plain_shell


@pytest.fixture
def page(shell):
    shell.window.show_page("weights")
    return shell.window.weights


def click(qtbot, button):
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def stage(page, name):
    return page.row(name).state.stage


def test_page_lists_everything_and_tells_what_it_is(qtbot, shell, page):
    names = [row.card.name for row in page.rows]
    assert names[0] == "resnet18-B-tiny-imagenet"
    assert names[-1].startswith("untrained")
    assert stage(page, names[0]) is Stage.IN_USE
    assert stage(page, PUBLISHED) is Stage.ABSENT
    assert "right first time 55.1 %" in page.row(names[0]).accessibleName()
    assert page.details.facts["Right within five"] == "79.6 %"
    assert len(page.details.curve.points) > 20
    qtbot.waitUntil(lambda: page.details.facts["Checksum"] == "matches", timeout=PATIENCE_MS)

    qtbot.keyClicks(page.details.search, "espre")
    assert page.details.chips.shown == ("espresso",)
    qtbot.mouseClick(page.row(PUBLISHED), Qt.MouseButton.LeftButton)
    assert page.details.facts["Parameters"] == "11.7 M"
    assert not page.details.explore.isEnabled()
    qtbot.keyClick(shell.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shell.window.page == "explore"


def test_published_weights_are_fetched_used_and_removed(
    qtbot, shell, page, coffee, tmp_path, monkeypatch
):
    path = tmp_path / "file.pth"
    torch.save(build(published_cards()[0].network, seed=3).state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for module in ("pulling", "catalogue"):
        monkeypatch.setattr(f"resnet_core.weights.{module}.sha256_prefix", lambda name: digest[:8])
    quick = Patience(connect=2, read=30, waits=(0.01,))
    monkeypatch.setattr("resnet_core.weights.pulling._PATIENCE", quick)
    row = page.row(PUBLISHED)
    misbehaviour = (servers.is_busy, servers.is_busy, servers.stalls_in_the_middle)
    with serving(path.read_bytes(), *misbehaviour) as server:
        monkeypatch.setenv("SKIPLENS_WEIGHTS_MIRROR", server.address)

        click(qtbot, row.get)
        qtbot.waitUntil(lambda: row.state.stage is Stage.BROKEN_OFF, timeout=PATIENCE_MS)
        assert "broken off" in row.second.text()
        assert "503" in row.second.toolTip()

        click(qtbot, row.again)
        qtbot.waitUntil(lambda: row.size_label.text() in ("49 %", "50 %"), timeout=PATIENCE_MS)
        click(qtbot, row.cancel)
        qtbot.waitUntil(lambda: row.state.stage is Stage.ABSENT, timeout=PATIENCE_MS)

        click(qtbot, row.get)
        qtbot.waitUntil(lambda: stage(page, PUBLISHED) is Stage.HERE, timeout=PATIENCE_MS)
        assert "Range" in server.requests[-1] or "range" in server.requests[-1]

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    shell.window.show_page("weights")
    wait_for_answer(qtbot, shell, lambda: click(qtbot, page.row(PUBLISHED).use))
    assert shell.window.page == "explore"
    assert shell.window.top_bar.weights.text() == "ImageNet-1k V1"
    assert "published by torchvision" in shell.window.top_bar.weights.toolTip()
    shell.window.show_page("weights")
    click(qtbot, page.row("resnet18-B-tiny-imagenet").use)
    shell.window.show_page("weights")
    click(qtbot, page.row(PUBLISHED).bin)
    assert stage(page, PUBLISHED) is Stage.HERE, "it asks once"
    click(qtbot, page.row(PUBLISHED).sure)
    qtbot.waitUntil(lambda: stage(page, PUBLISHED) is Stage.ABSENT, timeout=PATIENCE_MS)


def test_dropped_checkpoint_opens_as_what_it_is(qtbot, shell, coffee, tmp_path):
    config = NetworkConfig(34, Shortcut.C, classes=3)
    state = nn.DataParallel(build(config, seed=1)).state_dict()
    torch.save({"epoch": 9, "state_dict": state}, tmp_path / "flowers.pth")
    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, tmp_path / "flowers.pth"))

    card = shell.controller.card
    assert card.network == config
    assert card.provenance is Provenance.YOURS
    assert shell.window.top_bar.weights.text() == "flowers.pth"
    assert "your own file" in shell.window.top_bar.weights.toolTip()
    assert {row.name for row in shell.window.explore.answers.bars.rows} == {
        "class 0",
        "class 1",
        "class 2",
    }


def test_malicious_pickle_does_nothing_but_raise_the_refusal(qtbot, shell, tmp_path):
    trace = tmp_path / "trace"

    class Attack:
        def __reduce__(self):
            return os.system, (f"touch {trace}",)

    torch.save({"state_dict": Attack()}, tmp_path / "evil.pth")

    with qtbot.waitSignal(shell.weights.failed, timeout=PATIENCE_MS):
        drop(shell.window, tmp_path / "evil.pth")

    assert "evil.pth is refused" in shell.window.weights.notice.sentence
    assert shell.window.page == "weights"
    assert not trace.exists()
    assert shell.controller.card == shell.catalogue.default()


def test_what_tensors_cannot_tell_is_asked_on_the_page(qtbot, shell, tmp_path):
    network = build(NetworkConfig(18, Shortcut.NONE, classes=2))
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    with qtbot.waitSignal(shell.weights.asked, timeout=PATIENCE_MS):
        drop(shell.window, tmp_path / "mine.pth")
    notice = shell.window.weights.notice
    assert "Which is it?" in notice.sentence

    with qtbot.waitSignal(shell.weights.card_chosen, timeout=PATIENCE_MS):
        click(qtbot, notice.choices[1])

    assert shell.controller.card.network.shortcut is Shortcut.NONE
    assert notice.sentence == ""


def test_stride_placement_of_bottlenecks_is_asked_for(qtbot, shell, tmp_path):
    torch.save(build(NetworkConfig(50, classes=2)).state_dict(), tmp_path / "mine.pth")
    with qtbot.waitSignal(shell.weights.asked, timeout=PATIENCE_MS):
        drop(shell.window, tmp_path / "mine.pth")
    choice = shell.window.weights.notice.choices[1]
    assert choice.text() == "v1, the paper's"

    with qtbot.waitSignal(shell.weights.card_chosen, timeout=PATIENCE_MS):
        click(qtbot, choice)

    assert shell.controller.card.network.stride is StridePlacement.V1


def test_own_weights_are_measured_on_labelled_pictures(qtbot, shell, page, tmp_path):
    torch.save(build(NetworkConfig(18, classes=2)).state_dict(), tmp_path / "mine.pth")
    with qtbot.waitSignal(shell.weights.card_chosen, timeout=PATIENCE_MS):
        drop(shell.window, tmp_path / "mine.pth")
    for number in range(2):
        (tmp_path / "data" / str(number)).mkdir(parents=True)
        Image.new("RGB", (64, 64)).save(tmp_path / "data" / str(number) / "black.png")

    shell.weights.measure("mine", tmp_path / "data")

    qtbot.waitUntil(lambda: page.details.facts["Measured on"] == "2 pictures", timeout=PATIENCE_MS)
    assert page.row("mine").accuracy.words == "50.0 %"
    assert page.row("mine").measure.isHidden()

    shell.weights.measure("mine", tmp_path / "gone")
    qtbot.waitUntil(lambda: "no folder" in page.notice.sentence, timeout=PATIENCE_MS)


def test_keys_change_nothing_on_a_page_that_is_not_on_show(qtbot, shell, page, coffee):
    block = shell.controller.block
    qtbot.keyClick(shell.window, Qt.Key.Key_Left)
    qtbot.keyClick(shell.window, Qt.Key.Key_L)
    assert shell.controller.block == block
    assert page.row(PUBLISHED).get.isVisible()

    wait_for_answer(qtbot, shell, lambda: drop(shell.window, coffee))
    assert shell.window.page == "explore", "a picture is shown where it can be seen"
    qtbot.keyClick(shell.window, Qt.Key.Key_Left)
    assert shell.controller.block != block


def test_closing_while_a_server_stalls_takes_less_than_a_second(qtbot, shell, page, monkeypatch):
    with serving(b"x" * 10_000, servers.stalls_in_the_middle) as server:
        monkeypatch.setenv("SKIPLENS_WEIGHTS_MIRROR", server.address)
        click(qtbot, page.row(PUBLISHED).get)
        qtbot.waitUntil(lambda: page.row(PUBLISHED).state.share is not None, timeout=PATIENCE_MS)

        shell.weights.finish()

        assert all(worker.wait(1000) for worker in shell.weights.workers)
