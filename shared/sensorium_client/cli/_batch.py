"""Sends many inputs at once and hands the outcomes back in the order of the inputs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from sensorium_client import SensoriumError, UnavailableError
from sensorium_client._aio import AsyncClient, each

C = TypeVar("C", bound=AsyncClient)
D = TypeVar("D")
R = TypeVar("R")

AHEAD = 16
"""How many outcomes, for each call at once, may wait for an earlier one that takes long."""


class UnreachableError(Exception):
    """Nothing has answered so far and a call could not reach the service: further inputs will not either."""


@dataclass(frozen=True)
class Input(Generic[D, R]):
    """Something to send, such as a file."""

    name: str
    """What a person calls it."""
    read: Callable[[], Awaitable[D]]
    """Gives what to send; may raise a SensoriumError."""
    save: Callable[[D, R], Awaitable[None]] | None = None
    """Writes the result; may raise a SensoriumError."""
    sent: bool = True
    """Whether the service is asked; an input that is not sent has its result from elsewhere, in its place."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of an input: `result`, or `error`, or both when the result could not be saved."""

    name: str
    result: R | None = None
    error: SensoriumError | None = None
    sent: bool = True


Outcomes: TypeAlias = Callable[[C, Callable[[], None]], AsyncGenerator[Outcome[R], None]]
"""Sends inputs with a client and yields what became of each, in their order; calls the function as each one is done."""


class Batch(Generic[C, D, R]):
    """Inputs to send to one service in one way."""

    def __init__(
        self,
        inputs: Iterable[Input[D, R]] | AsyncIterable[Input[D, R]],
        ask: Callable[[C, D], Awaitable[R]],
        *,
        concurrency: int,
    ) -> None:
        """Note what to do; at most `concurrency` inputs are read, sent and saved at once.

        `inputs` is read as the sending goes on, so it may be long; one that is asynchronous may also be slow: outcomes
        do not wait for the inputs behind them.
        """
        self._inputs = inputs
        self._ask = ask
        self._calls = asyncio.Semaphore(concurrency)
        self._room = asyncio.Semaphore(AHEAD * concurrency)
        self._tasks: asyncio.Queue[asyncio.Task[Outcome[R]] | None] = asyncio.Queue()

    async def outcomes(self, client: C, advance: Callable[[], None]) -> AsyncGenerator[Outcome[R], None]:
        """Send the inputs and yield what became of each, in their order; `advance` is called as each one is done.

        Raises:
            UnreachableError: the service cannot be reached; the remaining inputs are not sent.
        """
        under_way: set[asyncio.Task[Outcome[R]]] = set()
        feeding = asyncio.create_task(self._feed(client, advance, under_way))
        answered = False
        try:
            while (task := await self._tasks.get()) is not None:
                outcome = await task
                under_way.discard(task)
                if isinstance(outcome.error, UnavailableError) and not answered:
                    raise UnreachableError(str(outcome.error))
                answered = answered or (outcome.sent and outcome.result is not None)
                self._room.release()
                yield outcome
            await feeding  # which tells what the inputs themselves raised
        finally:
            for left in (feeding, *under_way):
                left.cancel()
            await asyncio.gather(feeding, *under_way, return_exceptions=True)

    async def _feed(self, client: C, advance: Callable[[], None], under_way: set[asyncio.Task[Outcome[R]]]) -> None:
        try:
            async with aclosing(each(self._inputs)) as inputs:
                await self._room.acquire()
                async for item in inputs:
                    task = asyncio.create_task(self._one(client, item, advance))
                    under_way.add(task)
                    self._tasks.put_nowait(task)
                    await self._room.acquire()
        finally:
            self._tasks.put_nowait(None)

    async def _one(self, client: C, item: Input[D, R], advance: Callable[[], None]) -> Outcome[R]:
        result = None
        async with self._calls:
            try:
                data = await item.read()
                result = await self._ask(client, data)
                if item.save is not None:
                    await item.save(data, result)
            except SensoriumError as error:
                return Outcome(item.name, result, error, item.sent)
            finally:
                advance()
        return Outcome(item.name, result, sent=item.sent)
