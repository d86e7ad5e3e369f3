"""`sensorium status`: exit code 0 only while everything configured serves."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from sensorium_client import Model
    from sensorium_client.stack.status import ServiceStatus

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say whether everything configured serves, with the models; exit code 0 only if so."""
    from sensorium_client.stack.settings import SettingsError, StackSettings
    from sensorium_client.stack.status import service_statuses

    try:
        statuses = service_statuses(StackSettings.load())
    except SettingsError as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(_document(statuses))
    else:
        from sensorium_client.stack.console import StackConsole

        StackConsole().show(_table(statuses))
    raise typer.Exit(0 if all(service.serving for service in statuses) else 1)


def _document(statuses: Sequence[ServiceStatus]) -> str:
    services = [
        {
            "name": service.name,
            "address": service.address,
            "status": service.status,
            "models": [
                {
                    "name": model.name,
                    "versions": [version.version for version in model.versions if version.ready],
                    "ready": model.ready,
                    "circuit": model.circuit.name,
                }
                for model in service.models
            ],
        }
        for service in statuses
    ]
    return json.dumps({"serving": all(service.serving for service in statuses), "services": services})


def _table(statuses: Sequence[ServiceStatus]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("service", "address", "status", "models", box=None, padding=(0, 2, 0, 0), header_style="bold")
    for service in statuses:
        models = [f"{model.name}: {_state(model)}" for model in service.models]
        status = Text(service.status, "green" if service.serving else "red")
        table.add_row(service.name, service.address, status, "\n".join(models) or "-")
    return table


def _state(model: Model) -> str:
    if model.circuit.name in {"OPEN", "HALF_OPEN"}:
        return f"not ready, circuit {model.circuit.name.lower().replace('_', ' ')}"
    return "ready" if model.ready else "not ready"
