"""One way to stand around a call, whichever of the four kinds it is."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message

from sensorium_core.call import current_call
from sensorium_core.errors import SensoriumError, UnknownMethodError
from sensorium_core.interceptors._gate import DrainGate
from sensorium_core.wire import NotUtf8Error, not_utf8_field

Context = grpc.aio.ServicerContext[Any, Any]
Metadata = Sequence[tuple[str, str | bytes]]


@dataclass(slots=True)
class Request:
    """What an interceptor gets to know of a call.

    Attributes:
        method: full method name, `/package.Service/Method`.
        kind: `unary`, `client_stream`, `server_stream` or `bidi_stream`, the names of Prometheus' gRPC metrics.
        payload: what the servicer gets: the request, or the iterator of the requests.
        context: grpc's own view of the call.
        message: the request; None when requests stream, whose messages the servicer checks one by one.
        malformed: why the bytes that came are no message of the method's type; None when they are.
        size: bytes of the request on the wire; None where requests stream.
        metadata: the call's.
        known: whether there is such a method; the name of one that is not is whatever its caller wrote.
        coming: brings a single request that has not been received yet; None otherwise. See `Chain`.
        arrived: is called once it has come.
    """

    method: str
    kind: str
    payload: Any
    context: Context
    message: Message | None = None
    malformed: DecodeError | None = None
    size: int | None = None
    metadata: Metadata = ()
    known: bool = True
    coming: "AsyncIterator[_Received] | None" = None
    arrived: Callable[[], None] = lambda: None
    _peer: str = ""

    def take(self, received: "_Received") -> None:
        """Notes the request."""
        message, self.size = received.message, received.size
        self.message = message if isinstance(message, Message) else None
        self.malformed = message if isinstance(message, DecodeError) else None
        self.payload = message

    async def receive(self) -> None:
        """Receives the request that is still coming."""
        assert self.coming is not None
        coming, self.coming = self.coming, None
        try:
            self.take(await anext(coming))
        except StopAsyncIteration:
            self.take(_Received(DecodeError("no message"), 0))
        self.arrived()

    @property
    def peer(self) -> str:
        """Where the call comes from, as grpc writes it."""
        if not self._peer:
            self._peer = self.context.peer()
        return self._peer


Behaviour = Callable[[Any, Context], Any]
Deserializer = Callable[[bytes], Any]
Layer = Callable[[Request], Awaitable[Any]]
Entrance = Callable[[str, Metadata], Awaitable[None]]
"""Raises where a call of a method, with its metadata, is to be refused before its request has come."""


class Interceptor:
    """Base of the interceptors: a subclass says what happens around a call.

    An error that it raises, or lets through, ends the call.
    """

    async def run(self, request: Request, inner: Layer) -> Any:
        """Runs the call: `await inner(request)`, whose result is given back, and what belongs around it.

        A plain coroutine costs a fraction of a context manager, and there is one for each interceptor of each call.
        """
        raise NotImplementedError

    def concerns(self, kind: str) -> bool:  # noqa: ARG002 - for subclasses
        """Whether calls of a kind have to do with it; see `Request.kind`."""
        return True


class Chain(grpc.aio.ServerInterceptor):
    """Puts interceptors around every call, the first outermost; around one of a method that does not exist, too.

    A method's handler is wrapped once, not once a call: to have each interceptor wrap it anew for every call would cost
    more than most of what they do.

    grpc runs the handler of a single request only once the request has come, and until then the call takes one of the
    server's places: so who may not come in is refused before. And while callers have to be turned away, what they send
    is received only once they have their place: to refuse a picture costs less than to receive it.

    Args:
        interceptors: the first outermost.
        gate: holds calls back before all of them.
        entrance: refuses calls of which their metadata says enough.
        open_methods: with single request and answer, whose callers nobody knows: the request must come within seconds.
        crowded: whether a call of this moment may well be turned away.
    """

    def __init__(
        self,
        *interceptors: Interceptor,
        gate: DrainGate | None = None,
        entrance: Entrance | None = None,
        open_methods: frozenset[str] = frozenset(),
        crowded: Callable[[], bool] = lambda: False,
    ) -> None:
        self._interceptors = interceptors
        self._gate = gate
        self._entrance = entrance
        self._open = open_methods
        self._crowded = crowded
        self._wrapped: dict[str, _Wrapped] = {}

    patience = 5.0

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Gives the wrapped handler of the method; called by grpc."""
        method = handler_call_details.method
        held = self._gate.arrive(method) if self._gate else None
        if held is not None:
            await held
        handler = await continuation(handler_call_details)
        if handler is None:
            return self._unknown(method)
        known = self._wrapped.get(method)
        if known is None or known.handler is not handler:
            known = self._wrapped[method] = self._wrap(method, handler)
        if self._entrance is not None and not handler.request_streaming:
            try:
                await self._entrance(method, handler_call_details.invocation_metadata or ())
            except SensoriumError as error:
                return self._refusal(method, "server_stream" if handler.response_streaming else "unary", error)
        return known.unhurried if self._crowded() else known.usual

    def _unknown(self, method: str) -> Any:
        # grpc itself would answer, before anybody has asked who calls, and without a trace of it anywhere.
        return self._refusal(method, "bidi_stream", UnknownMethodError(), known=False)

    def _refusal(self, method: str, kind: str, error: SensoriumError, *, known: bool = True) -> Any:
        """A handler that waits for no request, and has the interceptors see the error as that of a call."""

        async def refuse(_: Request) -> None:
            raise error

        run = self._layers(kind, refuse)

        async def call(payload: Any, context: Context) -> Any:
            return await run(_request(method, kind, payload, context, known=known))

        return grpc.stream_stream_rpc_method_handler(call)

    def _wrap(self, method: str, handler: Any) -> "_Wrapped":
        kinds = {
            (False, False): ("unary", handler.unary_unary, grpc.unary_unary_rpc_method_handler),
            (True, False): ("client_stream", handler.stream_unary, grpc.stream_unary_rpc_method_handler),
            (False, True): ("server_stream", handler.unary_stream, grpc.unary_stream_rpc_method_handler),
            (True, True): ("bidi_stream", handler.stream_stream, grpc.stream_stream_rpc_method_handler),
        }
        kind, behaviour, make = kinds[handler.request_streaming, handler.response_streaming]
        receive = _stream_receiver if handler.request_streaming else _receiver
        if handler.response_streaming:
            innermost, serializer = _streaming(behaviour), _counting(handler.response_serializer)
        else:
            innermost, serializer = _unary(behaviour, _counting(handler.response_serializer)), None
        run = self._layers(kind, innermost)

        async def call(payload: Any, context: Context) -> Any:
            return await run(_request(method, kind, payload, context))

        received = receive(handler.request_deserializer)
        if method in self._open:
            hasty: Any = grpc.stream_unary_rpc_method_handler(self._hasty(call), received)
            return _Wrapped(handler, hasty, hasty)
        usual = make(call, received, serializer)
        if kind != "unary":
            return _Wrapped(handler, usual, usual)

        async def call_unhurried(coming: Any, context: Context) -> Any:
            return await run(_request(method, kind, None, context, coming=coming))

        return _Wrapped(handler, usual, grpc.stream_unary_rpc_method_handler(call_unhurried, received))

    def _hasty(self, call: Behaviour) -> Behaviour:
        """The call of a single request, which as one of a stream can be waited for with an end."""

        async def wait(requests: Any, context: Context) -> Any:
            try:
                async with asyncio.timeout(self.patience):
                    payload = await anext(requests)
            except (TimeoutError, StopAsyncIteration):
                await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "The request did not come.")
            return await call(payload, context)

        return wait

    def _layers(self, kind: str, innermost: Layer) -> Layer:
        layer = innermost
        for interceptor in reversed(self._interceptors):
            if interceptor.concerns(kind):
                layer = partial(interceptor.run, inner=layer)
        return layer


