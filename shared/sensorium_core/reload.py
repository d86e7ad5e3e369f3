"""Values that follow files: certificates, policies, keys. A file that is wrong leaves the value as it was."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from sensorium_core.telemetry import Metrics

T = TypeVar("T")
Signature = tuple[tuple[int, int, int] | None, ...]
_log = structlog.get_logger("reload")


class ConfigurationError(Exception):
    """A file that the settings name cannot be used; the message says why to whoever runs the service."""


class Reloaded(Generic[T]):
    """A value read from files, and read anew when they change.

    Making one reads the files, and raises what `load` raises. After that nothing is raised: a change that cannot be
    used is reported, by the log and by `sensorium_reload_failures_total`, and tried again until it can.

    Attributes:
        value: what was read last, whole; it may be used from any thread.
        generation: how often it was read.

    Args:
        what: names the value in log and metrics, such as `certificate`.
        files: what to watch.
        load: reads them; it may raise ConfigurationError or OSError, and may block.
        metrics: counts reloads and failures.
    """

    def __init__(self, what: str, files: Sequence[Path], load: Callable[[], T], metrics: Metrics) -> None:
        self.what = what
        self._files = tuple(files)
        self._load = load
        self._metrics = metrics
        self._seen = self._signature()
        self._failing: Signature | None = None
        self.value = load()
        self.generation = 1
        self._changed: list[Callable[[], None]] = []

    def on_change(self, tell: Callable[[], None]) -> None:
        """Calls `tell` after each reload, in the event loop that `watch` runs in."""
        self._changed.append(tell)

    async def watch(self, interval: float) -> None:
        """Looks at the files every `interval` seconds, in a thread, until cancelled."""
        while True:
            await asyncio.sleep(interval)
            if await asyncio.to_thread(self.look):
                for tell in self._changed:
                    tell()

    def look(self) -> bool:
        """Reads the files if they have changed; whether there is a new value."""
        signature = self._signature()
        if signature == self._seen:
            return False
        try:
            value = self._load()
        except (ConfigurationError, OSError) as error:
            # Several files are not replaced in one moment: only what stays wrong is worth a word.
            if signature == self._failing:
                self._report(error)
                self._seen = signature
            self._failing = signature
            return False
        self._seen, self._failing = signature, None
        self.value = value
        self.generation += 1
        self._metrics.reloads.labels(self.what).inc()
        self._metrics.reload_failing.labels(self.what).set(0)
        _log.info("reloaded", what=self.what, generation=self.generation)
        return True

    def _report(self, error: Exception) -> None:
        self._metrics.reload_failures.labels(self.what).inc()
        self._metrics.reload_failing.labels(self.what).set(1)
        _log.error("not reloaded; what was there before stays in use", what=self.what, problem=str(error))

    def _signature(self) -> Signature:
        return tuple(_state(file) for file in self._files)


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
