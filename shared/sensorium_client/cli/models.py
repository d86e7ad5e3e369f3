"""`sensorium models build|list|check|import|promote|rollback`: the Triton model repositories of this checkout."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensorium_models.updates import Place

__all__ = ["register"]

_FALTERING_S = 5.0

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAMES]...", help="Only these models.", show_default=False)]

models = typer.Typer(help="Build, list, check, import and update models.", no_args_is_help=True)


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


_Triton = Annotated[
    str,
    typer.Option(
        "--triton",
        metavar="HOST:PORT",
        help="A Triton that is not the embedded one but reads the same repository, in explicit model control mode; "
        "SENSORIUM_TRITON_ADMIN_KEY holds the key of its repository methods, if they have one.",
        show_default=False,
    ),
]


@models.command()
def promote(
    model: Annotated[str, typer.Argument(help="The model that is to have another version.", show_default=False)],
    candidate: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER|VERSION",
            help="A model folder as Triton has it, the folder of a version, a model.onnx, or a version that is there.",
            show_default=False,
        ),
    ],
    *,
    tolerance: Annotated[
        float | None,
        typer.Option(min=0, help="How far its numbers may be from those that are served.", show_default="the recipe's"),
    ] = None,
    agreement: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Instead: the share of decisions that must stay, for a model that was trained anew; the scores of the "
            "recipe must be reached as well.",
            show_default=False,
        ),
    ] = None,
    watch: Annotated[float, typer.Option(min=0, help="Seconds to watch it while it answers callers.")] = 5.0,
    without_records: Annotated[
        bool, typer.Option("--without-records", help="Also if there is nothing to try it on but its own canary.")
    ] = False,
    triton: _Triton = "",
) -> None:
    """Load another version beside the one that serves, try it on recorded requests, and have it serve.

    Calls in flight end on the version that they began on. Exit code 1: it was refused, and no caller has met it. 3: it
    failed while it was watched, and the version before answers again.
    """
    with _updating():
        from sensorium_models.updates import Rules
        from sensorium_models.updates import promote as promote_version

        promote_version(
            Path.cwd(),
            _place(triton),
            model,
            candidate,
            Rules(tolerance, agreement),
            watch=watch,
            without_records=without_records,
            healthy=_health(model),
            report=typer.echo,
        )


@models.command()
def rollback(
    model: Annotated[str, typer.Argument(help="The model.", show_default=False)], triton: _Triton = ""
) -> None:
    """Have the version before the one that serves answer again; calls in flight end on the one that they began on."""
    with _updating():
        from sensorium_models.updates import rollback as roll_back

        roll_back(Path.cwd(), _place(triton), model, report=typer.echo)


@contextmanager
def _updating() -> Iterator[None]:
    with _told_plainly():
        import logging

        import structlog

        from sensorium_models.updates import RolledBackError

        # What Triton says of a candidate is told by the command itself.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            yield
        except RolledBackError as error:
            typer.echo(f"sensorium: {error}", err=True)
            raise typer.Exit(3) from error


def _place(triton: str) -> Place:
    from sensorium_models.embedded.access import Access
    from sensorium_models.embedded.settings import TritonSettings
    from sensorium_models.updates import Place

    other = Access(triton, os.environ.get("SENSORIUM_TRITON_ADMIN_KEY", "")) if triton else None
    return Place(TritonSettings(), other)


def _health(model: str) -> Callable[[], bool]:
    """Whether every service that says now that the model is ready still does; one that is busy may falter."""
    from sensorium_client.stack.settings import StackSettings
    from sensorium_client.stack.status import services_with

    settings = StackSettings.load()
    before = services_with(settings, model)

    def well() -> bool:
        end = time.monotonic() + _FALTERING_S
        while not before <= services_with(settings, model):
            if time.monotonic() >= end:
                return False
            time.sleep(0.5)
        return True

    return well


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
