"""Drives the sync and the async client in the same way, so that one test serves for both."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from sensorium_client import AsyncVisionClient, VisionClient
from sensorium_client._aio import AsyncClient
from sensorium_client._retry import Attempts
from sensorium_client._sync import SyncClient
from unit.client.scripted import Script

T = TypeVar("T")
Serve = Callable[[Script], str]
Clients = tuple[type[SyncClient], type[AsyncClient]]


class Loop:
    """An event loop in a thread of its own, for servers and for the async client."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


class FakeTime:
    """A clock that moves only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


class Driver:
    """Calls either client in the same way."""

    def __init__(
        self, kind: str, loop: Loop, time: FakeTime, clients: Clients = (VisionClient, AsyncVisionClient)
    ) -> None:
        self.kind = kind
        self.clients = clients
        self.loop = loop
        self.time = time
        self.client: Any = None

    def connect(self, address: Any, **settings: Any) -> Driver:
        self.close()
        self.client = self.clients[self.kind == "aio"](address, **settings)
        self.client.attempts_factory = functools.partial(Attempts, clock=self.time.clock, chance=lambda: 0.0)
        self.client.sleep = self.time.sleep if self.kind == "sync" else self.time.sleep_async
        return self

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.done(getattr(self.client, method)(*args, **kwargs))

    def done(self, answer: Any) -> Any:
        """What a method of either client, or of what it has given, comes to."""
        return answer if self.kind == "sync" else self.loop.run(answer)

    def stream(self, items: Any, *args: Any, into: list[Any] | None = None, **kwargs: Any) -> list[Any]:
        """All results; they are also put into `into`, one by one."""
        return self.all_of(self.client.annotate_stream(items, *args, **kwargs), into)

    def all_of(self, results: Any, into: list[Any] | None = None) -> list[Any]:
        """All results of a stream; they are also put into `into`, one by one."""
        into = [] if into is None else into
        if self.kind == "aio":
            self.loop.run(_collect(results, into))
        else:
            for result in results:
                into.append(result)  # so that it is there when the next one raises
        return into

    def close(self) -> None:
        if self.client is not None:
            closed = self.client.close()
            if closed is not None:
                self.loop.run(closed)
        self.client = None


async def _collect(results: AsyncIterator[T], into: list[T]) -> None:
    async for result in results:
        into.append(result)  # noqa: PERF401  # so that it is there when the next one raises
