"""Recognitions that run while more sound comes, each a call of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from sensorium_core.call import current_call, deadline_scope, serving
from sensorium_core.errors import DeadlineExceededError, OverloadedError, UnavailableError
from sensorium_speech.domain import Piece, Utterance
from sensorium_speech.listening._outputs import Heard, Hearer

R = TypeVar("R")
T = TypeVar("T")

# A model that is away is asked again for so many seconds: the sound is still there, and a restart takes that long.
PATIENCE = 60.0
_LONGEST_REQUEST_ID = 128
# While so many recognitions run in all streams together no interim one begins: they must not stand in the way of final
# ones. With two, a network that computes one batch at a time is always busy and never far behind.
_BUSY = 2

Finding = Heard[R] | Exception | None
"""What a recognition comes to; an interim one to nothing when it failed or was not needed any more."""


class RecognitionPlaces:
    """How many recognitions run at a time, in all streams that share it.

    A final one begins whatever else runs; an interim one finds no place then, and is left out.
    """

    def __init__(self, most: int = _BUSY) -> None:
        self._free = most

    @property
    def free(self) -> bool:
        """Whether an interim recognition may begin."""
        return self._free > 0

    def take(self) -> None:
        """Begins one."""
        self._free -= 1

    def give_back(self, _: object = None) -> None:
        """Ends one."""
        self._free += 1


class Recognitions(Generic[R]):
    """Starts recognitions and knows those under way.

    Args:
        hearer: recognises.
        places: counts those of all streams.
    """

    def __init__(self, hearer: Hearer[R], places: RecognitionPlaces) -> None:
        self._hearer = hearer
        self._places = places
        self._running: set[asyncio.Task[Finding[R]]] = set()
        self._interims: dict[int, asyncio.Task[Finding[R]]] = {}
        self._early: dict[int, tuple[Utterance, asyncio.Task[Finding[R]]]] = {}
        self._count = 0

    def interim(self, piece: Piece, index: int) -> asyncio.Task[Finding[R]]:
        """Recognises what there is of an utterance."""
        task = self._start(piece, index, final=False)
        self._interims[piece.tag] = task
        return task

    def early(self, piece: Piece, index: int) -> None:
        """Recognises an utterance that will have ended if its pause goes on, in place of what was begun before."""
        self.resume(piece.tag)
        self._early[piece.tag] = (piece.utterance, self._final(piece, index))

    def has_begun(self, tag: int, utterance: Utterance) -> bool:
        """Whether an utterance is recognised early; its confidence, a sum rounded anew each time, does not matter."""
        known = self._early.get(tag)
        return known is not None and (known[0].begin, known[0].end) == (utterance.begin, utterance.end)

    def resume(self, tag: int) -> None:
        """Gives up what was begun early in a channel: its utterance goes on."""
        known = self._early.pop(tag, None)
        if known is not None:
            known[1].cancel()

    def final(self, piece: Piece, index: int) -> asyncio.Task[Finding[R]]:
        """Recognises an utterance, unless that was begun early; an interim recognition of it is given up."""
        if self.has_begun(piece.tag, piece.utterance):
            return self._early.pop(piece.tag)[1]
        self.resume(piece.tag)
        return self._final(piece, index)

    def _final(self, piece: Piece, index: int) -> asyncio.Task[Finding[R]]:
        interim = self._interims.pop(piece.tag, None)
        if interim is not None:
            interim.cancel()
        return self._start(piece, index, final=True)

    def has_interim_place(self, tag: int) -> bool:
        """Whether an interim recognition of this channel may begin: there is a place, and none of it is under way."""
        task = self._interims.get(tag)
        return self._places.free and (task is None or task.done()) and tag not in self._early

    async def stop(self) -> None:
        """Cancels what is under way and waits until it has ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _start(self, piece: Piece, index: int, *, final: bool) -> asyncio.Task[Finding[R]]:
        stream = current_call()
        number = f"/{self._count}"
        self._count += 1
        request_id = stream.request_id[: _LONGEST_REQUEST_ID - len(number)] + number
        call = stream.part(request_id, time.monotonic() + PATIENCE)

        async def work() -> Finding[R]:
            with serving(call):
                try:
                    value = await self._hear(piece, final=final)
                except Exception as error:  # told in its turn, behind what was heard before
                    return error if final else None
                finally:
                    stream.absorb(call)
                return Heard(value, piece.utterance, index, piece.tag, final, call)

        task = asyncio.create_task(work())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._places.take()
        task.add_done_callback(self._places.give_back)
        return task

    async def _hear(self, piece: Piece, *, final: bool) -> R:
        if final:
            return await patiently(lambda: self._hearer.hear(piece, final=True))
        async with deadline_scope(current_call()):
            return await self._hearer.hear(piece, final=False)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Does something again while what it needs is away, for some seconds.

    Raises:
        UnavailableError, OverloadedError: it is away for longer.
        TimeoutError: it did not answer.
    """
    trouble: UnavailableError | OverloadedError | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await work()
                except (UnavailableError, OverloadedError) as error:
                    trouble = error
                await asyncio.sleep(trouble.retry_delay or 0.0)
    except (TimeoutError, DeadlineExceededError):
        if trouble is None:
            raise
        raise trouble from None


async def finding_of(task: asyncio.Task[Finding[R]]) -> Heard[R] | None:
    """What a recognition came to, when it has; nothing for one that was given up.

    Raises:
        Exception: it failed.
    """
    await asyncio.wait({task})
    finding = None if task.cancelled() else task.result()
    if isinstance(finding, Exception):
        raise finding
    return finding
