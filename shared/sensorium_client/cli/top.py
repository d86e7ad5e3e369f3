"""`sensorium top`: what the stack is doing now."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("top")(top)


def top(
    interval: Annotated[float, typer.Option(min=0.1, max=3600, metavar="SECONDS", help="Time between readings.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Show what happens in one interval, and end.")] = False,
) -> None:
    """Watch services and models: calls, errors, rejections, latency, batches, queues. Ctrl-C ends it.

    Without a terminal it shows one interval. Exit code 1 if a process did not answer last, or did not let us read.
    """
    from sensorium_client import InvalidInputError, Security
    from sensorium_client.stack.settings import SettingsError, StackSettings
    from sensorium_client.stack.top import metrics_urls, watch

    try:
        urls = metrics_urls(StackSettings.load())
        whole = watch(urls, interval, once=once, security=Security.from_environment())
    except (SettingsError, InvalidInputError) as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(0 if whole else 1)
