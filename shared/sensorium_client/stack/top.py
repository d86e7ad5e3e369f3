"""What `sensorium top` shows: services, models, queues, batches, latency, rejections."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sensorium_client._security import Security
from sensorium_client.stack.readings import Change, Reading, read
from sensorium_client.stack.settings import TRITON, StackSettings, connectable
from sensorium_client.stack.state import find

__all__ = ["ModelRow", "ServiceRow", "frame", "metrics_urls", "model_rows", "read_all", "service_row", "watch"]

_HANDLED = "grpc_server_handled_total"
_SECONDS = "grpc_server_handling_seconds"
_OURS = "sensorium."
_WIDTH_IN_FILES = 120

Readings = Mapping[str, Reading | None]


@dataclass(frozen=True)
class ServiceRow:
    """A service; calls and times are those since the reading before, times in seconds, NaN without calls."""

    name: str
    calls: float
    failed: float
    rejected: float
    median: float
    p99: float
    in_flight: int
    waiting: int


@dataclass(frozen=True)
class ModelRow:
    """A model as a service uses it; `queue` and `compute` are seconds of a request, mean; `pending` is in Triton."""

    service: str
    name: str
    ready: bool
    requests: float
    batch: float
    queue: float
    compute: float
    p99: float
    pending: int


def metrics_urls(settings: StackSettings) -> dict[str, str]:
    """Where each process of the stack is read: the one that runs here, else as the settings say."""
    running = find(settings.run_dir)
    services = running.metrics if running else {each.name: each.metrics_url for each in settings.services}
    triton = connectable(f"{settings.triton.host}:{settings.triton.metrics_port}")
    return {**services, TRITON: f"http://{triton}/metrics"}


def read_all(urls: Mapping[str, str], security: Security | None = None) -> dict[str, Reading | None]:
    """A reading of each process; None of those that do not answer.

    Raises:
        InvalidInputError: what says who we are cannot be used, or must not be sent there.
    """
    return {name: read(url, security if name != TRITON else None) for name, url in urls.items()}


def service_row(name: str, change: Change) -> ServiceRow:
    """A service between two readings of it."""
    handled = [labels for labels, _ in change.now.matching(_HANDLED)]
    own = [labels for labels in handled if labels["grpc_service"].startswith(_OURS)]
    served = own[0]["grpc_service"] if own else ""
    return ServiceRow(
        name,
        sum(change.rate(_HANDLED, **labels) for labels in own),
        sum(change.rate(_HANDLED, **labels) for labels in own if labels["grpc_code"] != "OK"),
        change.rate("sensorium_rejected_total"),
        change.quantile(0.5, _SECONDS, grpc_service=served, grpc_type="unary"),
        change.quantile(0.99, _SECONDS, grpc_service=served, grpc_type="unary"),
        int(change.now.total("sensorium_in_flight_requests")),
        int(change.now.total("sensorium_waiting_requests")),
    )


def model_rows(service: str, change: Change, triton: Reading | None) -> list[ModelRow]:
    """The models of a service between two readings of it."""
    names = sorted(labels["model"] for labels, _ in change.now.matching("sensorium_model_ready"))
    return [_model_row(service, name, change, triton) for name in names]


def _model_row(service: str, name: str, change: Change, triton: Reading | None) -> ModelRow:
    requests = change.growth("sensorium_triton_request_seconds_count", model=name)
    queue = change.growth("sensorium_triton_queue_seconds_total", model=name)
    compute = change.growth("sensorium_triton_compute_seconds_total", model=name)
    return ModelRow(
        service,
        name,
        change.now.total("sensorium_model_ready", model=name) > 0,
        change.rate("sensorium_triton_request_seconds_count", model=name),
        change.mean("sensorium_triton_batch_size", model=name),
        queue / requests if requests else math.nan,
        compute / requests if requests else math.nan,
        change.quantile(0.99, "sensorium_triton_request_seconds", model=name),
        int(triton.total("nv_inference_pending_request_count", model=name)) if triton else 0,
    )


def frame(before: Readings, now: Readings) -> Group:
    """What is shown: a table of the processes and one of their models."""
    services = _table(
        "service", "state", "calls/s", "failed/s", "rejected/s", "p50 ms", "p99 ms", "in flight", "waiting"
    )
    models = _table("model", "state", "requests/s", "batch", "queue ms", "compute ms", "p99 ms", "pending")
    triton = now.get(TRITON)
    for name, reading in now.items():
        earlier = before.get(name)
        if reading is None:
            services.add_row(name, Text("no answer", "red"))
        elif not reading.allowed:
            services.add_row(name, Text("refused", "red"))
        elif name == TRITON or earlier is None or not earlier.allowed:
            services.add_row(name, Text("answers", "green"))
        else:
            change = Change(earlier, reading)
            services.add_row(*_service_cells(service_row(name, change)))
            for row in model_rows(name, change, triton):
                models.add_row(*_model_cells(row))
    return Group(services, "", models)


def watch(
    urls: Mapping[str, str],
    interval: float,
    *,
    once: bool,
    console: Console | None = None,
    security: Security | None = None,
) -> bool:
    """Shows frames until Ctrl-C, or one; whether all processes answered last, and let us read.

    Args:
        urls: where each process is read.
        interval: seconds between readings.
        once: show one frame and end; so it is without a terminal too.
        console: standard output by default.
        security: how services are believed, and who reads.

    Raises:
        InvalidInputError: what says who we are cannot be used, or must not be sent there.
    """
    read_now = partial(read_all, urls, security)
    console = console or Console(highlight=False)
    if once or not console.is_terminal:
        if not console.is_terminal:
            console.width = _WIDTH_IN_FILES
        now = _next_frame(read_now, interval, read_now(), console.print)
    else:
        now = _watch_live(read_now, interval, console)
    return all(reading is not None and reading.allowed for reading in now.values())


def _watch_live(read_now: Callable[[], Readings], interval: float, console: Console) -> Readings:
    now = read_now()
    try:
        with Live(frame(now, now), console=console, screen=True, auto_refresh=False) as live:
            while True:
                now = _next_frame(read_now, interval, now, lambda shown: live.update(shown, refresh=True))
    except KeyboardInterrupt:
        return now


def _next_frame(
    read_now: Callable[[], Readings], interval: float, before: Readings, show: Callable[[Group], None]
) -> Readings:
    time.sleep(interval)
    now = read_now()
    show(frame(before, now))
    return now


def _service_cells(row: ServiceRow) -> tuple[str | Text, ...]:
    rates = (_number(row.calls), _alarming(row.failed), _alarming(row.rejected))
    times = (_milliseconds(row.median), _milliseconds(row.p99))
    return (row.name, Text("answers", "green"), *rates, *times, str(row.in_flight), str(row.waiting))


def _model_cells(row: ModelRow) -> tuple[str | Text, ...]:
    state = Text("ready", "green") if row.ready else Text("not ready", "red")
    times = (_milliseconds(row.queue), _milliseconds(row.compute), _milliseconds(row.p99))
    return (f"{row.service}/{row.name}", state, _number(row.requests), _number(row.batch), *times, str(row.pending))


def _table(first: str, second: str, *numbers: str) -> Table:
    table = Table(first, second, box=None, padding=(0, 2, 0, 0), header_style="bold")
    for header in numbers:
        table.add_column(header, justify="right")
    return table


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}"


def _alarming(value: float) -> Text:
    return Text(_number(value), "red" if value > 0 else "")


def _milliseconds(seconds: float) -> str:
    return _number(seconds * 1000)
