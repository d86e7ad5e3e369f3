"""Health says what the probe says, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium_core.health import HealthMonitor
from sensorium_core.interceptors import Chain, ErrorsInterceptor, TelemetryInterceptor
from sensorium_core.telemetry import Metrics
from unit.core.support import CHANNEL_OPTIONS, failure_of, handled, until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
NAME = "sensorium.test.v1.Echo"


class Probe:
    """What a test says of the service's health, one answer a probe; it tells when it is asked again."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bool | Exception] = asyncio.Queue()
        self.asked = 0

    async def __call__(self) -> bool:
        self.asked += 1
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def says(self, answer: bool | Exception) -> None:
        """Gives the answer and returns when it has been taken in."""
        asked = self.asked
        self.answers.put_nowait(answer)
        await until(lambda: self.asked == asked + 1)


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
async def monitor(probe: Probe) -> AsyncIterator[HealthMonitor]:
    monitor = HealthMonitor([NAME], probe, 0.0001)
    task = asyncio.create_task(monitor.run())
    await until(lambda: probe.asked == 1)
    yield monitor
    task.cancel()


@pytest.fixture
async def stub(monitor: HealthMonitor, metrics: Metrics) -> AsyncIterator[Any]:
    server = grpc.aio.server(interceptors=[Chain(TelemetryInterceptor(metrics), ErrorsInterceptor())])
    health_pb2_grpc.add_HealthServicer_to_server(monitor.servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
        yield health_pb2_grpc.HealthStub(channel)
    await server.stop(None)


async def check(stub: Any, name: str = NAME) -> Any:
    return (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status


@pytest.mark.parametrize("name", ["", NAME])
async def test_nothing_serves_before_the_first_probe_succeeds(stub: Any, probe: Probe, name: str) -> None:
    assert await check(stub, name) == NOT_SERVING
    await probe.says(False)
    assert await check(stub, name) == NOT_SERVING
    await probe.says(True)
    assert await check(stub, name) == SERVING


async def test_health_follows_the_probe(stub: Any, probe: Probe, logs: list[Any]) -> None:
    for answer in (True, True, False, True):
        await probe.says(answer)
        assert await check(stub) == (SERVING if answer else NOT_SERVING)
    changes = [entry["status"] for entry in logs if entry["event"] == "health changed"]
    assert changes == ["SERVING", "NOT_SERVING", "SERVING"]


async def test_a_probe_that_breaks_means_not_serving_and_goes_on(stub: Any, probe: Probe, logs: list[Any]) -> None:
    await probe.says(True)
    await probe.says(ValueError("no warm-up sample"))
    assert await check(stub) == NOT_SERVING
    assert "health probe failed" in [entry["event"] for entry in logs]
    await probe.says(True)
    assert await check(stub) == SERVING


async def test_an_unknown_service_is_not_found(stub: Any) -> None:
    failure = await failure_of(stub.Check(health_pb2.HealthCheckRequest(service="nobody.Knows")))
    assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "SERVICE_UNKNOWN")


async def test_a_watch_sees_each_change(stub: Any, probe: Probe) -> None:
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=NAME))
    seen = [(await watch.read()).status]
    for answer in (True, False, False, True):
        await probe.says(answer)
        if answer != (seen[-1] == SERVING):
            seen.append((await watch.read()).status)
    assert seen == [NOT_SERVING, SERVING, NOT_SERVING, SERVING]


async def test_a_watch_of_an_unknown_service_says_so(stub: Any) -> None:
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="nobody.Knows"))
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


async def test_one_watcher_that_leaves_takes_nothing_from_the_others(stub: Any, probe: Probe, metrics: Metrics) -> None:
    leaving, staying = (stub.Watch(health_pb2.HealthCheckRequest(service=NAME)) for _ in range(2))
    assert [(await watch.read()).status for watch in (leaving, staying)] == [NOT_SERVING] * 2
    leaving.cancel()
    await until(lambda: handled(metrics, "Watch", "CANCELLED", "server_stream", "grpc.health.v1.Health") == 1)
    await probe.says(True)
    assert (await staying.read()).status == SERVING


async def test_a_drain_says_not_serving_for_good_and_ends_the_watches(
    stub: Any, probe: Probe, monitor: HealthMonitor
) -> None:
    await probe.says(True)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=NAME))
    assert (await watch.read()).status == SERVING
    monitor.drain()
    assert (await watch.read()).status == NOT_SERVING
    assert await watch.read() is grpc.aio.EOF
    assert await watch.code() is grpc.StatusCode.OK
    await probe.says(True)
    assert await check(stub) == NOT_SERVING
