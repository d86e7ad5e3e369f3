"""A service of all four kinds of call, and what its caller got, in plain values."""

# ruff: noqa: N802 - methods bear the names of the RPCs

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client._aio_ending import StreamEnding
from sensorium_core.interceptors import Chain, DrainGate, Interceptor
from sensorium_core.telemetry import Metrics

SERVICE = "sensorium.test.v1.Echo"
KINDS = ("Unary", "ClientStream", "ServerStream", "BidiStream")
GRPC_TYPES = {
    "Unary": "unary",
    "ClientStream": "client_stream",
    "ServerStream": "server_stream",
    "BidiStream": "bidi_stream",
}
# Tests must not share a connection: each has a server of its own.
CHANNEL_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]
Context = grpc.aio.ServicerContext[Any, Any]


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Returns when the condition holds; what it waits for happens after a caller already has its answer."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions are of many kinds, and none has an event
            await asyncio.sleep(0.001)


class Echo:
    """Gives back what it gets. A test puts what it wants to see in the place of a method."""

    async def Unary(self, request: StringValue, context: Context) -> StringValue:
        return request

    async def ClientStream(self, requests: AsyncIterator[StringValue], context: Context) -> StringValue:
        return StringValue(value="".join([request.value async for request in requests]))

    async def ServerStream(self, request: StringValue, context: Context) -> AsyncIterator[StringValue]:
        for letter in request.value:
            yield StringValue(value=letter)

    async def WriteStream(self, request: StringValue, context: Context) -> None:
        for letter in request.value:
            await context.write(StringValue(value=letter))

    async def BidiStream(self, requests: AsyncIterator[StringValue], context: Context) -> AsyncIterator[StringValue]:
        async for request in requests:
            yield request

    async def Classify(self, request: pb.ClassifyRequest, context: Context) -> pb.ClassifyResponse:
        return pb.ClassifyResponse(context=request.context)

    async def ReadCodes(self, request: pb.ReadCodesRequest, context: Context) -> pb.ReadCodesResponse:
        return pb.ReadCodesResponse()

    def register(self, server: grpc.aio.Server) -> None:
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, self._handlers()),))

    def _handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        kinds = {
            "Unary": grpc.unary_unary_rpc_method_handler,
            "ClientStream": grpc.stream_unary_rpc_method_handler,
            "ServerStream": grpc.unary_stream_rpc_method_handler,
            "WriteStream": grpc.unary_stream_rpc_method_handler,
            "BidiStream": grpc.stream_stream_rpc_method_handler,
        }
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            name: make(self._late(name), StringValue.FromString, StringValue.SerializeToString)
            for name, make in kinds.items()
        }
        for name, request, response in (
            ("Classify", pb.ClassifyRequest, pb.ClassifyResponse),
            ("ReadCodes", pb.ReadCodesRequest, pb.ReadCodesResponse),
        ):
            handlers[name] = grpc.unary_unary_rpc_method_handler(
                self._late(name), request.FromString, response.SerializeToString
            )
        return handlers

    def _late(self, name: str) -> Callable[[Any, Any], Any]:
        def call(request: Any, context: Context) -> Any:
            return getattr(self, name)(request, context)

        return call


