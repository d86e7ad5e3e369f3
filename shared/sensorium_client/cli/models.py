"""`sensorium models build|list|check|import`: the Triton model repositories of this checkout."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAMES]...", help="Only these models.", show_default=False)]

models = typer.Typer(help="Build, list, check and import models.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(models, name="models")


@models.command()
def build(names: Names = None) -> None:
    """Build the models that are not yet built from their present recipes."""
    with _told_plainly():
        from sensorium_models.build import build_all

        if not build_all(Path.cwd(), names or None, report=typer.echo):
            _no_recipes()


@models.command("list")
def list_() -> None:
    """List the models of this checkout, and whether they are built."""
    from rich.table import Table

    from sensorium_client.stack.console import StackConsole

    with _told_plainly():
        from sensorium_models.build import list_models

        entries = list_models(Path.cwd())
    if not entries:
        _no_recipes()
    table = Table("service", "model", "for", "MB", "licence", box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.columns[3].justify = "right"
    table.add_column("source", overflow="fold")
    for entry in entries:
        size = f"{entry.size_bytes / 1e6:.1f}" if entry.current else "not built"
        table.add_row(entry.service, entry.name, entry.capability, size, entry.license, entry.source)
    StackConsole().show(table)


@models.command()
def check(
    names: Names = None,
    triton_address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Compare what this Triton serves; default: the built files.", show_default=False
        ),
    ] = None,
) -> None:
    """Compare each model with the source its weights came from, on real pictures and texts, and measure its scores."""
    with _told_plainly():
        from sensorium_models.check import check_all

        results = check_all(Path.cwd(), triton_address, names or None, report=typer.echo)
    if not results:
        _no_recipes()
    failed = [result.model for result in results if not result.passed]
    if failed:
        typer.echo(f"sensorium: not as it should be: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


@models.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="config.json, safetensors and tokenizer files.")],
    name: Annotated[str, typer.Option(help="Of the model; by default the folder's.", show_default=False)] = "",
    service: Annotated[str, typer.Option(help="Which service is to use it.")] = "text",
    languages: Annotated[
        str,
        typer.Option(
            metavar="CODES",
            help="That it knows, as `zh,en`, the default first: `en` for a text model that knows English only; a "
            "Whisper tells by itself, other networks that hear do not.",
            show_default=False,
        ),
    ] = "",
    compact: Annotated[bool, typer.Option(help="Whisper: 8-bit numbers in the decoder, smaller and faster.")] = False,
) -> None:
    """Make a served model of a local Hugging Face folder.

    For text: embedding, classification of texts or of tokens. For speech: Whisper, and networks of connectionist
    temporal classification (wav2vec 2.0, HuBERT, WavLM). Reads safetensors only, runs no code of the folder, uses no
    network.
    """
    with _told_plainly():
        from sensorium_models.importing import import_model

        codes = [code.strip() for code in languages.split(",") if code.strip()]
        done = import_model(Path.cwd(), folder, name=name, service=service, languages=codes, compact=compact)
    longest = f"{done.max_tokens} tokens" if done.max_tokens else f"{done.max_seconds:g} s"
    size = f"{done.size_bytes / 1e6:.1f} MB"
    typer.echo(
        f"{done.model.name}: imported to {done.capability}, {size}, up to {longest}, equals its source to "
        f"{done.error:.1g}; served from the next `sensorium up` on"
    )


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        from sensorium_models.errors import ModelError
    except ImportError as error:
        typer.echo(f"sensorium: the model tools are not installed ({error}): pip install 'sensorium[models]'", err=True)
        raise typer.Exit(1) from error
    try:
        yield
    except ModelError as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error


def _no_recipes() -> None:
    typer.echo("sensorium: there are no models here: run this in Sensorium's checkout", err=True)
    raise typer.Exit(1)
