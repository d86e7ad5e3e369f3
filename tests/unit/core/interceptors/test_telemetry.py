"""Request ids, metrics and the access log."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sensorium.type.v1.image_pb2 import Image
from sensorium.type.v1.request_context_pb2 import RequestContext
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.call import Stage, current_call
from sensorium_core.interceptors import ErrorsInterceptor, TelemetryInterceptor
from sensorium_core.telemetry import Metrics
from unit.core.support import (
    SERVICE,
    Caller,
    Context,
    Echo,
    Gate,
    echo_server,
    failure_of,
    handled,
    request_id_of,
    sample,
    until,
)

IMAGE = Image(encoded=b"picture")


async def test_an_id_is_made_up_when_none_is_given(caller: Caller) -> None:
    ids = [await request_id_of(caller.start("Unary")) for _ in range(2)]
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)
    assert ids[0] != ids[1]


async def test_the_id_in_the_message_goes_before_the_one_in_the_metadata(caller: Caller) -> None:
    request = pb.ClassifyRequest(context=RequestContext(request_id="in the message"), image=IMAGE)
    call = caller.classify(request, metadata=(("x-request-id", "in the metadata"),))
    assert await request_id_of(call) == "in the message"


async def test_the_metadata_serves_when_the_message_has_no_id(caller: Caller) -> None:
    call = caller.classify(pb.ClassifyRequest(image=IMAGE), metadata=(("x-request-id", "in the metadata"),))
    assert await request_id_of(call) == "in the metadata"


@pytest.mark.parametrize(
    "hostile",
    ["x" * 129, "line\nbreak", "null\x00", "\x1b[31mred", "\u2028", "\u202eright to left"],
    ids=["too long", "newline", "null", "escape", "line separator", "direction"],
)
async def test_a_hostile_id_is_replaced(caller: Caller, logs: list[Any], hostile: str) -> None:
    call = caller.classify(pb.ClassifyRequest(context=RequestContext(request_id=hostile), image=IMAGE))
    made_up = await request_id_of(call)
    assert len(made_up) == 32
    assert made_up.isalnum()
    await until(lambda: [entry["request_id"] for entry in logs if entry["event"] == "call"] == [made_up])


async def test_a_too_long_id_in_the_metadata_is_replaced(caller: Caller) -> None:
    assert len(await request_id_of(caller.start("Unary", metadata=(("x-request-id", "x" * 129),)))) == 32


async def test_the_longest_id_is_kept(caller: Caller) -> None:
    assert await request_id_of(caller.start("Unary", metadata=(("x-request-id", "x" * 128),))) == "x" * 128


async def test_an_id_beyond_ascii_is_kept_and_quoted_in_the_header(echo: Echo, caller: Caller) -> None:
    async def tell(request: pb.ClassifyRequest, context: Context) -> pb.ClassifyResponse:
        return pb.ClassifyResponse(context=RequestContext(request_id=current_call().request_id))

    echo.Classify = tell  # type: ignore[method-assign]
    call = caller.classify(pb.ClassifyRequest(context=RequestContext(request_id="Prüfung 7"), image=IMAGE))
    assert await request_id_of(call) == "Pr%C3%BCfung 7"
    assert (await call).context.request_id == "Prüfung 7"


async def test_an_id_beyond_ascii_is_kept_in_the_error(echo: Echo, caller: Caller) -> None:
    failure = await failure_of(caller.classify(pb.ClassifyRequest(context=RequestContext(request_id="检验-7"))))
    assert (failure.code, failure.request_id) == (grpc.StatusCode.INVALID_ARGUMENT, "检验-7")


async def test_each_code_is_counted_and_timed(echo: Echo, caller: Caller, metrics: Metrics) -> None:
    await caller.call("Unary")
    await caller.call("Unary")
    _fail(echo, KeyError("x"))
    await failure_of(caller.start("Unary"))
    await until(lambda: handled(metrics, "Unary", "INTERNAL") == 1)
    assert handled(metrics, "Unary", "OK") == 2
    labels = {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": "Unary"}
    assert sample(metrics, "grpc_server_started_total", **labels) == 3
    assert sample(metrics, "grpc_server_handling_seconds_count", **labels) == 3
    assert 0 < sample(metrics, "grpc_server_handling_seconds_sum", **labels) < 5


async def test_a_code_that_the_servicer_sets_is_counted(echo: Echo, caller: Caller, metrics: Metrics) -> None:
    async def set_code(request: StringValue, context: Context) -> StringValue:
        context.set_code(grpc.StatusCode.OUT_OF_RANGE)
        return request

    echo.Unary = set_code  # type: ignore[method-assign]
    assert (await failure_of(caller.start("Unary"))).code is grpc.StatusCode.OUT_OF_RANGE
    await until(lambda: handled(metrics, "Unary", "OUT_OF_RANGE") == 1)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 1.005])
async def test_calls_that_end_by_their_deadline_are_never_counted_as_cancelled(
    echo: Echo, caller: Caller, metrics: Metrics, seconds: float
) -> None:
    hold = Gate()

    async def wait(request: StringValue, context: Context) -> StringValue:
        await hold()
        return request

    echo.Unary = wait  # type: ignore[method-assign]
    failures = await asyncio.gather(*(failure_of(caller.start("Unary", timeout=seconds)) for _ in range(4)))
    assert {failure.code for failure in failures} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    await until(lambda: len(hold.ended) == 4)
    await until(lambda: handled(metrics, "Unary", "DEADLINE_EXCEEDED") == 4)


async def test_the_access_log_tells_what_happened_and_no_content(echo: Echo, caller: Caller, logs: list[Any]) -> None:
    async def work(request: StringValue, context: Context) -> StringValue:
        call = current_call()
        call.spend(Stage.DECODE, 0.25)
        call.models["backbone"] = "3"
        return StringValue(value="top secret answer")

    echo.Unary = work  # type: ignore[method-assign]
    await caller.call("Unary", "top secret question", metadata=(("x-request-id", "r-9"),))
    (entry,) = [entry for entry in logs if entry["event"] == "call"]
    assert entry.pop("seconds") > 0
    assert entry.pop("peer").startswith("ipv4:127.0.0.1:")
    assert entry == {
        "event": "call",
        "log_level": "info",
        "request_id": "r-9",
        "method": f"/{SERVICE}/Unary",
        "code": "OK",
        "stages": {"decode": 0.25},
        "models": {"backbone": "3"},
        "request_bytes": StringValue(value="top secret question").ByteSize(),
        "response_bytes": StringValue(value="top secret answer").ByteSize(),
    }


async def test_the_access_log_names_the_reason_of_a_failure(echo: Echo, caller: Caller, logs: list[Any]) -> None:
    _fail(echo, TimeoutError())
    await failure_of(caller.start("Unary"))
    await until(lambda: [entry.get("reason") for entry in logs if entry["event"] == "call"] == ["DEADLINE_EXCEEDED"])


async def test_a_caller_that_is_gone_before_it_is_served_is_counted_as_cancelled(
    echo: Echo, metrics: Metrics, logs: list[Any]
) -> None:
    labels = {"grpc_type": "server_stream", "grpc_service": SERVICE, "grpc_method": "ServerStream"}
    async with echo_server(echo, [TelemetryInterceptor(metrics), ErrorsInterceptor()]) as caller:
        calls = [caller.start("ServerStream", "abc") for _ in range(50)]
        await calls[0].read()
        for call in calls:
            call.cancel()
        await caller.call("Unary")  # on the same connection: what was sent before has arrived
        await until(
            lambda: (
                sum(handled(metrics, "ServerStream", code, "server_stream") for code in ("OK", "CANCELLED"))
                == sample(metrics, "grpc_server_started_total", **labels)
            )
        )
    assert not [entry for entry in logs if entry["event"] == "unexpected error"]


def _fail(echo: Echo, error: Exception) -> None:
    async def fail(request: StringValue, context: Context) -> StringValue:
        raise error

    echo.Unary = fail  # type: ignore[method-assign]
