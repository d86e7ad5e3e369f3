"""The client for asyncio."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import grpc
import grpc.aio

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import _calls, _health
from sensorium_client._aio_ending import StreamEnding
from sensorium_client._base import BaseClient, as_method
from sensorium_client._call import Call, Stubs
from sensorium_client._context import RequestContext
from sensorium_client._errors import SensoriumError
from sensorium_client._options import ALL_FEATURES, Feature
from sensorium_client._results import FrameResult
from sensorium_client._stream import AnyFrame, StreamSession

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def _method(build: Callable[P, Call[R]]) -> Callable[Concatenate[AsyncVisionClient, P], Coroutine[Any, Any, R]]:
    @as_method(build)
    async def method(self: AsyncVisionClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # building a request reads files and copies pixels, which would hold the event loop up
        return await self._make(await asyncio.to_thread(build, *args, **kwargs))

    return method


class AsyncVisionClient(BaseClient):
    """Calls the vision service from asyncio; for use in one event loop.

        async with AsyncVisionClient("127.0.0.1:50051") as client:
            print((await client.classify("cup.jpg")).labels[0].name)

    The arguments of the constructor are those of `BaseClient`.
    """

    classify = _method(_calls.classify)
    embed = _method(_calls.embed)
    read_text = _method(_calls.read_text)
    read_codes = _method(_calls.read_codes)
    annotate = _method(_calls.annotate)
    list_models = _method(_calls.list_models)
    check_health = _method(_health.check_health)
    wait_until_serving = _method(_health.wait_until_serving)

    sleep: Callable[[float], Awaitable[None]] = staticmethod(asyncio.sleep)
    """How to wait between attempts; tests put their own in its place."""

    def annotate_stream(
        self,
        frames: Iterable[AnyFrame] | AsyncIterable[AnyFrame],
        features: Iterable[Feature] = ALL_FEATURES,
        *,
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> AsyncGenerator[FrameResult, None]:
        """Annotate frame after frame; see `StreamSession` for frames that fail.

        `frames` is read as fast as the service takes frames. Closing the iterator (`contextlib.aclosing`) cancels the
        stream.

        Args:
            frames: pictures, or `Frame`s where a picture has a name or identifiers.
            features: the options of each feature wanted.
            context: identifiers of every frame whose own leave them empty.
            max_in_flight: how many frames the service works on at once, up to 32; 0 for its default, 4.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            One result a frame, in the order of the frames.

        Raises:
            SensoriumError: the stream as a whole failed. There are no retries.
        """
        session = StreamSession(features, context, max_in_flight)
        return self._stream(session, frames, deadline)

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        if "_stubs" in self.__dict__:
            await self._channel.close()

    async def __aenter__(self) -> Self:
        """Nothing is connected before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self.close()

    # A channel belongs to the event loop it is made in, so it is made by the first call.
    @functools.cached_property
    def _channel(self) -> grpc.aio.Channel:
        if self._credentials is None:
            return grpc.aio.insecure_channel(self._target, self._options)
        return grpc.aio.secure_channel(self._target, self._credentials, self._options)

    @functools.cached_property
    def _stubs(self) -> Stubs:
        return Stubs(self._channel)

    async def _make(self, call: Call[R]) -> R:
        attempts = self._attempts(call)
        while True:
            try:
                return call.parse(await self._attempt(call, attempts.remaining()))
            except SensoriumError as error:
                delay = attempts.delay_after(error)
                if delay is None:
                    raise
            await self.sleep(delay)

    async def _attempt(self, call: Call[R], timeout: float) -> Any:
        try:
            return await call.method(self._stubs)(call.request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as failure:
            raise self._error(failure, call) from failure

    async def _stream(
        self,
        session: StreamSession,
        frames: Iterable[AnyFrame] | AsyncIterable[AnyFrame],
        deadline: float | None,
    ) -> AsyncGenerator[FrameResult, None]:
        requests = _requests(session, frames)
        call = self._stubs.vision.StreamAnnotate(requests, timeout=deadline, metadata=self._metadata)
        ending = StreamEnding(call)
        try:
            async for response in call:
                for result in session.results_for(response):
                    yield result
            for result in session.last_results():
                yield result
        except grpc.aio.AioRpcError as failure:
            raise self._stream_error(ending.cause_of(failure), deadline) from failure
        finally:
            call.cancel()


async def _requests(
    session: StreamSession, frames: Iterable[AnyFrame] | AsyncIterable[AnyFrame]
) -> AsyncIterator[pb.StreamAnnotateRequest]:
    yield session.first_request
    try:
        async for frame in _each(frames):
            request = await asyncio.to_thread(session.request_for, frame)
            if request is not None:
                yield request
    except Exception as error:  # gRPC would log it and end the call; the caller is to see it
        session.source_error = error


async def _each(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
