"""The transport of the clients for code that waits; it knows no service."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import grpc

from sensorium_client import _health, _models
from sensorium_client._base import BaseClient, as_method
from sensorium_client._call import Call, Service
from sensorium_client._errors import SensoriumError
from sensorium_client._feed import Feed, FeedResult
from sensorium_client._links import Links
from sensorium_client._stream import Answer, Item, ItemResult, Request, StreamOrder

P = ParamSpec("P")
R = TypeVar("R")


def method(build: Callable[P, Call[R]]) -> Callable[Concatenate[SyncClient, P], R]:
    """A method that makes the call which `build` describes."""

    @as_method(build)
    def made(self: SyncClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._make(build(*args, **kwargs))

    return made


def service_method(build: Callable[Concatenate[Service, P], Call[R]]) -> Callable[Concatenate[SyncClient, P], R]:
    """A method that every service has; `build` gets the client's service first."""

    @as_method(build, given=1)
    def made(self: SyncClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._make(build(self.service, *args, **kwargs))

    return made


class SyncClient(BaseClient):
    """Calls a service and waits for the answers. Threads may share a client."""

    list_models = service_method(_models.list_models)
    check_health = service_method(_health.check_health)
    wait_until_serving = service_method(_health.wait_until_serving)

    sleep: Callable[[float], None] = staticmethod(time.sleep)
    """How to wait between attempts; tests put their own in its place."""

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        if (channel := self._links.channel) is not None:
            channel.close()

    def __enter__(self) -> Self:
        """Nothing is connected before the first call."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    @functools.cached_property
    def _links(self) -> Links[grpc.Channel]:
        return Links(self.service, self._security, self._credentials, self._open, lambda channel: channel.close())

    def _open(self, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
        if credentials is None:
            return grpc.insecure_channel(self._target, self._options)
        return grpc.secure_channel(self._target, credentials, self._options)

    def _make(self, call: Call[R]) -> R:
        attempts = self._attempts(call)
        while True:
            try:
                return call.parse(self._attempt(call, attempts.remaining()))
            except SensoriumError as error:
                delay = attempts.delay_after(error)
                if delay is None:
                    raise
            self.sleep(delay)

    def _attempt(self, call: Call[R], timeout: float) -> Any:
        try:
            with self._links.stubs() as stubs:
                return call.method(stubs)(call.request, timeout=timeout, metadata=self._metadata())
        except grpc.RpcError as failure:
            raise self._error(failure, call) from failure

    def _stream(
        self,
        session: StreamOrder[Item, Request, Answer, ItemResult],
        items: Iterable[Item],
        deadline: float | None,
    ) -> Generator[ItemResult, None, None]:
        requests = _requests(session, items)
        with self._links.stubs() as stubs:
            call = session.method(stubs)(requests, timeout=deadline, metadata=self._metadata())
            try:
                for response in call:
                    yield from session.results_for(response)
                yield from session.last_results()
            except grpc.RpcError as failure:
                raise self._stream_error(failure, deadline) from failure
            finally:
                call.cancel()

    def _feed(self, feed: Feed[FeedResult], deadline: float | None) -> Generator[FeedResult, None, None]:
        """The results of a stream that the server sends; one that breaks is taken up again."""
        attempts = self._feed_attempts(deadline)
        while True:
            timeout = None if deadline is None else attempts.remaining()
            with self._links.stubs() as stubs:
                call = feed.method(stubs)(feed.request(), timeout=timeout, metadata=self._metadata())
                try:
                    for response in call:
                        attempts.succeeded()
                        yield feed.result(response)
                except grpc.RpcError as failure:
                    error = self._stream_error(failure, deadline)
                    delay = attempts.delay_after(error)
                    if delay is None:
                        raise error from failure
                else:
                    return
                finally:
                    call.cancel()
            self.sleep(delay)


def _requests(session: StreamOrder[Item, Request, Answer, ItemResult], items: Iterable[Item]) -> Iterator[Request]:
    yield session.first_request
    try:
        for item in items:
            request = session.request_for(item)
            if request is not None:
                yield request
    except Exception as error:  # gRPC would log it and end the call; the caller is to see it
        session.source_error = error
