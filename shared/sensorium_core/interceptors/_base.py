"""One way to stand around a call, whichever of the four kinds it is."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message

from sensorium_core.wire import NotUtf8Error, not_utf8_field


@dataclass(frozen=True)
class Request:
    """What an interceptor gets to know of a call.

    Attributes:
        method: full method name, `/package.Service/Method`.
        kind: `unary`, `client_stream`, `server_stream` or `bidi_stream`, the names of Prometheus' gRPC metrics.
        message: the request; None when requests stream, whose messages the servicer checks one by one.
        context: grpc's own view of the call.
        malformed: why the bytes that came are no message of the method's type; None when they are.
        size: bytes of the request on the wire; known to the outermost interceptor only, None where requests stream.
    """

    method: str
    kind: str
    message: Message | None
    context: grpc.aio.ServicerContext[Any, Any]
    malformed: DecodeError | None = None
    size: int | None = None


Behaviour = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Any]


class Interceptor(grpc.aio.ServerInterceptor):
    """Base of the interceptors: a subclass says what happens around a call, as an async context manager.

    An error that it raises, or lets through, ends the call.
    """

    def around(self, request: Request) -> AbstractAsyncContextManager[None]:
        """The context in which the call runs."""
        raise NotImplementedError

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wraps the method's handler; called by grpc."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        return _KINDS[handler.request_streaming, handler.response_streaming](self, handler_call_details.method, handler)

    def _unary(self, method: str, kind: str, behaviour: Behaviour) -> Behaviour:
        async def call(message: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            received = _Received.of(message)
            async with self.around(_request(method, kind, received, context)):
                return await behaviour(received.message, context)

        return call

    def _streaming(self, method: str, kind: str, behaviour: Behaviour) -> Behaviour:
        async def call(message: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
            received = _Received.of(message)
            async with self.around(_request(method, kind, received, context)):
                await _run(behaviour(received.message, context), context)

        return call


@dataclass(frozen=True)
class _Received:
    # A message cannot tell its size without being serialised again, so the size is noted where the bytes are at hand.
    message: Any
    size: int | None

    @classmethod
    def of(cls, message: Any) -> "_Received":
        return message if isinstance(message, cls) else cls(message, None)


def _request(method: str, kind: str, received: _Received, context: grpc.aio.ServicerContext[Any, Any]) -> Request:
    message = received.message if isinstance(received.message, Message) else None
    malformed = received.message if isinstance(received.message, DecodeError) else None
    return Request(method, kind, message, context, malformed=malformed, size=received.size)


def _receiver(deserializer: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    # grpc reads the message before any interceptor runs, and would answer UNKNOWN with the text of the exception.
    if deserializer is None:
        return None
    read = _reader(deserializer)

    def deserialize(raw: bytes) -> Any:
        try:
            return _Received(_Received.of(read(raw)).message, len(raw))
        except DecodeError as error:
            return _Received(error, len(raw))

    return deserialize


def _reader(deserializer: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """The deserializer; where it is that of a message, its error names a field that is not UTF-8."""
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


async def _run(result: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    # A servicer streams by yielding, or by writing to the context as this wrapper and grpc's health servicer do.
    if isinstance(result, AsyncGenerator):
        async with aclosing(result):  # a cancelled call must not leave a suspended generator and its tasks behind
            async for response in result:
                await context.write(response)
    else:
        await result


def _unary_unary(interceptor: Interceptor, method: str, handler: Any) -> Any:
    behaviour = interceptor._unary(method, "unary", handler.unary_unary)
    deserializer = _receiver(handler.request_deserializer)
    return grpc.unary_unary_rpc_method_handler(behaviour, deserializer, handler.response_serializer)


def _stream_unary(interceptor: Interceptor, method: str, handler: Any) -> Any:
    behaviour = interceptor._unary(method, "client_stream", handler.stream_unary)
    deserializer = handler.request_deserializer and _reader(handler.request_deserializer)
    return grpc.stream_unary_rpc_method_handler(behaviour, deserializer, handler.response_serializer)


def _unary_stream(interceptor: Interceptor, method: str, handler: Any) -> Any:
    behaviour = interceptor._streaming(method, "server_stream", handler.unary_stream)
    deserializer = _receiver(handler.request_deserializer)
    return grpc.unary_stream_rpc_method_handler(behaviour, deserializer, handler.response_serializer)


def _stream_stream(interceptor: Interceptor, method: str, handler: Any) -> Any:
    behaviour = interceptor._streaming(method, "bidi_stream", handler.stream_stream)
    deserializer = handler.request_deserializer and _reader(handler.request_deserializer)
    return grpc.stream_stream_rpc_method_handler(behaviour, deserializer, handler.response_serializer)


_KINDS = {
    (False, False): _unary_unary,
    (True, False): _stream_unary,
    (False, True): _unary_stream,
    (True, True): _stream_stream,
}
