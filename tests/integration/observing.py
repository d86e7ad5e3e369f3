"""What can be seen of a running service from outside."""

from pathlib import Path
from urllib.request import urlopen

from integration.conftest import Stack


def in_flight(stack: Stack, service: str) -> float:
    """Requests that a service has admitted and not finished."""
    return metric(stack, service, "sensorium_in_flight_requests")


def metric(stack: Stack, service: str, name: str) -> float:
    """Sum of a metric over its label sets."""
    with urlopen(f"http://127.0.0.1:{stack.metrics_ports[service]}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    wanted = [line for line in lines if line.startswith((f"{name} ", f"{name}{{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in wanted)


def resident_bytes(stack: Stack, service: str) -> int:
    """Memory that a service holds."""
    pages = Path(f"/proc/{stack.processes[service].pid}/statm").read_text().split()[1]
    return int(pages) * 4096
