from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensorium.type.v1 import model_pb2
from sensorium_client import Model
from sensorium_client.cli import app, models
from sensorium_client.stack.status import ServiceStatus
from sensorium_models.updates import RolledBackError


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


@pytest.mark.parametrize("arguments", [["promote", "echo", "1"], ["rollback", "echo"]])
def test_without_a_triton_nothing_is_updated(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSORIUM_TRITON_REPOSITORIES", str(tmp_path / "models"))
    monkeypatch.setattr("sensorium_client.stack.status.service_statuses", lambda _: [])
    result = CliRunner().invoke(app, ["models", *arguments])
    assert (result.exit_code, result.output) == (
        1,
        f"sensorium: {tmp_path}/models has no model echo (MODEL_UNKNOWN)\n",
    )
    (tmp_path / "models" / "one" / "echo" / "1").mkdir(parents=True)
    (tmp_path / "models" / "one" / "echo" / "config.pbtxt").write_text('name: "echo"\n')
    result = CliRunner().invoke(app, ["models", *arguments])
    assert result.exit_code == 1
    assert "no Triton runs here" in result.output
    assert result.output.endswith("(TRITON_UNAVAILABLE)\n")


def test_the_exit_code_tells_a_rollback_from_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **given: object) -> None:
        assert given["watch"] == 1.5
        raise RolledBackError("version 2 has failed, version 1 answers again: INTERNAL", "ROLLED_BACK")

    monkeypatch.setattr("sensorium_models.updates.promote", fails)
    monkeypatch.setattr("sensorium_client.stack.status.service_statuses", lambda _: [])
    result = CliRunner().invoke(app, ["models", "promote", "echo", "2", "--watch", "1.5"])
    text = "sensorium: version 2 has failed, version 1 answers again: INTERNAL (ROLLED_BACK)\n"
    assert (result.exit_code, result.output) == (3, text)


def test_a_service_that_says_for_long_that_the_model_is_not_ready_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = [True]
    monkeypatch.setattr(models, "_FALTERING_S", 0.0)

    def statuses(_: object) -> list[ServiceStatus]:
        model = Model.from_proto(model_pb2.Model(name="echo", ready=ready[0]))
        return [ServiceStatus("vision", "127.0.0.1:1", "SERVING", (model,))]

    monkeypatch.setattr("sensorium_client.stack.status.service_statuses", statuses)
    well, of_another = models._health("echo"), models._health("other")
    assert well()
    ready[0] = False
    assert not well()
    assert of_another()
