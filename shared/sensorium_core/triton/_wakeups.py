"""Wakes Triton's dynamic batcher, which can sleep through requests.

A model whose queue has a policy (timeouts, a bound, priorities) is handed requests only while an instance of it waits
for work. In release 24.10, and others, a request that comes while all instances are busy wakes nobody: not when it
comes, and not when one of them is free again. It lies there until the next request comes, or for half a second. Two
requests a few milliseconds apart are enough. (`DynamicBatchScheduler::Enqueue` and `WaitForPayloadSlotAvailable` in
https://github.com/triton-inference-server/core; what it looks like from outside:
https://github.com/triton-inference-server/server/issues/8870.)

So where an answer is followed by no further request although some wait, and where an answer is later than usual, a
request is sent that can do nothing but wake the batcher: its time is up when it is looked at.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType

SETTLING = 0.001
"""Seconds from an answer until its instance surely waits for work again, on a machine that is not overloaded."""

# How long a request may take before it is suspected to lie asleep: this, and a multiple of the quickest of late.
_LEAST_PATIENCE = 0.005
_PATIENCE_FACTOR = 2.0
_MOST_PATIENCE = 0.25
# The quickest answer of late is forgotten by this much with each answer.
_FORGETTING = 1.02


class Waker:
    """Watches the requests to one model.

    Args:
        nudge: sends a request that wakes the batcher; returns at once.
        loop: whose time counts.
    """

    def __init__(self, nudge: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        self._nudge = nudge
        self._loop = loop
        self._under_way = 0
        self._sent = self._answered = self._nudged = float("-inf")
        self._quickest = _LEAST_PATIENCE
        self._in_vain = 0
        self._timer: asyncio.Handle | None = None
        self._due = float("inf")

    def request(self) -> "_Request":
        """Stands around a request, from its sending to its answer; a context manager."""
        return _Request(self)

    def begin(self) -> float:
        """Notes that a request is sent, and gives the moment."""
        self._sent = self._loop.time()
        self._under_way += 1
        self._look_within(self._patience)
        return self._sent

    def end(self, began: float, *, answered: bool) -> None:
        """Notes that the request that began then has ended."""
        self._under_way -= 1
        if answered:
            self._note_answer(began)

    @property
    def _patience(self) -> float:
        usual = _LEAST_PATIENCE + _PATIENCE_FACTOR * self._quickest
        return min(usual * 2.0**self._in_vain, max(usual, _MOST_PATIENCE))

    def _note_answer(self, start: float) -> None:
        self._answered = self._loop.time()
        self._quickest = min(self._quickest * _FORGETTING, self._answered - start)
        self._in_vain = 0
        if self._under_way:
            self._look_within(SETTLING)

    def _look_within(self, seconds: float) -> None:
        if self._timer is not None:
            if self._due <= self._loop.time() + seconds:
                return
            self._timer.cancel()
        self._due = self._loop.time() + seconds  # uvloop's handle of a timer that is due at once does not know it
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._under_way:
            return
        now = self._loop.time()
        freed = self._answered > max(self._sent, self._nudged)
        quiet = now - max(self._sent, self._answered, self._nudged)
        if freed or quiet >= self._patience:
            self._in_vain += not freed
            self._nudged, quiet = now, 0.0
            self._nudge()
        self._look_within(max(SETTLING, self._patience - quiet))


class _Request:
    # A generator would cost each request three times as much.
    __slots__ = ("_began", "_waker")

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def __enter__(self) -> None:
        self._began = self._waker.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waker.end(self._began, answered=kind is None)
