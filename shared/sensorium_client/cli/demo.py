"""`sensorium demo`: every method of every service on real inputs; what comes of them into a folder."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from sensorium_client.stack.console import StackConsole
    from sensorium_client.stack.showcases import Step

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the answers go.")] = Path("build/demo"),
) -> None:
    """Run each method on real inputs; on the running stack or, where none runs, on one for the while."""
    from sensorium_client import SensoriumError
    from sensorium_client.stack.console import StackConsole
    from sensorium_client.stack.pictures import PictureError
    from sensorium_client.stack.settings import SettingsError
    from sensorium_client.stack.temporary import TemporaryStackError

    console = StackConsole()
    steps: list[Step] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _addresses(console) as addresses:
            for name, address in addresses.items():
                steps += _show(console, name, address, out)
        console.end(f"{sum(len(step.files) for step in steps)} files in {out}")
        if any(step.failed for step in steps):
            raise typer.Exit(1)
    except (SensoriumError, PictureError, SettingsError, TemporaryStackError, OSError) as error:
        console.end(f"sensorium: {error}", "red")
        raise typer.Exit(1) from error


def _show(console: StackConsole, service: str, address: str, out: Path) -> list[Step]:
    from sensorium_client.stack.showcases import showcase

    shown, steps = showcase(service), []
    for step in shown.demo(address, out):
        steps.append(step)
        console.progress(f"{step.method} {step.subject}")
    console.progress_done()
    console.show(_table(shown.subject, steps))
    return steps


@contextmanager
def _addresses(console: StackConsole) -> Iterator[Mapping[str, str]]:
    from sensorium_client.stack.settings import StackSettings
    from sensorium_client.stack.state import find
    from sensorium_client.stack.temporary import temporary_stack

    def report(statuses: Mapping[str, str], elapsed: float) -> None:
        waiting = ", ".join(f"{name}: {status}" for name, status in statuses.items())
        console.progress(f"waiting for {waiting}", elapsed)

    settings = StackSettings.load()
    if (running := find(settings.run_dir)) is not None:
        yield running.services
        return
    console.say("no stack runs here: starting one for the while")
    with temporary_stack(settings, report) as addresses:
        console.progress_done()
        yield addresses


def _table(subject: str, steps: Iterable[Step]) -> Table:
    from rich.table import Table

    table = Table("method", subject, box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("answer", overflow="fold")
    table.add_column("ms", justify="right")
    table.columns[1].no_wrap = True
    for step in steps:
        milliseconds = "" if step.seconds is None else f"{step.seconds * 1000:.0f}"
        table.add_row(step.method, step.subject, step.answer, milliseconds)
    return table
