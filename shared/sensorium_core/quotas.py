"""What one identity may take: requests a second, bytes a minute, calls at a time."""

import time

from sensorium_core.errors import QuotaExceededError
from sensorium_core.security.policy import NO_QUOTA, Quota

_MINUTE = 60.0


class Meter:
    """How much of its quota an identity has used.

    Requests and bytes are token buckets: what is not used is saved up, to a second's worth of requests, or the quota's
    `burst`, and a minute's worth of bytes. A message may be larger than what is saved: what it takes too much is paid
    off before the next.
    """

    __slots__ = ("_bytes", "_paid", "_requests", "quota")

    def __init__(self, quota: Quota = NO_QUOTA) -> None:
        self.quota = quota
        self._requests = _most_requests(quota)
        self._bytes = float(quota.bytes_per_minute or 0)
        self._paid = time.monotonic()

    def change(self, quota: Quota) -> None:
        """Goes on with the quota of another policy; if it is another one, from its beginning."""
        if quota != self.quota:
            self._requests = _most_requests(quota)
            self._bytes = float(quota.bytes_per_minute or 0)
        self.quota = quota

    def check(self, under_way: int, typical_seconds: float) -> None:
        """Refuses one more call.

        Args:
            under_way: calls of the identity that have not ended.
            typical_seconds: how long until one of them does.

        Raises:
            QuotaExceededError: QUOTA_CONCURRENCY, QUOTA_REQUESTS or QUOTA_BYTES.
        """
        quota = self.quota
        if quota.concurrent_calls is not None and under_way >= quota.concurrent_calls:
            text = f"No more than {quota.concurrent_calls} calls of this identity may be under way."
            most = quota.concurrent_calls
            raise QuotaExceededError(text, "QUOTA_CONCURRENCY", typical_seconds, concurrent_calls=most)
        if quota.requests_per_second is None and quota.bytes_per_minute is None:
            return
        self._pay()
        if quota.requests_per_second is not None and self._requests < 1:
            text = f"This identity may make {quota.requests_per_second:g} requests a second."
            delay = (1 - self._requests) / quota.requests_per_second
            raise QuotaExceededError(text, "QUOTA_REQUESTS", delay, requests_per_second=quota.requests_per_second)
        if quota.bytes_per_minute is not None and self._bytes <= 0:
            raise self._too_many_bytes()

    def take(self, size: int) -> None:
        """Counts a call that was not refused, and the bytes of its request."""
        self._requests -= 1
        self._bytes -= size

    def receive(self, size: int) -> None:
        """Counts a message of a stream.

        Raises:
            QuotaExceededError: QUOTA_BYTES, the stream goes on far beyond the quota; its items were refused before.
        """
        if self.quota.bytes_per_minute is not None:
            self._pay()
            self._bytes -= size
            if self._bytes < -self.quota.bytes_per_minute - size:
                raise self._too_many_bytes()

    def _too_many_bytes(self) -> QuotaExceededError:
        limit = self.quota.bytes_per_minute
        assert limit is not None
        text = f"This identity may send {limit} bytes a minute."
        delay = (1 - self._bytes) * _MINUTE / limit
        return QuotaExceededError(text, "QUOTA_BYTES", delay, bytes_per_minute=limit)

    def _pay(self) -> None:
        now = time.monotonic()
        passed, self._paid = now - self._paid, now
        if self.quota.requests_per_second is not None:
            saved = self._requests + passed * self.quota.requests_per_second
            self._requests = min(saved, _most_requests(self.quota))
        if self.quota.bytes_per_minute is not None:
            limit = float(self.quota.bytes_per_minute)
            self._bytes = min(self._bytes + passed * limit / _MINUTE, limit)


def _most_requests(quota: Quota) -> float:
    return float(quota.burst or max(1.0, quota.requests_per_second or 1.0))
