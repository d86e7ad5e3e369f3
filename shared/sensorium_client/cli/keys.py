"""`sensorium keys create|list|revoke`: the API keys of callers."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensorium_core.security.keys import KeyRecord

__all__ = ["register"]

_DAY = 86_400.0
File = Annotated[
    Path,
    typer.Option(
        "--file", envvar="SENSORIUM_KEYS_FILE", metavar="FILE", help="The file of keys; services read it as …_API_KEYS."
    ),
]
_DEFAULT = Path("build/keys.sqlite")

keys = typer.Typer(help="Make, list and revoke the API keys of callers.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whom the key is for; policies call it key:NAME.")],
    days: Annotated[float | None, typer.Option(min=0.001, help="Until it expires; without, it does not.")] = None,
    file: File = _DEFAULT,
) -> None:
    """Make a key and print it. It can never be shown again; services know it within a second."""
    from sensorium_core.security.keys import KeyFile

    with _told_plainly():
        typer.echo(KeyFile(file).create(name, None if days is None else days * _DAY))


@keys.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")] = False,
    file: File = _DEFAULT,
) -> None:
    """List the keys, without their secrets."""
    from sensorium_core.security.keys import KeyFile

    with _told_plainly():
        records = KeyFile(file).list()
    if as_json:
        for record in records:
            typer.echo(json.dumps(_document(record)))
        return
    from rich.table import Table

    from sensorium_client.stack.console import StackConsole

    table = Table("id", "name", "made", "status", box=None, padding=(0, 2, 0, 0), header_style="bold")
    for record in records:
        table.add_row(record.id, record.name, _moment(record.created), _status(record))
    StackConsole().show(table)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it: the part after sns_.")],
    file: File = _DEFAULT,
) -> None:
    """Make a key worthless. Services know it within a second, and end its open streams."""
    from sensorium_core.security.keys import KeyFile

    with _told_plainly():
        revoked = KeyFile(file).revoke(key_id)
    if not revoked:
        typer.echo(f"sensorium: {file} has no key {key_id!r} that could be revoked", err=True)
        raise typer.Exit(1)
    typer.echo(f"revoked {key_id}")


@contextmanager
def _told_plainly() -> Iterator[None]:
    from sensorium_core.settings import ConfigurationError

    try:
        yield
    except (ConfigurationError, ValueError) as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error


def _document(record: KeyRecord) -> dict[str, str | None]:
    moments = {"created": record.created, "expires": record.expires, "revoked": record.revoked}
    shown = {name: None if moment is None else _moment(moment) for name, moment in moments.items()}
    return {"id": record.id, "name": record.name, **shown}


def _status(record: KeyRecord) -> str:
    if record.revoked is not None:
        return f"revoked {_moment(record.revoked)}"
    if record.expires is None:
        return "good"
    return f"{'expired' if record.expires <= time.time() else 'good until'} {_moment(record.expires)}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
