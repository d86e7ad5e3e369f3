"""Callers who do not wait for each other: requests at the moments of a Poisson process, from a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import grpc
import uvloop

_OPTIONS = (("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))


@dataclass(frozen=True)
class Method:
    """What is called: its full name, a request as bytes, and the seconds that a caller waits at most."""

    name: str
    request: bytes
    deadline: float


@dataclass
class Seen:
    """What the callers have seen.

    Attributes:
        seconds: how long it lasted.
        codes: how many calls ended with which status.
        taken: milliseconds of those that were answered.
        cpu: processor seconds that the callers themselves have used.
    """

    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)
    cpu: float = 0.0


class Callers:
    """A process with one channel to a service; a context manager.

    Args:
        address: of the service.
        method: what is called.
    """

    def __init__(self, address: str, method: Method) -> None:
        context = multiprocessing.get_context("spawn")
        self._way, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(address, method, theirs), daemon=True)

    def __enter__(self) -> Callers:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._way.send(None)
        self._process.join()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def closed(self, callers: int, seconds: float) -> Seen:
        """So many callers, each of whom calls again when it has its answer."""
        return self._do("closed", callers, seconds)

    def open(self, rate: float, seconds: float) -> Seen:
        """Callers at `rate` requests a second, whatever becomes of them."""
        return self._do("open", rate, seconds)

    def _do(self, *order: Any) -> Seen:
        self._way.send(order)
        seen = self._way.recv()
        assert isinstance(seen, Seen)
        return seen


def _serve(address: str, method: Method, way: Any) -> None:
    uvloop.run(_obey(address, method, way))


async def _obey(address: str, method: Method, way: Any) -> None:
    loop = asyncio.get_running_loop()
    async with grpc.aio.insecure_channel(address, _OPTIONS) as channel:
        caller = _Caller(channel.unary_unary(method.name), method)
        while (order := await loop.run_in_executor(None, way.recv)) is not None:
            kind, number, seconds = order
            caller.seen = Seen()
            cpu, start = time.process_time(), time.monotonic()
            await (caller.closed(number, seconds) if kind == "closed" else caller.open(number, seconds))
            caller.seen.seconds, caller.seen.cpu = time.monotonic() - start, time.process_time() - cpu
            way.send(caller.seen)


class _Caller:
    def __init__(self, stub: Any, method: Method) -> None:
        self._stub = stub
        self._method = method
        self.seen = Seen()

    async def closed(self, callers: int, seconds: float) -> None:
        end = time.monotonic() + seconds

        async def again() -> None:
            while time.monotonic() < end:
                await self._call()

        await asyncio.gather(*(again() for _ in range(callers)))

    async def open(self, rate: float, seconds: float) -> None:
        moment = time.monotonic()
        end, calls = moment + seconds, set[asyncio.Task[None]]()
        while moment < end:
            await asyncio.sleep(moment - time.monotonic())  # late ones are sent at once: nobody waits for the service
            task = asyncio.create_task(self._call())
            calls.add(task)
            task.add_done_callback(calls.discard)
            moment += random.expovariate(rate)
        await asyncio.gather(*calls)

    async def _call(self) -> None:
        start = time.monotonic()
        try:
            await self._stub(self._method.request, timeout=self._method.deadline)
        except grpc.aio.AioRpcError as error:
            self.seen.codes[error.code().name] += 1
        else:
            self.seen.codes["OK"] += 1
            self.seen.taken.append((time.monotonic() - start) * 1e3)
