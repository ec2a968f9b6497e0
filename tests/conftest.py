"""For every test: no display, and nothing of the user's own is read or written."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def own_weights(tmp_path, monkeypatch):
    """Folders for fetched and imported weights of this test alone: data, torch."""
    monkeypatch.setenv("SKIPLENS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKIPLENS_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("SKIPLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
        # Hundreds of networks are compiled once each; keeping them would fill the disk.
        patch.setenv("SKIPLENS_CACHE_MEGABYTES", "0")
        patch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))
        yield