def _unary(behaviour: Behaviour, serialize: Callable[[Any], bytes]) -> Layer:
    # Serialised here and not by grpc afterwards, so that the interceptors see the size and an error of it.
    async def run(request: Request) -> bytes:
        return serialize(await behaviour(request.payload, request.context))

    return run


def _streaming(behaviour: Behaviour) -> Layer:
    async def run(request: Request) -> None:
        result = behaviour(request.payload, request.context)
        # A servicer streams by yielding, or by writing to the context as grpc's health servicer does.
        if not isinstance(result, AsyncGenerator):
            await result
            return
        async with aclosing(result):  # a cancelled call must not leave a suspended generator and its tasks behind
            async for response in result:
                await request.context.write(response)

    return run


@dataclass(slots=True)
class _Received:
    # A message cannot tell its size without being serialised again, so the size is noted where the bytes are at hand.
    message: Any
    size: int


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """A method's handler, and the two that stand in its place: `unhurried` waits for no request."""

    handler: Any
    usual: Any
    unhurried: Any


def _request(method: str, kind: str, payload: Any, context: Context, **more: Any) -> Request:
    metadata: Any = context.invocation_metadata() or ()
    request = Request(method, kind, payload, context, metadata=metadata, **more)
    if isinstance(payload, _Received):
        request.take(payload)
    return request


def _receiver(deserializer: Deserializer | None) -> Callable[[bytes], _Received]:
    # grpc reads the message before any interceptor runs, and would answer UNKNOWN with the text of the exception.
    read = _reader(deserializer)

    def deserialize(raw: bytes) -> _Received:
        try:
            return _Received(read(raw), len(raw))
        except DecodeError as error:
            return _Received(error, len(raw))

    return deserialize


def _stream_receiver(deserializer: Deserializer | None) -> Deserializer:
    # Runs while the servicer waits for the message, inside all interceptors: what it raises ends the stream.
    read = _reader(deserializer)

    def deserialize(raw: bytes) -> Any:
        current_call().receive(len(raw))
        return read(raw)

    return deserialize


def _reader(deserializer: Deserializer | None) -> Deserializer:
    """The deserializer; where it is that of a message, its error names a field that is not UTF-8."""
    if deserializer is None:
        return bytes
    descriptor = getattr(getattr(deserializer, "__self__", None), "DESCRIPTOR", None)
    if descriptor is None:
        return deserializer

    def read(raw: bytes) -> Any:
        try:
            return deserializer(raw)
        except DecodeError as error:
            field = not_utf8_field(raw, descriptor)
            raise (NotUtf8Error(field) if field else error) from None

    return read


def _counting(serializer: Callable[[Any], bytes] | None) -> Callable[[Any], bytes]:
    def serialize(message: Any) -> bytes:
        raw: bytes = serializer(message) if serializer else message
        current_call().response_bytes += len(raw)
        return raw

    return serialize
