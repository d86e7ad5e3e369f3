"""What health says of each service, all the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sensorium_client.stack.health import SERVING, check
from sensorium_client.stack.settings import Endpoint

_PAUSE = 0.1


@dataclass
class HealthWatch:
    """The changes of health: monotonic time, service, status."""

    changes: list[tuple[float, str, str]] = field(default_factory=list)
    now: dict[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def all_serve(self) -> bool:
        """Whether all say SERVING."""
        return all(status == SERVING for status in self.now.values())

    def first_trouble(self, since: float) -> float | None:
        """Seconds after a moment at which the first service said, or showed, that it does not serve."""
        return next((at - since for at, _, status in self.changes if at >= since and status != SERVING), None)

    def last_change(self, since: float) -> float | None:
        """Seconds after a moment of the last change."""
        return max((at - since for at, _, _ in self.changes if at >= since), default=None)

    def watch(self, endpoint: Endpoint) -> None:
        """Note the changes of one service until the end."""
        while not self.ended.wait(_PAUSE):
            status = check(endpoint)
            if status != self.now.get(endpoint.name):
                self.now[endpoint.name] = status
                self.changes.append((time.monotonic(), endpoint.name, status))


@contextmanager
def health_watch(addresses: Mapping[str, str], names: Mapping[str, str]) -> Iterator[HealthWatch]:
    """Watch the services at these addresses, which health knows by these names."""
    seen = HealthWatch()
    threads = [
        threading.Thread(target=seen.watch, args=(Endpoint(service, address, names[service]),), daemon=True)
        for service, address in addresses.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        seen.ended.set()
        for thread in threads:
            thread.join()
