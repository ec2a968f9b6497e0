"""What is remembered, and what is done about nonsense."""

import json
import logging

from app.shell.settings import Settings, read_settings, write_settings


def test_settings_survive_writing_and_reading(tmp_path):
    settings = Settings(theme="dark", zoom=1.3, opacity=0.2, recent=("/a.png", "/b.png"))

    write_settings(settings, tmp_path / "folder" / "settings.json")

    assert read_settings(tmp_path / "folder" / "settings.json") == settings


def test_bad_value_gives_its_default_and_a_sentence_and_the_rest_stays(tmp_path, caplog):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "pink", "zoom": 40, "opacity": 0.3, "unknown": 1}))

    with caplog.at_level(logging.WARNING):
        settings = read_settings(path)

    assert settings == Settings(opacity=0.3)
    assert "theme is not 'pink'" in caplog.text
    assert "zoom is not 40" in caplog.text


def test_file_that_is_not_json_gives_the_defaults(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("[1, 2")

    assert read_settings(path) == Settings()
    path.write_text("[1, 2]")
    assert read_settings(path) == Settings()


def test_folder_that_cannot_be_written_costs_only_the_memory(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")

    with caplog.at_level(logging.WARNING):
        write_settings(Settings(), tmp_path / "file" / "settings.json")

    assert "cannot be kept" in caplog.text
