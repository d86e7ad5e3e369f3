"""Every interceptor is right for all four kinds of call, and for both ways to stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from prometheus_client import generate_latest

from sensorium_core.call import current_call
from sensorium_core.errors import InvalidInputError
from sensorium_core.interceptors import Chain, ErrorsInterceptor, Interceptor, Layer, Request, TelemetryInterceptor
from sensorium_core.telemetry import Metrics
from unit.core.support import (
    CHANNEL_OPTIONS,
    GRPC_TYPES,
    KINDS,
    SERVICE,
    Caller,
    Context,
    Echo,
    Failure,
    Gate,
    echo_server,
    failure_of,
    handled,
    read_all,
    request_id_of,
    until,
)

ALL = (*KINDS, "WriteStream")


@pytest.mark.parametrize("kind", ALL)
async def test_answers_pass_unchanged(caller: Caller, kind: str) -> None:
    assert await caller.call(kind, "abc") == "abc"


@pytest.mark.parametrize("kind", ALL)
async def test_every_call_is_counted_once(caller: Caller, metrics: Metrics, kind: str) -> None:
    await caller.call(kind)
    grpc_type = GRPC_TYPES.get(kind, "server_stream")
    labels = {"grpc_type": grpc_type, "grpc_service": SERVICE, "grpc_method": kind}
    await until(lambda: handled(metrics, kind, "OK", grpc_type) == 1)
    assert metrics.registry.get_sample_value("grpc_server_started_total", labels) == 1
    assert metrics.registry.get_sample_value("grpc_server_handling_seconds_count", labels) == 1


@pytest.mark.parametrize("kind", ALL)
async def test_the_request_id_comes_back_before_the_answers_of_a_stream_and_with_a_single_one(
    caller: Caller, kind: str
) -> None:
    call = caller.start(kind, metadata=(("x-request-id", "cell-7/42"),))
    assert await request_id_of(call) == "cell-7/42"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_domain_error_becomes_its_status(echo: Echo, caller: Caller, kind: str) -> None:
    _raise_in(echo, kind, InvalidInputError.field("image.region", "lies outside", reason="REGION_OUTSIDE_IMAGE"))
    failure = await failure_of(caller.start(kind, metadata=(("x-request-id", "r-1"),)))
    assert failure == Failure(
        grpc.StatusCode.INVALID_ARGUMENT,
        "image.region: lies outside",
        "REGION_OUTSIDE_IMAGE",
        "sensorium",
        {},
        {"image.region": "lies outside"},
        None,
        "r-1",
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unexpected_error_becomes_internal(echo: Echo, caller: Caller, logs: list[Any], kind: str) -> None:
    _raise_in(echo, kind, ValueError("secret path /opt/x"))
    failure = await failure_of(caller.start(kind, metadata=(("x-request-id", "r-2"),)))
    assert (failure.code, failure.reason, failure.request_id) == (grpc.StatusCode.INTERNAL, "INTERNAL", "r-2")
    assert "secret" not in failure.message
    entry = next(entry for entry in logs if entry["event"] == "unexpected error")
    assert repr(entry["exc_info"]) == "ValueError('secret path /opt/x')"
    assert entry["request_id"] == "r-2"


@pytest.mark.parametrize("kind", KINDS)
async def test_the_deadline_of_the_caller_ends_the_call(
    echo: Echo, caller: Caller, metrics: Metrics, kind: str
) -> None:
    gate = _hold_in(echo, kind)
    failure = await failure_of(caller.start(kind, timeout=0.3))
    assert failure.code is grpc.StatusCode.DEADLINE_EXCEEDED
    await until(lambda: handled(metrics, kind, "DEADLINE_EXCEEDED", GRPC_TYPES[kind]) == 1)
    assert gate.waiting == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_that_its_caller_cancels_stops(
    echo: Echo, caller: Caller, metrics: Metrics, logs: list[Any], kind: str
) -> None:
    gate = _hold_in(echo, kind)
    call = caller.start(kind)
    await gate.reached()
    call.cancel()
    await until(lambda: handled(metrics, kind, "CANCELLED", GRPC_TYPES[kind]) == 1)
    assert [type(error) for error in gate.ended] == [asyncio.CancelledError]
    assert [entry["code"] for entry in logs if entry["event"] == "call"] == ["CANCELLED"]


async def test_a_stream_that_yields_is_closed_when_its_caller_leaves(echo: Echo, caller: Caller) -> None:
    closed = asyncio.Event()

    async def endless(request: StringValue, context: Context) -> AsyncIterator[StringValue]:
        try:
            while True:
                yield StringValue(value="x" * 10_000)
        finally:
            closed.set()

    echo.ServerStream = endless  # type: ignore[method-assign]
    call = caller.start("ServerStream")
    await call.read()
    call.cancel()
    await asyncio.wait_for(closed.wait(), 5)


async def test_a_servicer_may_abort_by_itself(echo: Echo, caller: Caller, metrics: Metrics) -> None:
    async def abort(request: StringValue, context: Context) -> StringValue:
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
        raise AssertionError

    echo.Unary = abort  # type: ignore[method-assign]
    assert await failure_of(caller.start("Unary")) == Failure(grpc.StatusCode.FAILED_PRECONDITION, "not now")
    await until(lambda: handled(metrics, "Unary", "FAILED_PRECONDITION") == 1)


async def test_the_call_is_the_same_for_all_that_happens_in_it(echo: Echo, caller: Caller) -> None:
    async def tell_id(request: StringValue, context: Context) -> StringValue:
        in_task = await asyncio.create_task(_request_id())
        return StringValue(value=f"{current_call().request_id} {in_task} {current_call().method}")

    echo.Unary = tell_id  # type: ignore[method-assign]
    calls = [caller.call("Unary", metadata=(("x-request-id", f"id-{number}"),)) for number in range(4)]
    expected = [f"id-{number} id-{number} /{SERVICE}/Unary" for number in range(4)]
    assert await asyncio.gather(*calls) == expected


async def test_a_message_that_cannot_be_read_is_the_callers_fault(
    caller: Caller, metrics: Metrics, logs: list[Any]
) -> None:
    for call in (caller.raw(b"\xff\xff"), caller.raw_client_stream(_one_message(b"\xff\xff"))):
        failure = await failure_of(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED")
        assert failure.message == "The bytes received are no message of this method."
    await until(lambda: handled(metrics, "Unary", "INVALID_ARGUMENT") == 1)
    assert "unexpected error" not in [entry["event"] for entry in logs]


async def test_an_unknown_method_is_unimplemented_whatever_it_is_called_as(caller: Caller, metrics: Metrics) -> None:
    for number, kind in enumerate(("unary_unary", "unary_stream", "stream_unary", "stream_stream")):
        call: Any = getattr(caller.channel, kind)(f"/{SERVICE}/Sing{number}")
        payload = _one_message(b"a") if kind.startswith("stream") else b"a"
        failure = await failure_of(call(payload))
        assert (failure.code, failure.reason) == (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN")
    await until(lambda: handled(metrics, "unknown", "UNIMPLEMENTED", "bidi_stream", "unknown") == 4)


async def test_the_names_of_unknown_methods_are_cut_and_make_no_metrics(
    caller: Caller, metrics: Metrics, logs: list[Any]
) -> None:
    sing: Any = caller.channel.unary_unary("/a/" + "x" * 5000)
    await failure_of(sing(b""))
    await until(lambda: handled(metrics, "unknown", "UNIMPLEMENTED", "bidi_stream", "unknown") == 1)
    assert len(next(entry for entry in logs if entry["event"] == "call")["method"]) == 256
    assert "xxx" not in generate_latest(metrics.registry).decode()


async def test_what_stands_around_a_call_sees_its_kind_and_message(echo: Echo) -> None:
    seen: list[tuple[str, str, Any]] = []

    class Watching(Interceptor):
        async def run(self, request: Request, inner: Layer) -> Any:
            seen.append((request.method, request.kind, request.message))
            return await inner(request)

    async with echo_server(echo, [Watching()]) as caller:
        for kind in ALL:
            assert await caller.call(kind, "ab") == "ab"
    text = StringValue(value="ab")
    assert seen == [
        (f"/{SERVICE}/Unary", "unary", text),
        (f"/{SERVICE}/ClientStream", "client_stream", None),
        (f"/{SERVICE}/ServerStream", "server_stream", text),
        (f"/{SERVICE}/BidiStream", "bidi_stream", None),
        (f"/{SERVICE}/WriteStream", "server_stream", text),
    ]


async def test_grpcs_own_health_watch_works_behind_interceptors(metrics: Metrics) -> None:
    server = grpc.aio.server(interceptors=[Chain(TelemetryInterceptor(metrics), ErrorsInterceptor())])
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        await servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        await until(lambda: handled(metrics, "Watch", "CANCELLED", "server_stream", "grpc.health.v1.Health") == 1)
    await server.stop(None)


async def _request_id() -> str:
    return current_call().request_id


def _raise_in(echo: Echo, kind: str, error: Exception) -> None:
    async def fail(request: Any, context: Context) -> StringValue:
        await read_all(request)
        raise error

    async def fail_streaming(request: Any, context: Context) -> AsyncIterator[StringValue]:
        yield StringValue(value="a")
        await read_all(request)
        raise error

    setattr(echo, kind, fail if kind in ("Unary", "ClientStream") else fail_streaming)


async def _one_message(raw: bytes) -> AsyncIterator[bytes]:
    yield raw
    await asyncio.Event().wait()


def _hold_in(echo: Echo, kind: str) -> Gate:
    gate = Gate()

    async def hold(request: Any, context: Context) -> StringValue:
        await read_all(request)
        await gate()
        return StringValue()

    async def hold_streaming(request: Any, context: Context) -> AsyncIterator[StringValue]:
        await read_all(request)
        await gate()
        yield StringValue()

    setattr(echo, kind, hold if kind in ("Unary", "ClientStream") else hold_streaming)
    return gate
