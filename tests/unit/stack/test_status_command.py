from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from sensorium.type.v1 import model_pb2
from sensorium_client import Model
from sensorium_client.cli import app
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.settings import StackSettings
from sensorium_client.stack.status import ServiceStatus

SERVICES = StackSettings().services


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in SERVICES:
        monkeypatch.setenv(f"{service.prefix}LISTEN", f"127.0.0.1:{free_ports(1)[0]}")


def test_a_service_that_does_not_answer_is_shown_and_told_by_the_exit_code() -> None:
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert "UNREACHABLE" in result.output
    assert "[" not in result.output


def test_the_status_as_json() -> None:
    result = CliRunner().invoke(app, ["status", "--json"])
    assert result.exit_code == 1
    document = json.loads(result.output)
    assert document["serving"] is False
    assert [service["name"] for service in document["services"]] == [service.name for service in SERVICES]


@pytest.mark.parametrize(
    ("ready", "circuit", "shown"),
    [
        (True, model_pb2.CIRCUIT_STATE_CLOSED, "net: ready"),
        (True, model_pb2.CIRCUIT_STATE_UNSPECIFIED, "net: ready"),
        (False, model_pb2.CIRCUIT_STATE_CLOSED, "net: not ready"),
        (False, model_pb2.CIRCUIT_STATE_HALF_OPEN, "net: not ready, circuit half open"),
        (False, model_pb2.CIRCUIT_STATE_OPEN, "net: not ready, circuit open"),
    ],
)
def test_a_model_that_is_refused_to_callers_is_shown(
    ready: bool, circuit: model_pb2.CircuitState, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model.from_proto(model_pb2.Model(name="net", ready=ready, circuit_state=circuit))
    statuses = [ServiceStatus("vision", "127.0.0.1:1", "SERVING" if ready else "NOT_SERVING", (model,))]
    monkeypatch.setattr("sensorium_client.stack.status.service_statuses", lambda _: statuses)
    assert CliRunner().invoke(app, ["status"]).output.splitlines()[-1].rstrip().endswith(shown)
    (service,) = json.loads(CliRunner().invoke(app, ["status", "--json"]).output)["services"]
    assert service["models"][0]["circuit"] == model.circuit.name
