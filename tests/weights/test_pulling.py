"""Downloads against a real server that behaves as badly as servers do."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resnet_core.errors import WeightsError
from resnet_core.weights.fetching import Cancelled, Patience
from resnet_core.weights.published import published_cards
from resnet_core.weights.pulling import pull
from resnet_core.weights.records import recorded_sha256
from tests.weights import servers
from tests.weights.servers import serving

CONTENTS = np.random.default_rng(5).bytes(700_000)
NAME = f"resnet18-{hashlib.sha256(CONTENTS).hexdigest()[:8]}.pth"
QUICK = Patience(connect=2.0, read=0.3, waits=(0.01, 0.01, 0.01))


@pytest.fixture(autouse=True)
def empty_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    for variable in ("SKIPLENS_WEIGHTS_MIRROR", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "published"


def card_of(server):
    return replace(published_cards()[0], file=NAME, url=f"{server.address}/models/{NAME}")


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_file_arrives_whole_and_its_checksum_is_recorded(folder):
    with serving(CONTENTS) as server:
        seen = []
        path = pull(card_of(server), folder, report=seen.append, patience=QUICK)

    assert path == folder / NAME
    assert path.read_bytes() == CONTENTS
    assert recorded_sha256(path) == hashlib.sha256(CONTENTS).hexdigest()
    assert seen[-1].done == seen[-1].total == len(CONTENTS)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert seen[-1].bytes_per_second > 0
    assert left_in(folder) == [NAME, f"{NAME}.sha256.json"]


@pytest.mark.parametrize(
    "behaviour",
    [
        servers.dies_in_the_middle,
        servers.stalls_in_the_middle,
        servers.stalls_at_once,
        servers.promises_too_much,
        servers.promises_too_little,
        servers.tells_no_length,
        servers.sends_wrong_bytes,
        servers.redirects,
        servers.is_busy,
    ],
    ids=lambda behaviour: behaviour.__name__,
)
def test_one_misbehaviour_is_overcome(folder, behaviour):
    with serving(CONTENTS, behaviour) as server:
        path = pull(card_of(server), folder, patience=QUICK)

    assert path.read_bytes() == CONTENTS
    assert left_in(folder) == [NAME, f"{NAME}.sha256.json"]


def test_break_is_resumed_and_not_begun_anew(folder):
    with serving(CONTENTS, servers.dies_in_the_middle) as server:
        pull(card_of(server), folder, patience=QUICK)

        assert server.requests[1]["Range"] == f"bytes={len(CONTENTS) // 2}-"
        assert server.requests[1]["If-Range"] == '"first"'


@pytest.mark.parametrize("second", [servers.ignores_ranges, servers.well])
def test_changed_file_and_server_without_ranges_begin_anew(folder, second):
    with serving(CONTENTS, servers.dies_in_the_middle, second) as server:

        def change(transfer):
            server.etag = '"second"'

        path = pull(card_of(server), folder, report=change, patience=QUICK)

    assert path.read_bytes() == CONTENTS


def test_next_pull_goes_on_where_a_cancelled_one_stopped(folder):
    cancelled = threading.Event()
    with serving(CONTENTS, servers.stalls_in_the_middle) as server:
        card = card_of(server)
        started = time.monotonic()
        with pytest.raises(Cancelled, match="what came so far is kept"):
            pull(
                card,
                folder,
                report=lambda transfer: cancelled.set(),
                cancelled=cancelled,
                patience=Patience(read=60),
            )
        assert time.monotonic() - started < 2
        held = (folder / f"{NAME}.part").stat().st_size
        assert 0 < held <= len(CONTENTS) // 2

        path = pull(card, folder, patience=QUICK)

        assert server.requests[-1]["Range"] == f"bytes={held}-"
    assert path.read_bytes() == CONTENTS


@pytest.mark.parametrize(
    ("behaviours", "sentence"),
    [
        ([servers.has_no_such_file], "the server answered 404"),
        ([servers.redirects_forever], "redirects"),
        ([servers.is_busy] * 4, "the server answered 503"),
        ([servers.stalls_at_once] * 4, "stopped sending"),
        ([servers.sends_wrong_bytes] * 2, "is not that file"),
    ],
)
def test_lasting_failure_ends_in_one_sentence_and_no_file(folder, behaviours, sentence):
    with serving(CONTENTS, *behaviours) as server, pytest.raises(WeightsError) as failure:
        pull(card_of(server), folder, patience=QUICK)

    assert sentence in str(failure.value)
    assert NAME not in left_in(folder)


def test_no_server_at_all_is_told(folder):
    with serving(CONTENTS) as server:
        card = card_of(server)

    with pytest.raises(WeightsError, match="could not be fetched from"):
        pull(card, folder, patience=QUICK)


def test_damaged_file_in_the_cache_is_fetched_anew(folder):
    with serving(CONTENTS) as server:
        card = card_of(server)
        path = pull(card, folder, patience=QUICK)
        path.write_bytes(b"x" + CONTENTS[1:])

        assert pull(card, folder, patience=QUICK).read_bytes() == CONTENTS
        assert len(server.requests) == 2


def test_good_file_in_the_cache_is_not_fetched_again(folder):
    with serving(CONTENTS) as server:
        card = card_of(server)
        folder.mkdir()
        (folder / NAME).write_bytes(CONTENTS)

        assert pull(card, folder) == folder / NAME
        assert server.requests == []
    assert recorded_sha256(folder / NAME) is not None


def test_torch_hub_cache_is_used_where_it_is(folder, tmp_path):
    hub = tmp_path / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    (hub / NAME).write_bytes(CONTENTS)
    with serving(CONTENTS) as server:
        assert pull(card_of(server), folder) == hub / NAME
        (hub / NAME).write_bytes(b"damaged")

        assert pull(card_of(server), folder, patience=QUICK) == folder / NAME
    assert (hub / NAME).read_bytes() == b"damaged", "torch's own cache is not ours to change"


def test_mirror_may_be_an_address_or_a_folder(folder, tmp_path, monkeypatch):
    with serving(CONTENTS) as server:
        card = replace(card_of(server), url="https://nowhere.invalid/models/" + NAME)
        pull(card, folder, mirror=f"{server.address}/mirror/", patience=QUICK)
        assert server.requests[0]["path"] == f"/mirror/{NAME}"
    shutil.rmtree(folder)
    local = tmp_path / "stick"
    local.mkdir()
    monkeypatch.setenv("SKIPLENS_WEIGHTS_MIRROR", str(local))
    with pytest.raises(WeightsError, match=f"has no {NAME}"):
        pull(card, folder)
    (local / NAME).write_bytes(CONTENTS)

    assert pull(card, folder).read_bytes() == CONTENTS


def test_proxy_of_the_environment_is_used(folder, monkeypatch):
    with serving(CONTENTS) as server:
        monkeypatch.setenv("http_proxy", server.address)
        card = replace(card_of(server), url=f"http://publisher.invalid/{NAME}")

        assert pull(card, folder, patience=QUICK).read_bytes() == CONTENTS
        assert server.requests[0]["path"] == f"http://publisher.invalid/{NAME}"


def test_full_disk_is_told_before_anything_is_written(folder, monkeypatch):
    usage = shutil.disk_usage(folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with serving(CONTENTS) as server, pytest.raises(WeightsError, match="make room"):
        pull(card_of(server), folder, patience=QUICK)

    assert left_in(folder) == []


def test_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with serving(CONTENTS) as server, pytest.raises(WeightsError, match="cannot be stored"):
        pull(card_of(server), tmp_path / "file" / "published", patience=QUICK)


@pytest.mark.parametrize("name", ["../outside.pth", "", "a/b.pth", "..\\outside.pth"])
def test_names_that_lead_out_of_the_cache_are_refused(folder, name):
    card = replace(published_cards()[0], file=name)

    with pytest.raises(WeightsError, match="tells no published file"):
        pull(card, folder)


PULL_IN_ANOTHER_PROCESS = """
import sys
from dataclasses import replace
from pathlib import Path
from resnet_core.weights.published import published_cards
from resnet_core.weights.pulling import pull
card = replace(published_cards()[0], file=sys.argv[1], url=sys.argv[2])
print(pull(card, Path(sys.argv[3])))
"""


def test_two_processes_fetch_it_once(folder):
    with serving(CONTENTS, servers.stalls_in_the_middle) as server:
        card = card_of(server)
        words = [sys.executable, "-c", PULL_IN_ANOTHER_PROCESS, NAME, card.url, str(folder)]
        started = threading.Event()
        first = threading.Thread(
            target=lambda: pull(
                card,
                folder,
                report=lambda transfer: started.set(),
                patience=Patience(read=3, waits=(0.01,)),
            )
        )
        first.start()
        assert started.wait(5)
        second = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
        first.join()

        assert Path(second.stdout.strip()).read_bytes() == CONTENTS
        assert len(server.requests) == 2, "one that broke off, and the rest of it"
