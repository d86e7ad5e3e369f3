"""The client for code that waits."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import grpc

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import _calls, _health
from sensorium_client._base import BaseClient, as_method
from sensorium_client._call import Call, Stubs
from sensorium_client._context import RequestContext
from sensorium_client._errors import SensoriumError
from sensorium_client._options import ALL_FEATURES, Feature
from sensorium_client._results import FrameResult
from sensorium_client._stream import AnyFrame, StreamSession

P = ParamSpec("P")
R = TypeVar("R")


def _method(build: Callable[P, Call[R]]) -> Callable[Concatenate[VisionClient, P], R]:
    @as_method(build)
    def method(self: VisionClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._make(build(*args, **kwargs))

    return method


class VisionClient(BaseClient):
    """Calls the vision service and waits for the answers. Threads may share a client.

        with VisionClient("127.0.0.1:50051") as client:
            print(client.classify("cup.jpg").labels[0].name)

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

    sleep: Callable[[float], None] = staticmethod(time.sleep)
    """How to wait between attempts; tests put their own in its place."""

    def annotate_stream(
        self,
        frames: Iterable[AnyFrame],
        features: Iterable[Feature] = ALL_FEATURES,
        *,
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> Generator[FrameResult, None, None]:
        """Annotate frame after frame; see `StreamSession` for frames that fail.

        `frames` is read in a thread of its own, as fast as the service takes frames. Leaving the loop early cancels
        the stream.

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

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        if "_stubs" in self.__dict__:
            self._channel.close()

    def __enter__(self) -> Self:
        """Nothing is connected before the first call."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    @functools.cached_property
    def _channel(self) -> grpc.Channel:
        if self._credentials is None:
            return grpc.insecure_channel(self._target, self._options)
        return grpc.secure_channel(self._target, self._credentials, self._options)

    @functools.cached_property
    def _stubs(self) -> Stubs:
        return Stubs(self._channel)

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
            return call.method(self._stubs)(call.request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as failure:
            raise self._error(failure, call) from failure

    def _stream(
        self, session: StreamSession, frames: Iterable[AnyFrame], deadline: float | None
    ) -> Generator[FrameResult, None, None]:
        requests = _requests(session, frames)
        call = self._stubs.vision.StreamAnnotate(requests, timeout=deadline, metadata=self._metadata)
        try:
            for response in call:
                yield from session.results_for(response)
            yield from session.last_results()
        except grpc.RpcError as failure:
            raise self._stream_error(failure, deadline) from failure
        finally:
            call.cancel()


def _requests(session: StreamSession, frames: Iterable[AnyFrame]) -> Iterator[pb.StreamAnnotateRequest]:
    yield session.first_request
    try:
        for frame in frames:
            request = session.request_for(frame)
            if request is not None:
                yield request
    except Exception as error:  # gRPC would log it and end the call; the caller is to see it
        session.source_error = error
