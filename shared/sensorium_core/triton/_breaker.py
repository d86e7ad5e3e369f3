"""A circuit breaker per model: what cannot be answered now is refused at once, and the other models go on.

After Nygard, Release It! (2007). Its trial requests are the canaries of the health, never a caller's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

import structlog

from sensorium_core.errors import DeadlineExceededError, InternalError, SensoriumError, UnavailableError
from sensorium_core.telemetry import Metrics

# A call that had less time says more of its caller than of the model.
_FAIR_SECONDS = 2.0

_log = structlog.get_logger("triton")


class CircuitState(IntEnum):
    """What becomes of requests for a model; the values are those of `sensorium_circuit_state`."""

    CLOSED = 0
    """They are sent."""
    HALF_OPEN = 1
    """They are refused, while a canary finds out whether the model answers again."""
    OPEN = 2
    """They are refused."""


class CircuitOpenError(UnavailableError):
    """The model has failed again and again, and is not asked until a canary has succeeded."""

    def __init__(self, model: str) -> None:
        text = f"The model {model!r} has stopped answering; it is asked again as soon as it works."
        super().__init__(text, reason="MODEL_CIRCUIT_OPEN")


class CircuitBreaker:
    """The circuit breaker of one model.

    Args:
        model: its name, for errors, metrics and logs.
        failures: calls that must fail in a row before it opens.
        opened: is called when it opens, so that a canary is sent soon.
        metrics: where its state is shown.
    """

    def __init__(self, model: str, failures: int, opened: Callable[[], None], metrics: Metrics) -> None:
        self.state = CircuitState.CLOSED
        self._model = model
        self._limit = failures
        self._opened = opened
        self._failures = 0
        self._shown = metrics.circuit_state.labels(model)
        self._openings = metrics.circuit_opened.labels(model)

    @property
    def closed(self) -> bool:
        """Whether requests are sent."""
        return self.state is CircuitState.CLOSED

    def check(self) -> None:
        """Lets a request pass.

        Raises:
            CircuitOpenError: it is not to be sent.
        """
        if not self.closed:
            raise CircuitOpenError(self._model)

    def failed(self, error: SensoriumError, allowed: float) -> None:
        """Takes note of a call's failure.

        A full queue is none of the model's; neither is a timeout where the call was `allowed` less than two seconds.
        """
        late = isinstance(error, DeadlineExceededError) and allowed >= _FAIR_SECONDS
        if late or isinstance(error, UnavailableError | InternalError):
            self._failures += 1
            if self._failures >= self._limit:
                self.open(error.reason)

    def close(self) -> None:
        """Takes note that the model has answered."""
        self._failures = 0
        if not self.closed:
            self._set(CircuitState.CLOSED)
            _log.info("circuit closed", model=self._model)

    def open(self, reason: str) -> None:
        """Refuses requests from now on; `reason` is that of the newest failure."""
        if self.closed:
            self._set(CircuitState.OPEN)
            self._openings.inc()
            _log.warning("circuit open", model=self._model, reason=reason, failures=self._failures)
            self._opened()

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Is half open, where it was open, while a canary is under way; `close` says that it has succeeded."""
        if not self.closed:
            self._set(CircuitState.HALF_OPEN)
        try:
            yield
        finally:
            if not self.closed:
                self._set(CircuitState.OPEN)

    def _set(self, state: CircuitState) -> None:
        self.state = state
        self._shown.set(state)
