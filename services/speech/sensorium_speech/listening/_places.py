"""How many streams and sessions there may be at a time."""

from collections.abc import Callable

from prometheus_client import Gauge

from sensorium_core.errors import OverloadedError
from sensorium_core.telemetry import Metrics

_RETRY_SECONDS = 2.0


class Places:
    """Places for streams and sessions together: each holds one for as long as it lasts."""

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._taken = 0
        self._gauge = Gauge("sensorium_open_streams", "Streams and sessions.", registry=metrics.registry)

    @property
    def taken(self) -> int:
        """Places that are held now."""
        return self._taken

    def take(self) -> Callable[[], None]:
        """Takes a place; gives what releases it again, which is to be called once.

        Raises:
            OverloadedError: all places are taken.
        """
        if self._taken >= self._limit:
            self._metrics.rejected.labels("streams").inc()
            raise OverloadedError("The service has as many streams as it takes.", retry_delay=_RETRY_SECONDS)
        self._change(1)
        return lambda: self._change(-1)

    def _change(self, by: int) -> None:
        self._taken += by
        self._gauge.set(self._taken)