class Caller:
    """Calls an Echo over a channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        texts = StringValue.SerializeToString, StringValue.FromString
        self.unary = channel.unary_unary(f"/{SERVICE}/Unary", *texts)
        self.client_stream = channel.stream_unary(f"/{SERVICE}/ClientStream", *texts)
        self.server_stream = channel.unary_stream(f"/{SERVICE}/ServerStream", *texts)
        self.write_stream = channel.unary_stream(f"/{SERVICE}/WriteStream", *texts)
        self.bidi_stream = channel.stream_stream(f"/{SERVICE}/BidiStream", *texts)
        self.raw: Any = channel.unary_unary(f"/{SERVICE}/Unary")
        self.raw_as_stream: Any = channel.stream_unary(f"/{SERVICE}/Unary")
        self.raw_client_stream: Any = channel.stream_unary(f"/{SERVICE}/ClientStream")
        self.classify = channel.unary_unary(
            f"/{SERVICE}/Classify", pb.ClassifyRequest.SerializeToString, pb.ClassifyResponse.FromString
        )
        self.read_codes = channel.unary_unary(
            f"/{SERVICE}/ReadCodes", pb.ReadCodesRequest.SerializeToString, pb.ReadCodesResponse.FromString
        )

    def start(self, kind: str, text: str = "abc", **options: Any) -> Any:
        """Begins a call of a kind; `text` is the request, or letter by letter the requests."""
        streaming: dict[str, Any] = {"ClientStream": self.client_stream, "BidiStream": self.bidi_stream}
        if kind in streaming:
            return streaming[kind](iter([StringValue(value=letter) for letter in text]), **options)
        single: dict[str, Any] = {
            "Unary": self.unary,
            "ServerStream": self.server_stream,
            "WriteStream": self.write_stream,
        }
        return single[kind](StringValue(value=text), **options)

    async def call(self, kind: str, text: str = "abc", **options: Any) -> str:
        """What came back of a call of a kind, in one text."""
        return await answer(self.start(kind, text, **options))


async def answer(call: Any) -> str:
    """The text of a response, or of all responses of a stream."""
    if isinstance(call, Awaitable):
        return str((await call).value)
    return "".join([response.value async for response in call])


@asynccontextmanager
async def echo_server(
    echo: Echo,
    interceptors: Sequence[Interceptor],
    gate: DrainGate | None = None,
    also: Callable[[grpc.aio.Server], None] = lambda _: None,
    crowded: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Caller]:
    """Serves an Echo behind interceptors, and a gate before them, and gives a caller of it; `also` adds services."""
    chain = Chain(*interceptors, gate=gate, crowded=crowded)
    server = grpc.aio.server(interceptors=[chain], options=[("grpc.max_receive_message_length", -1)])
    echo.register(server)
    also(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
        yield Caller(channel)
    await server.stop(None)


@dataclass(frozen=True)
class Failure:
    """The status that a call ended with and its details."""

    code: grpc.StatusCode
    message: str = ""
    reason: str = ""
    domain: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    retry_delay: float | None = None
    request_id: str = ""


async def failure_of(call: Any) -> Failure:
    """How a call failed; an error of the test when it did not."""
    # A server that ends a stream while a message is being sent shows as an error of grpc.aio's own.
    ending = StreamEnding(call) if isinstance(call, grpc.aio.Call) else None
    try:
        result = await (call if isinstance(call, Awaitable) else answer(call))
    except grpc.aio.AioRpcError as error:
        return _failure(error if ending is None else ending.cause_of(error))
    raise AssertionError(f"the call succeeded with {result!r}")


def _failure(error: grpc.aio.AioRpcError) -> Failure:
    try:
        status = rpc_status.from_call(error)
    except ValueError:  # the caller's own deadline passed while the server's words about it came in
        status = None
    if status is None:
        return Failure(error.code(), error.details() or "")
    return failure_in(status, error.code())


def failure_in(status: Any, code: grpc.StatusCode) -> Failure:
    """A google.rpc.Status in plain values."""
    kinds = (
        error_details_pb2.ErrorInfo,
        error_details_pb2.BadRequest,
        error_details_pb2.RetryInfo,
        error_details_pb2.RequestInfo,
    )
    found = {kind.DESCRIPTOR.name: kind() for kind in kinds}
    seen = set()
    for detail in status.details:
        name = detail.TypeName().rpartition(".")[2]
        detail.Unpack(found[name])
        seen.add(name)
    info, retry = found["ErrorInfo"], found["RetryInfo"].retry_delay
    return Failure(
        code,
        status.message,
        info.reason,
        info.domain,
        dict(info.metadata),
        {v.field: v.description for v in found["BadRequest"].field_violations},
        retry.ToMilliseconds() / 1000 if "RetryInfo" in seen else None,
        found["RequestInfo"].request_id,
    )


async def read_all(request: Any) -> None:
    """Reads the requests of a stream to their end; there is nothing to read of a single one.

    grpc.aio's client says INTERNAL, whatever the server said, when the call ends while it still sends.
    """
    if not isinstance(request, StringValue):
        async for _ in request:
            pass


async def request_id_of(call: Any) -> str:
    """The request id that came with a call's answer: before those of a stream, with a single one."""
    early = dict(await call.initial_metadata())
    return str(early.get("x-request-id") or dict(await call.trailing_metadata())["x-request-id"])


def handled(metrics: Metrics, method: str, code: str, kind: str = "unary", service: str = SERVICE) -> float:
    """How many calls of a method have ended with a code."""
    labels = {"grpc_type": kind, "grpc_service": service, "grpc_method": method, "grpc_code": code}
    return metrics.registry.get_sample_value("grpc_server_handled_total", labels) or 0.0


def sample(metrics: Metrics, name: str, **labels: str) -> float:
    """The value of a metric; 0 as long as it has none."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


class Gate:
    """A place in a servicer where calls wait until the test lets them go on."""

    def __init__(self) -> None:
        self.waiting = 0
        self.open = asyncio.Event()
        self.ended: list[BaseException | None] = []

    async def __call__(self) -> None:
        self.waiting += 1
        try:
            await self.open.wait()
        except BaseException as error:
            self.ended.append(error)
            raise
        else:
            self.ended.append(None)
        finally:
            self.waiting -= 1

    async def reached(self, calls: int = 1) -> None:
        """Returns when so many calls wait."""
        await until(lambda: self.waiting == calls)
