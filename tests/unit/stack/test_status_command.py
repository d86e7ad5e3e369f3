from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from sensorium_client.cli import app
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.settings import StackSettings

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
