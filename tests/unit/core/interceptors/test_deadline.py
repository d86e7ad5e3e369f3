"""Every unary call has a deadline: the caller's, or the server's own when that is sooner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sensorium_core.call import current_call
from unit.core.support import KINDS, Caller, Context, Echo, Gate, failure_of, read_all

Serve = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def left(echo: Echo) -> list[float | None]:
    """Seconds that calls had left when they reached the servicer."""
    seen: list[float | None] = []

    async def look(request: Any, context: Context) -> StringValue:
        seen.append(current_call().remaining())
        await read_all(request)
        return StringValue()

    async def look_streaming(request: Any, context: Context) -> AsyncIterator[StringValue]:
        seen.append(current_call().remaining())
        await read_all(request)
        yield StringValue()

    for kind in KINDS:
        setattr(echo, kind, look_streaming if kind in ("ServerStream", "BidiStream") else look)
    return seen


async def test_the_callers_deadline_holds_when_it_is_sooner(serve: Serve, left: list[float | None]) -> None:
    async with serve(longest=30) as caller:
        await caller.call("Unary", timeout=10)
    assert left == [pytest.approx(10, abs=1)]


async def test_the_servers_own_holds_when_it_is_sooner(serve: Serve, left: list[float | None]) -> None:
    async with serve(longest=5) as caller:
        await caller.call("Unary", timeout=100)
        await caller.call("Unary")
    assert left == [pytest.approx(5, abs=1)] * 2


@pytest.mark.parametrize("kind", ["ServerStream", "BidiStream", "ClientStream"])
async def test_a_stream_has_its_callers_deadline_only(serve: Serve, left: list[float | None], kind: str) -> None:
    async with serve(longest=5) as caller:
        await caller.call(kind)
        await caller.call(kind, timeout=100)
    assert left == [None, pytest.approx(100, abs=2)]


async def test_the_server_ends_a_call_that_takes_too_long(serve: Serve, echo: Echo) -> None:
    hold = Gate()

    async def wait(request: StringValue, context: Context) -> StringValue:
        await hold()
        return request

    echo.Unary = wait  # type: ignore[method-assign]
    async with serve(longest=0.03) as caller:
        failure = await failure_of(caller.start("Unary"))
    assert (failure.code, failure.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
    assert failure.message == "The deadline passed before the answer was ready."
    assert hold.waiting == 0


async def test_a_deadline_of_a_millisecond_is_kept(caller: Caller) -> None:
    hopeless = [caller.start("Unary", timeout=0.001) for _ in range(20)]
    codes = set()
    for call in hopeless:
        codes.add(await call.code())
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED}
    assert await caller.call("Unary", "still there") == "still there"
