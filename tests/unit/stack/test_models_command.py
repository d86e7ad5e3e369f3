from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensorium_client.cli import app


@pytest.mark.parametrize("command", ["build", "list", "check"])
def test_outside_a_checkout_it_says_so(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["models", command])
    assert result.exit_code == 1
    assert result.output == "sensorium: there are no models here: run this in Sensorium's checkout\n"


@pytest.mark.parametrize("command", ["build", "check"])
def test_an_unknown_model_is_told(command: str) -> None:
    result = CliRunner().invoke(app, ["models", command, "no_such_model"])
    assert result.exit_code == 1
    assert "no model is called no_such_model" in result.output


def test_the_list_names_every_model(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[3]
    monkeypatch.chdir(root)
    result = CliRunner().invoke(app, ["models", "list"])
    assert result.exit_code == 0
    for recipe in root.glob("services/*/models/*/recipe.py"):
        assert recipe.parent.name in result.output


def test_a_folder_that_cannot_be_imported_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    result = CliRunner().invoke(app, ["models", "import", str(tmp_path / "nothing"), "--name", "no_such_model"])
    assert result.exit_code == 1
    assert result.output == f"sensorium: {tmp_path}/nothing is no folder\n"
