"""The transport of the clients for asyncio; it knows no service."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import grpc
import grpc.aio

from sensorium_client import _health, _models
from sensorium_client._aio_ending import StreamEnding
from sensorium_client._base import BaseClient, as_method
from sensorium_client._call import Call, Service
from sensorium_client._errors import SensoriumError
from sensorium_client._feed import Feed, FeedResult
from sensorium_client._links import Links
from sensorium_client._stream import Answer, Item, ItemResult, Request, StreamOrder

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def method(build: Callable[P, Call[R]]) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, R]]:
    """A method that makes the call which `build` describes."""

    @as_method(build)
    async def made(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._make(await self._built(build, *args, **kwargs))

    return made


def service_method(
    build: Callable[Concatenate[Service, P], Call[R]],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, R]]:
    """A method that every service has; `build` gets the client's service first."""

    @as_method(build, given=1)
    async def made(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._make(build(self.service, *args, **kwargs))

    return made


class AsyncClient(BaseClient):
    """Calls a service from asyncio; for use in one event loop."""

    list_models = service_method(_models.list_models)
    check_health = service_method(_health.check_health)
    wait_until_serving = service_method(_health.wait_until_serving)

    sleep: Callable[[float], Awaitable[None]] = staticmethod(asyncio.sleep)
    """How to wait between attempts; tests put their own in its place."""

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        if (channel := self._links.channel) is not None:
            await channel.close()

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
    def _links(self) -> Links[grpc.aio.Channel]:
        closing: set[asyncio.Task[None]] = set()

        def close(channel: grpc.aio.Channel) -> None:
            task = asyncio.ensure_future(channel.close())
            closing.add(task)
            task.add_done_callback(closing.discard)

        return Links(self.service, self._security, self._credentials, self._open, close)

    def _open(self, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
        if credentials is None:
            return grpc.aio.insecure_channel(self._target, self._options)
        return grpc.aio.secure_channel(self._target, credentials, self._options)

    async def _built(self, build: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `build` makes, in a thread where that would hold the event loop up."""
        if self.service.heavy_requests:
            return await asyncio.to_thread(build, *args, **kwargs)
        return build(*args, **kwargs)

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
            with self._links.stubs() as stubs:
                return await call.method(stubs)(call.request, timeout=timeout, metadata=self._metadata())
        except grpc.RpcError as failure:
            raise self._error(failure, call) from failure

    async def _stream(
        self,
        session: StreamOrder[Item, Request, Answer, ItemResult],
        items: Iterable[Item] | AsyncIterable[Item],
        deadline: float | None,
    ) -> AsyncGenerator[ItemResult, None]:
        requests = self._requests(session, items)
        with self._links.stubs() as stubs:
            call = session.method(stubs)(requests, timeout=deadline, metadata=self._metadata())
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

    async def _feed(self, feed: Feed[FeedResult], deadline: float | None) -> AsyncGenerator[FeedResult, None]:
        """The results of a stream that the server sends; one that breaks is taken up again."""
        attempts = self._feed_attempts(deadline)
        while True:
            timeout = None if deadline is None else attempts.remaining()
            with self._links.stubs() as stubs:
                call = feed.method(stubs)(feed.request(), timeout=timeout, metadata=self._metadata())
                try:
                    async for response in call:
                        attempts.succeeded()
                        yield feed.result(response)
                except grpc.aio.AioRpcError as failure:
                    error = self._stream_error(failure, deadline)
                    delay = attempts.delay_after(error)
                    if delay is None:
                        raise error from failure
                else:
                    return
                finally:
                    call.cancel()
            await self.sleep(delay)

    async def _requests(
        self,
        session: StreamOrder[Item, Request, Answer, ItemResult],
        items: Iterable[Item] | AsyncIterable[Item],
    ) -> AsyncIterator[Request]:
        yield session.first_request
        try:
            async for item in each(items):
                request = await self._built(session.request_for, item)
                if request is not None:
                    yield request
        except Exception as error:  # gRPC would log it and end the call; the caller is to see it
            session.source_error = error


async def each(items: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T, None]:
    """The items of an iterable of either kind."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
