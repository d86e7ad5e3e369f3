"""When to try a call again: a sans-io object that the sync and the async client both drive."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sensorium_client._errors import OverloadedError, SensoriumError, UnavailableError


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how fast a failed call is repeated.

    gRPC's own retries hold at most 256 KiB of a request back for another attempt, which is less than most
    pictures, so they are switched off and this policy stands in their place. Methods that only read are safe to
    repeat; those that change something, such as phrase sets, are not repeated.
    """

    max_attempts: int = 4
    """Attempts in all, the first included; 1 switches retries off."""
    first_delay: float = 0.1
    """Seconds before the second attempt."""
    multiplier: float = 2.0
    """Each further delay is this many times the one before."""
    max_delay: float = 5.0
    """No delay of our own choice is longer, in seconds; a delay that the server asks for may be."""
    jitter: float = 0.25
    """Each delay is made longer by a random share of up to this, so that callers do not return in step."""


_SHORTEST_ATTEMPT = 0.001  # seconds; with less time left another attempt is not worth its while
NO_RETRIES = RetryPolicy(max_attempts=1)


class Attempts:
    """The attempts of one call: how long each may take, and what follows a failed one."""

    def __init__(
        self,
        policy: RetryPolicy,
        deadline: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Start the clock of the call.

        Args:
            policy: the policy to follow.
            deadline: seconds from now until which the last attempt must have ended.
            clock: seconds of a clock that never goes back.
            chance: a number of at least 0 and below 1.
        """
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._end = clock() + deadline
        self._failures = 0

    def remaining(self) -> float:
        """Seconds that an attempt beginning now may take, 0 or more."""
        return max(0.0, self._end - self._clock())

    def succeeded(self) -> None:
        """Forget the failures so far: the server has answered, and what follows is counted anew."""
        self._failures = 0

    def delay_after(self, error: SensoriumError) -> float | None:
        """Seconds to wait before the next attempt, or None to give up with this error."""
        self._failures += 1
        wanted = self._wanted_delay(error)
        if wanted is None or self._failures >= self._policy.max_attempts:
            return None
        delay = wanted * (1.0 + self._policy.jitter * self._chance())
        return delay if delay + _SHORTEST_ATTEMPT <= self.remaining() else None

    def _wanted_delay(self, error: SensoriumError) -> float | None:
        if isinstance(error, OverloadedError):
            return error.retry_delay  # without one, the service does not want to see the request again
        if isinstance(error, UnavailableError):
            return self._backoff() if error.retry_delay is None else error.retry_delay
        return None

    def _backoff(self) -> float:
        doublings = min(self._failures - 1, 32)  # far beyond max_delay, and safe from float overflow
        grown = self._policy.first_delay * self._policy.multiplier**doublings
        return min(grown, self._policy.max_delay)
