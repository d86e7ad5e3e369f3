"""What a person sees when the stack serves: real requests and their answers, where everything is, what to type next."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from sensorium_client.stack.showcases import Answer, showcase
from sensorium_client.stack.state import RunningStack

__all__ = ["answers", "endpoints", "hints"]


def answers(service: str, address: str) -> Table:
    """Send a request of each kind to a service and show the answers.

    Raises:
        PictureError: The pictures cannot be made here.
    """
    shown = showcase(service)
    return _table(shown.subject, shown.greet(address))


def endpoints(stack: RunningStack) -> Table:
    """Where everything is."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, address in stack.services.items():
        grid.add_row(f"{name}", f"gRPC {address}", f"metrics {stack.metrics[name]}")
    grid.add_row("triton", f"gRPC {stack.triton}", "")
    grid.add_row("logs", stack.logs, "")
    return grid


def hints(stack: RunningStack) -> str:
    """What to type next, for each service."""
    return ", or ".join(f".venv/bin/sensorium {showcase(name).hint}" for name in stack.services)


def _table(subject: str, rows: Iterable[Answer]) -> Table:
    result = Table(subject, "asked", box=None, padding=(0, 2, 0, 0), header_style="bold")
    result.add_column("answer", overflow="fold")
    result.add_column("ms", justify="right")
    for row in rows:
        result.add_row(row.subject, row.asked, row.answer, f"{row.seconds * 1000:.0f}")
    return result
