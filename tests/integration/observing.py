"""What can be seen of a running service from outside."""

from pathlib import Path
from urllib.request import urlopen

from integration.conftest import Stack


def in_flight(stack: Stack) -> float:
    """Requests that the vision service has admitted and not finished."""
    return metric(stack, "sensorium_in_flight_requests")


def metric(stack: Stack, name: str) -> float:
    """Sum of a metric over its label sets."""
    with urlopen(f"http://127.0.0.1:{stack.metrics_port}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    wanted = [line for line in lines if line.startswith((f"{name} ", f"{name}{{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in wanted)


def resident_bytes(stack: Stack) -> int:
    """Memory that the vision service holds."""
    pages = Path(f"/proc/{stack.processes['vision'].pid}/statm").read_text().split()[1]
    return int(pages) * 4096
