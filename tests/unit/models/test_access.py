"""The launcher lets its own user's commands change the models, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorium_models.embedded.access import Access, read_access
from sensorium_models.embedded.settings import TritonSettings

ACCESS = Access("127.0.0.1:8001", "secret", "sensorium-1-")


@pytest.fixture
def settings(tmp_path: Path) -> TritonSettings:
    return TritonSettings(repositories=tmp_path / "models")


def test_it_is_there_for_its_user_while_the_server_runs(settings: TritonSettings, tmp_path: Path) -> None:
    assert read_access(settings) is None
    with ACCESS.shared(settings):
        assert read_access(settings) == ACCESS
        (file,) = (tmp_path / "run").iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
    assert read_access(settings) is None


def test_a_new_start_replaces_what_a_killed_launcher_left(settings: TritonSettings, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("triton.json", "triton.json.new"):
        (tmp_path / "run" / name).write_text("{")
    assert read_access(settings) is None
    with ACCESS.shared(settings):
        assert read_access(settings) == ACCESS


def test_without_a_place_for_it_the_server_runs_all_the_same(settings: TritonSettings, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with ACCESS.shared(settings):
        assert read_access(settings) is None
