"""Sends many inputs at once and hands the outcomes back in the order of the inputs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from sensorium_client import Result, SensoriumError, UnavailableError
from sensorium_client._aio import AsyncClient

C = TypeVar("C", bound=AsyncClient)
D = TypeVar("D")
R = TypeVar("R", bound=Result)

AHEAD = 16
"""How many outcomes, for each call at once, may wait for an earlier one that takes long."""


class UnreachableError(Exception):
    """Nothing has answered so far and a call could not reach the service: further inputs will not either."""


@dataclass(frozen=True)
class Input(Generic[D, R]):
    """Something to send, such as a file."""

    name: str
    """What a person calls it."""
    read: Callable[[], D]
    """Gives what to send; runs in a thread and may raise a SensoriumError."""
    save: Callable[[D, R], None] | None = None
    """Writes the result; runs in a thread and may raise a SensoriumError."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of an input: `result`, or `error`, or both when the result could not be saved."""

    name: str
    result: R | None = None
    error: SensoriumError | None = None


Outcomes: TypeAlias = Callable[[C, Callable[[], None]], AsyncGenerator[Outcome[R], None]]
"""Sends inputs with a client and yields what became of each, in their order; calls the function as each one is done."""


class Batch(Generic[C, D, R]):
    """Inputs to send to one service in one way."""

    def __init__(self, inputs: Iterable[Input[D, R]], ask: Callable[[C, D], Awaitable[R]], *, concurrency: int) -> None:
        """Note what to do; at most `concurrency` inputs are read, sent and saved at once.

        `inputs` is read as the sending goes on, so it may be long.
        """
        self._inputs = inputs
        self._ask = ask
        self._room = asyncio.Semaphore(concurrency)
        self._window = AHEAD * concurrency

    async def outcomes(self, client: C, advance: Callable[[], None]) -> AsyncGenerator[Outcome[R], None]:
        """Send the inputs and yield what became of each, in their order; `advance` is called as each one is done.

        Raises:
            UnreachableError: the service cannot be reached; the remaining inputs are not sent.
        """
        inputs = iter(self._inputs)
        tasks: deque[asyncio.Task[Outcome[R]]] = deque()
        answered = False
        try:
            while True:
                for item in islice(inputs, self._window - len(tasks)):
                    tasks.append(asyncio.create_task(self._one(client, item, advance)))
                if not tasks:
                    return
                outcome = await tasks.popleft()
                if isinstance(outcome.error, UnavailableError) and not answered:
                    raise UnreachableError(str(outcome.error))
                answered = answered or outcome.result is not None
                yield outcome
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, client: C, item: Input[D, R], advance: Callable[[], None]) -> Outcome[R]:
        result = None
        async with self._room:
            try:
                data = await asyncio.to_thread(item.read)
                result = await self._ask(client, data)
                if item.save is not None:
                    await asyncio.to_thread(item.save, data, result)
            except SensoriumError as error:
                return Outcome(item.name, result, error)
            finally:
                advance()
        return Outcome(item.name, result)
