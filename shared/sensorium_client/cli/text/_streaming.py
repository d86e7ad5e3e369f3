"""Asks for one text at a time over a stream that carries many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Self

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client import (
    AnnotateTextResult,
    AsyncTextClient,
    DeadlineExceededError,
    OverloadedError,
    RequestContext,
    SensoriumError,
    TextItemResult,
    UnavailableError,
)
from sensorium_client._message import build
from sensorium_client._retry import Attempts, RetryPolicy
from sensorium_client._text.options import TextFeature
from sensorium_client.cli._run import GiveUpError


class StreamedTexts:
    """Annotates texts in the same way. One stream carries them all; when it fails the next text opens another one."""

    def __init__(
        self,
        client: AsyncTextClient,
        features: Sequence[TextFeature],
        *,
        language_code: str,
        context: RequestContext,
        max_in_flight: int,
        deadline: float,
    ) -> None:
        """Note what to do; `deadline` is in seconds for each text, further attempts included."""
        self._client = client
        self._features = features
        self._language_code = language_code
        self._context = context
        self._max_in_flight = max_in_flight
        self._deadline = deadline
        self._stream: _Stream | None = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first text."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stream."""
        if self._stream is not None:
            await self._stream.close()

    async def annotate(self, text: str) -> AnnotateTextResult:
        """The features of a text.

        Raises:
            SensoriumError: this text failed.
            GiveUpError: the stream did, for a reason that another one would have, too.
        """
        build(pb.StreamTextItem, {"text": text})  # a text that cannot be sent is to be told at once
        attempts = Attempts(RetryPolicy(), self._deadline)
        while True:
            try:
                return await self._attempt(text, attempts.remaining())
            except SensoriumError as error:
                delay = attempts.delay_after(error)
                if delay is None:
                    raise
            await self._client.sleep(delay)

    async def _attempt(self, text: str, seconds: float) -> AnnotateTextResult:
        stream = self._open()
        try:
            async with asyncio.timeout(seconds):
                found = await stream.ask(text)
        except TimeoutError:
            raise DeadlineExceededError(f"no answer within {self._deadline:g} s") from None
        if found.error is not None:
            raise found.error
        assert found.annotation is not None
        return found.annotation

    def _open(self) -> _Stream:
        if self._stream is None or self._stream.ended:
            self._stream = _Stream(self._results)
        return self._stream

    def _results(self, texts: AsyncGenerator[str, None]) -> AsyncGenerator[TextItemResult, None]:
        return self._client.annotate_stream(
            texts,
            self._features,
            language_code=self._language_code,
            context=self._context,
            max_in_flight=self._max_in_flight,
        )


class _Stream:
    """One stream: texts go in, and each of those who ask gets the result of their text."""

    def __init__(self, results: Callable[[AsyncGenerator[str, None]], AsyncGenerator[TextItemResult, None]]) -> None:
        self.ended = False
        self._texts: asyncio.Queue[str | None] = asyncio.Queue()  # no more of them than those who ask
        self._waiting: deque[asyncio.Future[TextItemResult]] = deque()
        self._reading = asyncio.create_task(self._read(results(self._sent())))

    async def ask(self, text: str) -> TextItemResult:
        answer: asyncio.Future[TextItemResult] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._texts.put_nowait(text)
        return await answer

    async def close(self) -> None:
        self._texts.put_nowait(None)
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _sent(self) -> AsyncGenerator[str, None]:
        while (text := await self._texts.get()) is not None:
            yield text

    async def _read(self, results: AsyncGenerator[TextItemResult, None]) -> None:
        failure: Exception = UnavailableError("the service has ended the stream")
        try:
            async with aclosing(results):
                async for result in results:
                    _tell(self._waiting.popleft(), result)
        except (UnavailableError, OverloadedError) as error:
            failure = error
        except SensoriumError as error:
            failure = GiveUpError("texts", error)
        except Exception as error:  # a defect; those who wait must not wait on
            failure = error
        self.ended = True
        for answer in self._waiting:
            _tell(answer, failure)


def _tell(answer: asyncio.Future[TextItemResult], found: TextItemResult | Exception) -> None:
    if answer.done():  # nobody waits any more
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
