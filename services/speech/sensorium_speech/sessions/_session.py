"""One session: sound pushed in, responses kept until they are watched."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextlib import aclosing
from typing import Generic, NamedTuple, TypeVar

from sensorium_core.call import Call, current_call, deadline_scope, serving
from sensorium_core.errors import NotFoundError, SensoriumError, WrongStateError, domain_error
from sensorium_speech.domain import AudioFormat
from sensorium_speech.listening import FINALIZE, Input
from sensorium_speech.sessions._window import Numbered, ResultWindow

R = TypeVar("R")
# Chunks of which it is known what they were, so that another of the same number is not taken for a repetition.
MOST_KNOWN = 1000
Answer = Callable[[AsyncIterator[Input]], AsyncGenerator[R, None]]


class Received(NamedTuple):
    """What a session has received: the next chunk's number, the length of the sound, whether this chunk was known."""

    next_number: int
    seconds: float
    repeated: bool = False


class _Chunk(NamedTuple):
    audio: bytes
    finalize: bool


class _Signal:
    """Wakes all who wait for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """Set at the next change."""
        return self._event


class Session(Generic[R]):
    """A stream whose sound and responses go separate ways.

    Args:
        name: by which calls find it.
        audio_format: what the bytes of its sound mean.
        answer: makes the responses of the sound.
        key: the channel that a response belongs to, and whether it is an interim one.
    """

    def __init__(
        self, name: str, audio_format: AudioFormat, answer: Answer[R], key: Callable[[R], tuple[Hashable, bool]]
    ) -> None:
        self.name = name
        self._format = audio_format
        self._answer = answer
        self._key = key
        self._window: ResultWindow[R] = ResultWindow()
        self._chunk: _Chunk | None = None  # received, and not yet taken up
        self._turn = asyncio.Lock()
        self._next = 0
        self._known: deque[int] = deque(maxlen=MOST_KNOWN)  # hashes of the newest chunks
        self._bytes = 0
        self._closed = False
        self._failure: SensoriumError | None = None
        self._sound_changed, self._responses_changed = _Signal(), _Signal()
        opening = current_call()
        self._work = asyncio.create_task(self._run(Call(opening.method, opening.request_id, access=opening.access)))

    @property
    def received(self) -> Received:
        """What was received until now."""
        return Received(self._next, self._bytes / self._format.frame_bytes / self._format.rate)

    @property
    def response_count(self) -> int:
        """How many responses there were."""
        return self._window.count

    async def push(self, number: int, audio: bytes, *, finalize: bool) -> Received:
        """Receives a chunk of sound; waits while the one before it has not been taken up.

        Raises:
            WrongStateError: SEQUENCE_GAP, SEQUENCE_CONFLICT or SESSION_CLOSED.
            SensoriumError: the session failed.
            TimeoutError: the call's deadline passed; the chunk was not received.
        """
        chunk = _Chunk(audio, finalize)
        async with deadline_scope(current_call()), self._turn:
            if number < self._next:
                self._check_repeated(number, chunk)
                return self.received._replace(repeated=True)
            if number > self._next:
                text = f"chunk {number} came where chunk {self._next} is waited for; send that one first"
                raise self._out_of_order(text, reason="SEQUENCE_GAP")
            while self._chunk is not None and not self._is_over:
                await self._sound_changed.next.wait()
            if self._failure is not None:
                raise self._failure
            if self._is_over:
                raise WrongStateError.field("session", "takes no more sound; open another", reason="SESSION_CLOSED")
            # From here on nothing waits: a chunk is received and counted, or neither.
            self._chunk = chunk
            self._known.append(hash(chunk))
            self._next += 1
            self._bytes += len(audio)
            self._sound_changed()
            return self.received

    def _check_repeated(self, number: int, chunk: _Chunk) -> None:
        place = number - (self._next - len(self._known))
        if place >= 0 and self._known[place] != hash(chunk):
            text = f"the session has another chunk {number}; the next one is {self._next}"
            raise self._out_of_order(text, reason="SEQUENCE_CONFLICT")

    def _out_of_order(self, text: str, *, reason: str) -> WrongStateError:
        return WrongStateError.field("sequence_number", text, reason=reason, next_sequence_number=str(self._next))

    async def close(self) -> None:
        """Ends the sound and returns once the last response exists.

        Raises:
            SensoriumError: the session failed.
            TimeoutError: the call's deadline passed first; the session is closed all the same.
        """
        self._closed = True
        self._sound_changed()
        async with deadline_scope(current_call()):
            await asyncio.wait({self._work})
        if self._failure is not None:
            raise self._failure

    async def watch(self, first: int) -> AsyncGenerator[Numbered[R], None]:
        """Responses from a number on, until the session is closed and all were given.

        Raises:
            OutOfRangeError: RESULTS_GONE.
            SensoriumError: the session failed; what was heard before comes first.
        """
        finished = False
        while not finished:
            changed, finished = self._responses_changed.next, self._work.done()
            for numbered in self._window.since(first):
                yield numbered
                first = numbered.number + 1
            if not finished:
                await changed.wait()
        if self._failure is not None:
            raise self._failure

    async def discard(self) -> None:
        """Ends the session with what is under way; those who watch are told that it is gone."""
        self._closed = True
        if not self._work.done():
            self._failure = NotFoundError("the session is no more", reason="SESSION_NOT_FOUND")
            self._work.cancel()
        self._sound_changed()
        await asyncio.gather(self._work, return_exceptions=True)
        self._responses_changed()

    @property
    def _is_over(self) -> bool:
        return self._closed or self._work.done()

    async def _run(self, call: Call) -> None:
        with serving(call):
            try:
                async with aclosing(self._answer(self._inputs())) as responses:
                    async for response in responses:
                        key, interim = self._key(response)
                        self._window.append(response, key, interim=interim)
                        self._responses_changed()
            except Exception as error:  # told to those who watch and close
                self._failure = domain_error(error)
            finally:
                # Those who wait look again once this task is done.
                asyncio.get_running_loop().call_soon(self._tell_all)

    def _tell_all(self) -> None:
        self._sound_changed()
        self._responses_changed()

    async def _inputs(self) -> AsyncGenerator[Input, None]:
        while True:
            changed, chunk = self._sound_changed.next, self._chunk
            if chunk is None:
                if self._closed:
                    return
                await changed.wait()
                continue
            self._chunk = None
            self._sound_changed()
            yield chunk.audio
            if chunk.finalize:
                yield FINALIZE
