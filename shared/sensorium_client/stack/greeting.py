"""What a person sees when the stack serves: real requests and their answers, where everything is, what to type next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.table import Table

from sensorium_client import SensoriumError, VisionClient
from sensorium_client.stack.pictures import encode
from sensorium_client.stack.samples import sample
from sensorium_client.stack.state import RunningStack
from sensorium_client.stack.summaries import AnyResult, summary

__all__ = ["Answer", "answers", "endpoints", "table"]

_DEADLINE = 20.0


@dataclass(frozen=True)
class Answer:
    """One request and what came back."""

    picture: str
    asked: str
    answer: str
    seconds: float


def answers(vision: str) -> Iterator[Answer]:
    """Send a request of each kind to the vision service at an address, each answered before the next is sent.

    Raises:
        PictureError: The pictures cannot be made here.
    """
    with VisionClient(vision) as client:
        for name, asked, ask in _REQUESTS:
            data = encode(sample(name))
            start = time.perf_counter()
            try:
                answer = summary(ask(client, data))
            except SensoriumError as error:
                answer = f"failed: {error}"
            yield Answer(name, asked, answer, time.perf_counter() - start)


def table(rows: list[Answer]) -> Table:
    """The answers, readable."""
    result = Table("picture", "asked", box=None, padding=(0, 2, 0, 0), header_style="bold")
    result.add_column("answer", overflow="fold")
    result.add_column("ms", justify="right")
    for row in rows:
        result.add_row(row.picture, row.asked, row.answer, f"{row.seconds * 1000:.0f}")
    return result


def endpoints(stack: RunningStack) -> Table:
    """Where everything is."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, address in stack.services.items():
        grid.add_row(f"{name}", f"gRPC {address}", f"metrics {stack.metrics[name]}")
    grid.add_row("triton", f"gRPC {stack.triton}", "")
    grid.add_row("logs", stack.logs, "")
    return grid


_REQUESTS: tuple[tuple[str, str, Callable[[VisionClient, bytes], AnyResult]], ...] = (
    ("coffee", "classify", lambda client, data: client.classify(data, deadline=_DEADLINE)),
    ("chelsea", "classify", lambda client, data: client.classify(data, deadline=_DEADLINE)),
    ("nameplate", "read text", lambda client, data: client.read_text(data, deadline=_DEADLINE)),
    ("qr-code", "read codes", lambda client, data: client.read_codes(data, deadline=_DEADLINE)),
)
