"""`sensorium audit verify`: whether an audit log is whole."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensorium_core.audit import Head, Report

__all__ = ["register"]

audit = typer.Typer(help="Look after audit logs.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(audit, name="audit")


@audit.callback()
def _group() -> None:
    """Look after audit logs."""


@audit.command()
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of audit logs, or folders of them.")],
    key: Annotated[
        Path | None, typer.Option(envvar="SENSORIUM_AUDIT_KEY", metavar="FILE", help="The key they were made with.")
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="The oldest files are kept elsewhere.")] = False,
    head: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="A record that must be there, as a service's own log has noted it.")
    ] = "",
) -> None:
    """Find records that were removed, changed, added, moved or cut off; exit code 0 only if there are none."""
    from sensorium_core.audit import read_key
    from sensorium_core.audit import verify as check
    from sensorium_core.settings import ConfigurationError

    whole = True
    try:
        secret, expected = read_key(key) if key else None, _head(head)
        for service, (logs, heads) in _by_service(files).items():
            report = check(logs, secret, partial=partial, expected=expected, heads=heads)
            _show(service, report)
            whole = whole and not report.findings
    except ConfigurationError as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(0 if whole else 1)


def _by_service(given: Iterable[Path]) -> dict[str, tuple[list[Path], list[Path]]]:
    """The files of each service, and of folders the heads too: one without any file says that all were removed."""
    found: dict[str, tuple[list[Path], list[Path]]] = {}
    for path in given:
        for file in path.glob("*.jsonl") if path.is_dir() else [path]:
            found.setdefault(file.name.rpartition("-")[0], ([], []))[0].append(file)
        for head in path.glob("*.head") if path.is_dir() else ():
            found.setdefault(head.stem, ([], []))[1].append(head)
    if not found:
        raise typer.BadParameter("there is no audit log in it", param_hint="FILE")
    return dict(sorted(found.items()))


def _head(text: str) -> Head | None:
    from sensorium_core.audit import Head

    if not text:
        return None
    sequence, _, digest = text.partition(":")
    if not sequence.isdecimal() or not digest:
        raise typer.BadParameter(f"{text!r} is not SEQ:HASH", param_hint="--head")
    return Head(int(sequence), digest)


def _show(service: str, report: Report) -> None:
    for finding in report.findings:
        typer.echo(_printable(str(finding)))
    for remark in report.remarks:
        typer.echo(_printable(f"{remark} (no fault)"))
    state = f"{len(report.findings)} faults" if report.findings else "whole"
    head = f"{report.head.sequence}:{report.head.hash}"
    typer.echo(f"{service}: {state}, {report.records} records, head {head}")


def _printable(text: str) -> str:
    """Whoever could change a log could put into names what a terminal obeys."""
    return "".join(character if character.isprintable() else "?" for character in text)
