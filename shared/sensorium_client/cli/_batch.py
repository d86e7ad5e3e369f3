"""Sends many files at once and hands the outcomes back in the order of the files."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sensorium_client import AsyncVisionClient, SensoriumError, UnavailableError, VisionResult
from sensorium_client._files import load

STDIN = "-"

Ask: TypeAlias = Callable[[AsyncVisionClient, bytes], Awaitable[VisionResult]]
"""Calls the service for the bytes of a picture."""
Save: TypeAlias = Callable[[bytes, VisionResult], None]
"""Writes the result for the bytes of a picture; runs in a thread and may raise a SensoriumError."""


class UnreachableError(Exception):
    """Nothing has answered so far and a call could not reach the service: further files will not either."""


@dataclass(frozen=True)
class File:
    """A picture to send."""

    name: str
    """A path, or `-`."""
    save: Save | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `result`, or `error`, or both when the result could not be saved."""

    file: str
    result: VisionResult | None = None
    error: SensoriumError | None = None


class Batch:
    """Files to send to one service in one way."""

    def __init__(self, files: Sequence[File], ask: Ask, concurrency: int, standard_input: bytes = b"") -> None:
        """Note what to do; at most `concurrency` files are read, sent and saved at once."""
        self._files = files
        self._ask = ask
        self._room = asyncio.Semaphore(concurrency)
        self._standard_input = standard_input

    async def outcomes(self, address: str, advance: Callable[[], None]) -> AsyncGenerator[Outcome, None]:
        """Send the files and yield what became of each, in their order; `advance` is called as each one is done.

        Raises:
            UnreachableError: the service cannot be reached; the remaining files are not sent.
        """
        async with AsyncVisionClient(address) as client:
            tasks = deque(asyncio.create_task(self._one(client, file, advance)) for file in self._files)
            answered = False
            try:
                while tasks:
                    outcome = await tasks.popleft()
                    if isinstance(outcome.error, UnavailableError) and not answered:
                        raise UnreachableError(str(outcome.error))
                    answered = answered or outcome.result is not None
                    yield outcome
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, client: AsyncVisionClient, file: File, advance: Callable[[], None]) -> Outcome:
        result = None
        async with self._room:
            try:
                data = await asyncio.to_thread(self._read, file)
                result = await self._ask(client, data)
                if file.save is not None:
                    await asyncio.to_thread(file.save, data, result)
            except SensoriumError as error:
                return Outcome(file.name, result, error)
            finally:
                advance()
        return Outcome(file.name, result)

    def _read(self, file: File) -> bytes:
        return self._standard_input if file.name == STDIN else load(file.name)
