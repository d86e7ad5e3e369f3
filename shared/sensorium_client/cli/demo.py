"""`sensorium demo`: every method on real pictures; the annotated pictures and the JSON into a folder."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from sensorium_client.stack.console import StackConsole
    from sensorium_client.stack.demo import Step

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pictures and the JSON go.")] = Path("build/demo"),
) -> None:
    """Run each method on real pictures; on the running stack or, where none runs, on one for the while."""
    from sensorium_client import SensoriumError, VisionClient
    from sensorium_client.stack.console import StackConsole
    from sensorium_client.stack.demo import run_demo
    from sensorium_client.stack.pictures import PictureError
    from sensorium_client.stack.settings import SettingsError
    from sensorium_client.stack.temporary import TemporaryStackError

    console = StackConsole()
    try:
        with _vision_address(console) as address, VisionClient(address) as client:
            steps = []
            for step in run_demo(client, out):
                steps.append(step)
                console.progress(f"{step.method} {step.picture}")
            console.progress_done()
            console.show(_table(steps))
        console.end(f"{sum(len(step.files) for step in steps)} files in {out}")
        if any(step.failed for step in steps):
            raise typer.Exit(1)
    except (SensoriumError, PictureError, SettingsError, TemporaryStackError, OSError) as error:
        console.end(f"sensorium: {error}", "red")
        raise typer.Exit(1) from error


@contextmanager
def _vision_address(console: StackConsole) -> Iterator[str]:
    from sensorium_client.stack.settings import StackSettings
    from sensorium_client.stack.state import find
    from sensorium_client.stack.temporary import temporary_stack

    def report(statuses: Mapping[str, str], elapsed: float) -> None:
        waiting = ", ".join(f"{name}: {status}" for name, status in statuses.items())
        console.progress(f"waiting for {waiting}", elapsed)

    settings = StackSettings.load()
    if (running := find(settings.run_dir)) is not None:
        yield running.services["vision"]
        return
    console.say("no stack runs here: starting one for the while")
    with temporary_stack(settings, report) as addresses:
        console.progress_done()
        yield addresses["vision"]


def _table(steps: Sequence[Step]) -> Table:
    from rich.table import Table

    table = Table("method", "picture", box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("answer", overflow="fold")
    table.add_column("ms", justify="right")
    table.columns[1].no_wrap = True
    for step in steps:
        milliseconds = "" if step.seconds is None else f"{step.seconds * 1000:.0f}"
        table.add_row(step.method, step.picture, step.answer, milliseconds)
    return table
