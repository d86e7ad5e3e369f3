"""The gate holds calls of this project's services back while it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import grpc

from sensorium_core.interceptors import DrainGate, ErrorsInterceptor
from unit.core.support import Caller, Echo, echo_server


async def test_a_closed_gate_holds_calls_and_an_open_one_lets_them_run(echo: Echo) -> None:
    gate = DrainGate()
    async with echo_server(echo, [ErrorsInterceptor()], gate) as caller:
        assert await caller.call("Unary", "before") == "before"
        await gate.close()
        held = asyncio.ensure_future(caller.call("Unary", "held"))
        await _noticed(caller)
        assert not held.done()
        gate.open()
        assert await held == "held"


async def test_closing_takes_a_moment_when_it_is_quiet_and_a_second_when_it_never_is(echo: Echo) -> None:
    gate = DrainGate()
    loop = asyncio.get_running_loop()

    async def arrive_for_ever() -> None:
        while True:
            held.append(gate.arrive("/sensorium.test.v1.Echo/Unary"))
            await asyncio.sleep(0.005)

    held: list[Awaitable[object] | None] = []
    start = loop.time()
    await gate.close()
    assert 0.05 < loop.time() - start < 0.5
    gate.open()
    arriving = asyncio.create_task(arrive_for_ever())
    start = loop.time()
    await gate.close()
    assert 0.9 < loop.time() - start < 1.5
    arriving.cancel()
    gate.open()
    for each in held:
        assert each is not None
        await each


async def _noticed(caller: Caller) -> None:
    # A call that passes the gate on the same connection shows that those before it have arrived.
    other: Any = caller.channel.unary_unary("/other.Service/Method")
    assert await other(b"").code() is grpc.StatusCode.UNIMPLEMENTED
