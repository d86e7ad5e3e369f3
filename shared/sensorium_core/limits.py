"""Bounds on what a service takes in, so that overload is answered at once and memory stays bounded.

Admission, which has a module of its own, counts requests and turns away what is too much before any work; the memory
budget makes admitted requests wait, in their order, until what they decode has room; the executor bounds decoding
threads and their backlog.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from sensorium_core.admission import Admission
from sensorium_core.call import Stage, current_call, deadline_scope
from sensorium_core.errors import DeadlineExceededError, OverloadedError
from sensorium_core.telemetry import Metrics

__all__ = ["Admission", "BoundedExecutor", "MemoryBudget"]

P = ParamSpec("P")
R = TypeVar("R")


class MemoryBudget:
    """Bytes that decoded inputs may hold together. Requests wait for their part in the order they came.

    A request for more than the whole budget is served alone.
    """

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Waits until `size` bytes have room and holds them for the block.

        Raises:
            DeadlineExceededError: the current call's deadline passed first.
        """
        await self._acquire(size)
        try:
            yield
        finally:
            self._release(size)

    async def _acquire(self, size: int) -> None:
        if not self._waiting and self._fits(size):
            self._take(size)
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (size, place)
        self._waiting.append(entry)
        try:
            async with deadline_scope(current_call()):
                await place
        except BaseException as error:  # the deadline has passed, before the wait or in it, or the call was cancelled
            self._give_up(entry)
            if isinstance(error, TimeoutError):
                raise DeadlineExceededError from error
            raise

    def _give_up(self, entry: tuple[int, asyncio.Future[None]]) -> None:
        size, place = entry
        if place.done() and not place.cancelled():
            self._release(size)  # room was given in the moment the wait ended
        elif entry in self._waiting:
            self._waiting.remove(entry)
            self._admit()

    def _fits(self, size: int) -> bool:
        return self._held == 0 or self._held + size <= self._limit

    def _take(self, size: int) -> None:
        self._held += size
        self._metrics.in_flight_bytes.set(self._held)

    def _release(self, size: int) -> None:
        self._held -= size
        self._metrics.in_flight_bytes.set(self._held)
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, place = self._waiting.popleft()
            if not place.done():
                self._take(size)
                place.set_result(None)


class BoundedExecutor:
    """Threads for work that would block the event loop: decoding, resizing, drawing contours. A context manager.

    Args:
        threads: jobs that run at the same time.
        backlog: jobs that may wait for a thread; one more is rejected.
    """

    def __init__(self, threads: int, backlog: int, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sensorium-work")
        self._limit = threads + backlog
        self._depth = 0
        self._metrics = metrics

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def run(self, stage: Stage, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the function in a thread and adds the time, waiting included, to the stage of the current call.

        A cancelled job that has not begun never runs; one that has keeps its place until it ends.

        Raises:
            OverloadedError: too many jobs wait already.
        """
        if self._depth >= self._limit:
            self._metrics.rejected.labels("executor").inc()
            raise OverloadedError("Too many inputs wait to be decoded.")
        self._change(1)
        job = self._pool.submit(function, *args, **kwargs)
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        # One wake-up of the loop a job: each costs as much as a small job itself.
        job.add_done_callback(lambda _: _call_soon(loop, self._end, ended))
        try:
            with current_call().measure(stage):
                await ended
        except asyncio.CancelledError:
            job.cancel()
            raise
        return job.result()

    @staticmethod
    def run_here(stage: Stage, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the function at once, for work that takes less than the way to a thread and back: some 20 µs."""
        with current_call().measure(stage):
            return function(*args, **kwargs)

    def _end(self, ended: "asyncio.Future[None]") -> None:
        self._change(-1)
        if not ended.done():
            ended.set_result(None)

    def _change(self, by: int) -> None:
        self._depth += by
        self._metrics.executor_depth.set(self._depth)


def _call_soon(
    loop: asyncio.AbstractEventLoop, function: "Callable[[asyncio.Future[None]], None]", ended: "asyncio.Future[None]"
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, ended)
