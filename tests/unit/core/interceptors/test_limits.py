"""Requests that are too large or too many are refused before the servicer sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium.type.v1.image_pb2 import Image
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.health import HealthServicer
from sensorium_core.interceptors import (
    Chain,
    ErrorsInterceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.limits import Admission
from sensorium_core.telemetry import Metrics
from unit.core.conftest import MAX_MESSAGE_BYTES, PLACES
from unit.core.support import (
    CHANNEL_OPTIONS,
    Caller,
    Context,
    Echo,
    Failure,
    Gate,
    echo_server,
    failure_of,
    handled,
    sample,
    until,
)

MEBIBYTE = 1 << 20


@pytest.fixture
def gate(echo: Echo) -> Gate:
    """Where unary calls wait; a call that says `pass` does not."""
    gate = Gate()

    async def hold(request: StringValue, context: Context) -> StringValue:
        if request.value != "pass":
            await gate()
        return request

    echo.Unary = hold  # type: ignore[method-assign]
    return gate


async def test_one_call_too_many_is_turned_away(
    caller: Caller, gate: Gate, metrics: Metrics, admission: Admission
) -> None:
    held = [caller.start("Unary") for _ in range(PLACES)]
    await gate.reached(PLACES)
    assert sample(metrics, "sensorium_in_flight_requests") == PLACES
    failure = await failure_of(caller.start("Unary", "pass", metadata=(("x-request-id", "r"),)))
    assert failure == Failure(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "The service has as many requests in flight as it takes.",
        "OVERLOADED",
        "sensorium",
        retry_delay=0.1,
        request_id="r",
    )
    assert gate.waiting == PLACES
    assert sample(metrics, "sensorium_rejected_total", reason="admission") == 1
    gate.open.set()
    assert await asyncio.gather(*(call for call in held)) == [StringValue(value="abc")] * PLACES
    assert admission.in_flight == 0
    assert await caller.call("Unary", "pass") == "pass"


async def test_in_a_crowd_a_call_is_turned_away_before_its_request_has_come(
    echo: Echo, gate: Gate, metrics: Metrics
) -> None:
    admission, coming = Admission(PLACES, metrics), asyncio.Event()

    async def never() -> AsyncIterator[bytes]:
        await coming.wait()
        yield b""

    interceptors = [TelemetryInterceptor(metrics), ErrorsInterceptor(), LimitsInterceptor(admission, MAX_MESSAGE_BYTES)]
    async with echo_server(echo, interceptors, crowded=admission.is_crowded) as caller:
        held = [caller.start("Unary") for _ in range(PLACES)]
        await gate.reached(PLACES)
        failure = await failure_of(caller.raw_as_stream(never()))
        assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert sample(metrics, "sensorium_rejected_total", reason="admission") == 1
        gate.open.set()
        await asyncio.gather(*held)


async def test_in_a_crowd_a_call_that_brings_no_request_is_malformed(echo: Echo, metrics: Metrics) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        for _ in range(0):
            yield b""

    interceptors = [
        TelemetryInterceptor(metrics),
        ErrorsInterceptor(),
        LimitsInterceptor(Admission(PLACES, metrics), MAX_MESSAGE_BYTES),
        ValidationInterceptor(),
    ]
    async with echo_server(echo, interceptors, crowded=lambda: True) as caller:
        failure = await failure_of(caller.raw_as_stream(nothing()))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED")


async def test_a_cancelled_call_frees_its_place(caller: Caller, gate: Gate, admission: Admission) -> None:
    held = [caller.start("Unary") for _ in range(PLACES)]
    await gate.reached(PLACES)
    held[0].cancel()
    await until(lambda: admission.in_flight == PLACES - 1)
    assert await caller.call("Unary", "pass") == "pass"
    gate.open.set()
    await asyncio.gather(*held[1:])


async def test_a_call_past_its_deadline_frees_its_place(
    caller: Caller, gate: Gate, admission: Admission, metrics: Metrics
) -> None:
    await failure_of(caller.start("Unary", timeout=0.03))
    await until(lambda: handled(metrics, "Unary", "DEADLINE_EXCEEDED") == 1)
    assert admission.in_flight == 0


async def test_a_failed_call_frees_its_place(echo: Echo, caller: Caller, admission: Admission) -> None:
    async def fail(request: StringValue, context: Context) -> StringValue:
        raise ValueError

    echo.Unary = fail  # type: ignore[method-assign]
    for _ in range(PLACES + 1):
        assert (await failure_of(caller.start("Unary"))).code is grpc.StatusCode.INTERNAL
    await until(lambda: admission.in_flight == 0)


async def test_a_stream_of_requests_takes_no_place(echo: Echo, caller: Caller, admission: Admission) -> None:
    seen = []

    async def look(requests: AsyncIterator[StringValue], context: Context) -> StringValue:
        seen.append(admission.in_flight)
        return StringValue(value="".join([request.value async for request in requests]))

    echo.ClientStream = look  # type: ignore[method-assign]
    assert await caller.call("ClientStream", "xy") == "xy"
    assert seen == [0]


async def test_health_answers_when_everything_else_is_refused(metrics: Metrics) -> None:
    full = Admission(1, metrics)
    interceptors = [TelemetryInterceptor(metrics), ErrorsInterceptor(), LimitsInterceptor(full, 100)]
    server = grpc.aio.server(interceptors=[Chain(*interceptors, crowded=full.is_crowded)])
    servicer = HealthServicer([""])
    servicer.set(serving=True)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel, full.slot():
        reply = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert reply.status == health_pb2.HealthCheckResponse.SERVING
    await server.stop(None)


@pytest.mark.parametrize("kind", ["Unary", "ServerStream"])
async def test_a_message_over_the_limit_is_refused(caller: Caller, logs: list[Any], kind: str) -> None:
    text = "x" * MAX_MESSAGE_BYTES
    size = StringValue(value=text).ByteSize()
    failure = await failure_of(caller.start(kind, text))
    assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
    assert failure.metadata == {"limit_bytes": str(MAX_MESSAGE_BYTES), "size_bytes": str(size)}
    assert failure.fields == {"value": f"the message has {size} bytes, at most {MAX_MESSAGE_BYTES} are taken"}
    assert failure.retry_delay is None


async def test_a_message_at_the_limit_is_taken(caller: Caller) -> None:
    overhead = StringValue(value="x" * 60_000).ByteSize() - 60_000
    text = "x" * (MAX_MESSAGE_BYTES - overhead)
    assert await caller.call("Unary", text) == text


async def test_33_mebibytes_are_refused_and_name_the_field(echo: Echo, metrics: Metrics) -> None:
    interceptors = [
        TelemetryInterceptor(metrics),
        ErrorsInterceptor(),
        LimitsInterceptor(Admission(1, metrics), 32 * MEBIBYTE),
    ]
    async with echo_server(echo, interceptors) as caller:
        failure = await failure_of(caller.classify(pb.ClassifyRequest(image=Image(encoded=bytes(33 * MEBIBYTE)))))
        assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
        assert failure.metadata["limit_bytes"] == str(32 * MEBIBYTE)
        assert list(failure.fields) == ["image.encoded"]
        assert await caller.call("Unary", "next") == "next"
