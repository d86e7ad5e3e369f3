"""`sensorium up` and `sensorium down`: the whole stack on this machine."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("down")(down)


def up(
    verbose: Annotated[bool, typer.Option("--verbose", help="Print everything the processes write.")] = False,
    greeting: Annotated[bool, typer.Option(help="Send a few requests when all serves, and show the answers.")] = True,
) -> None:
    """Start Triton and the services here, wait until they serve, and keep serving until Ctrl-C."""
    from sensorium_client.stack.console import StackConsole
    from sensorium_client.stack.runner import run_stack
    from sensorium_client.stack.settings import SettingsError, StackSettings

    console = StackConsole()
    try:
        settings = StackSettings.load()
    except SettingsError as error:
        console.end(f"sensorium: {error}", "red")
        raise typer.Exit(1) from error
    raise typer.Exit(run_stack(settings, console, verbose=verbose, greet=greeting))


def down() -> None:
    """Stop the stack that `sensorium up` runs here, from another terminal."""
    from sensorium_client.stack.settings import StackSettings
    from sensorium_client.stack.state import stop

    try:
        stopped = stop(StackSettings.load().run_dir)
    except (TimeoutError, ValueError) as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo("stopped" if stopped else "no stack runs here")
