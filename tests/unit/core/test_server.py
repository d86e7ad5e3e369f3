"""A whole server: what it listens on, what it tells, and how it ends."""

from __future__ import annotations

import asyncio
import collections
import os
import re
import signal
import socket
import socketserver
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from pydantic_settings import SettingsConfigDict

from sensorium_core.limits import Admission
from sensorium_core.server import PortInUseError, Service, running, until_signalled
from sensorium_core.settings import MEBIBYTE, ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, TritonClient
from unit.core.support import CHANNEL_OPTIONS, SERVICE, Caller, Context, Echo, Gate, failure_of, until
from unit.core.triton.scripted import SPEC, Held, ScriptedTriton, serving_triton, statistics

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
OK, UNAVAILABLE = grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEST_", frozen=True)

    listen: str = "127.0.0.1:0"
    metrics_port: int = 0
    health_interval: float = 0.01
    canary_timeout: float = 1.0
    drain_grace: float = 10.0
    max_in_flight: int = 300


@dataclass
class Running:
    """A server that runs, and ways to talk to it."""

    port: int
    caller: Caller
    stop: asyncio.Event
    ended: asyncio.Task[None]
    admission: Admission

    @property
    def health(self) -> Any:
        return health_pb2_grpc.HealthStub(self.caller.channel)

    async def says(self, status: int) -> None:
        """Returns when the health is that."""
        async with asyncio.timeout(5):
            watch = self.health.Watch(health_pb2.HealthCheckRequest(service=SERVICE))
            while (await watch.read()).status != status:
                pass
        watch.cancel()

    async def end(self) -> None:
        """Tells the server to end and returns when it has."""
        self.stop.set()
        await self.ended


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def triton() -> ScriptedTriton:
    return ScriptedTriton()


@pytest.fixture(autouse=True)
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the metrics' thread see its end at once; it looks every half second, which is a test's time doubled."""
    monkeypatch.setattr(socketserver.BaseServer.serve_forever, "__defaults__", (0.01,))


@pytest.fixture
def start(echo: Echo, triton: ScriptedTriton, metrics: Metrics) -> Start:
    """Runs a server with the settings given, on the scripted Triton or on another."""

    @asynccontextmanager
    async def server(triton_port: int | None = None, **given: Any) -> AsyncIterator[Running]:
        async with serving_triton(triton) as own_port:
            settings = Settings(triton_address=f"127.0.0.1:{triton_port or own_port}", **given)
            admission = Admission(settings.max_in_flight, metrics)
            stop = asyncio.Event()
            async with AsyncExitStack() as stack:
                port = await stack.enter_async_context(_running(echo, settings, admission, metrics))
                ended = asyncio.create_task(_end(stop, stack.pop_all()))
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
                yield Running(port, Caller(channel), stop, ended, admission)
            stop.set()
            await ended

    return server


async def _end(stop: asyncio.Event, stack: AsyncExitStack) -> None:
    async with stack:
        await stop.wait()


@asynccontextmanager
async def _running(echo: Echo, settings: Settings, admission: Admission, metrics: Metrics) -> AsyncIterator[int]:
    async with TritonClient(settings.triton_address) as client:
        catalog = ModelCatalog(client, [SPEC], metrics)
        async with running(Service(SERVICE, echo.register), settings, catalog, admission, metrics) as port:
            yield port


class TestHealth:
    async def test_it_is_not_serving_until_a_canary_has_succeeded(self, start: Start, triton: ScriptedTriton) -> None:
        held = triton.infer = Held()
        async with start() as server:
            await asyncio.wait_for(held.reached.wait(), 5)
            for name in ("", SERVICE):
                reply = await server.health.Check(health_pb2.HealthCheckRequest(service=name))
                assert reply.status == NOT_SERVING
            held.go.set()
            await server.says(SERVING)

    async def test_it_follows_triton_down_and_up(self, start: Start) -> None:
        async with serving_triton(ScriptedTriton()) as port:
            pass
        async with start(triton_port=port) as server:
            await server.says(NOT_SERVING)
            assert await server.caller.call("Unary", "up") == "up"
            for _ in range(2):
                async with serving_triton(ScriptedTriton(), port):
                    await server.says(SERVING)
                await server.says(NOT_SERVING)

    async def test_a_model_without_a_canary_is_told_in_the_log(
        self, start: Start, triton: ScriptedTriton, logs: list[Any]
    ) -> None:
        triton.configs["doubler"].ClearField("model_warmup")
        async with start() as server:
            await until(lambda: "health probe failed" in [entry["event"] for entry in logs])
            await server.says(NOT_SERVING)

    async def test_statistics_that_cannot_be_read_do_not_make_it_ill(
        self, start: Start, triton: ScriptedTriton, logs: list[Any]
    ) -> None:
        triton.failures["ModelStatistics"] = (grpc.StatusCode.INTERNAL, "no")
        async with start() as server:
            await server.says(SERVING)
            await until(lambda: "statistics not read" in [entry["event"] for entry in logs])
            await server.says(SERVING)


class TestEndpoints:
    async def test_reflection_lists_the_services(self, start: Start) -> None:
        async with start() as server:
            stub = reflection_pb2_grpc.ServerReflectionStub(server.caller.channel)
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            (reply,) = [reply async for reply in stub.ServerReflectionInfo(iter([request]))]
        names = {service.name for service in reply.list_services_response.service}
        assert names == {SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}

    async def test_metrics_can_be_switched_off(
        self, start: Start, free_port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
        async with start(metrics_port=free_port):
            with pytest.raises(OSError, match="refused"):
                await asyncio.to_thread(_get, f"http://127.0.0.1:{free_port}/metrics")

    async def test_metrics_are_scraped_over_http(
        self, start: Start, triton: ScriptedTriton, free_port: int, metrics: Metrics
    ) -> None:
        triton.stats = [statistics(requests=1, executions=1, batches={1: 1})]
        async with start(metrics_port=free_port) as server:
            await server.says(SERVING)
            await server.caller.call("Unary")
            text = await asyncio.to_thread(_get, f"http://127.0.0.1:{free_port}/metrics")
        labels = f'grpc_method="Unary",grpc_service="{SERVICE}",grpc_type="unary"'
        assert f"grpc_server_started_total{{{labels}}} 1.0" in text
        assert f'grpc_server_handled_total{{grpc_code="OK",{labels}}} 1.0' in text
        assert f"grpc_server_handling_seconds_count{{{labels}}} 1.0" in text
        assert 'sensorium_model_ready{model="doubler"} 1.0' in text
        for name in (
            "sensorium_decode_seconds_count",
            "sensorium_executor_depth",
            "sensorium_in_flight_requests",
            "sensorium_in_flight_bytes",
        ):
            assert f"\n{name} 0.0\n" in text
        assert re.search(r"^sensorium_asyncio_tasks [1-9]", text, re.MULTILINE)

    @pytest.mark.parametrize(
        ("setting", "variable"), [("listen", "SENSORIUM_TEST_LISTEN"), ("metrics_port", "SENSORIUM_TEST_METRICS_PORT")]
    )
    async def test_a_taken_port_is_named_with_the_variable_that_moves_it(
        self, start: Start, taken_port: int, setting: str, variable: str
    ) -> None:
        value = taken_port if setting == "metrics_port" else f"127.0.0.1:{taken_port}"
        with pytest.raises(PortInUseError) as caught:
            async with start(**{setting: value}):
                raise AssertionError
        assert str(caught.value) == (
            f"cannot listen on 127.0.0.1:{taken_port}: the port is taken or the address is not of this machine; "
            f"set {variable}"
        )

    async def test_two_servers_do_not_share_a_port(self, start: Start) -> None:
        async with start() as first:
            with pytest.raises(PortInUseError):
                async with start(listen=f"127.0.0.1:{first.port}"):
                    raise AssertionError
            assert await first.caller.call("Unary", "mine") == "mine"

    async def test_all_ports_are_free_afterwards(self, start: Start, free_port: int) -> None:
        async with start(metrics_port=free_port) as server:
            port = server.port
        async with start(listen=f"127.0.0.1:{port}", metrics_port=free_port) as server:
            assert await server.caller.call("Unary") == "abc"


class TestMessageSize:
    async def test_from_the_limit_on_the_error_has_details_and_far_beyond_the_transport_refuses(
        self, start: Start
    ) -> None:
        async with start(max_message_bytes=MEBIBYTE) as server:
            failure = await failure_of(server.caller.start("Unary", "x" * (2 * MEBIBYTE)))
            assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
            assert list(failure.fields) == ["value"]
            failure = await failure_of(server.caller.start("Unary", "x" * (18 * MEBIBYTE)))
            assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "")
            assert await server.caller.call("Unary", "next") == "next"


class TestDrain:
    async def test_calls_in_flight_finish_and_new_ones_are_unavailable(self, start: Start, echo: Echo) -> None:
        gate = _hold(echo)
        async with start() as server:
            held = [asyncio.ensure_future(_code(server.caller.start("Unary"))) for _ in range(100)]
            await gate.reached(100)
            server.stop.set()
            await until(lambda: _refuses(server.port))
            # The caller has heard that the server goes; a call sent before that may still be dropped as CANCELLED.
            ready = grpc.ChannelConnectivity.READY
            await until(lambda: server.caller.channel.get_state() is not ready)
            late = await failure_of(server.caller.start("Unary"))
            assert late.code is UNAVAILABLE
            assert not server.ended.done()
            gate.open.set()
            assert await asyncio.gather(*held) == [OK] * 100
            await asyncio.wait_for(server.ended, 2)

    async def test_calls_that_are_still_on_their_way_finish_too(self, start: Start, echo: Echo) -> None:
        async with start() as server:
            await server.caller.call("Unary")
            burst = [asyncio.ensure_future(_code(server.caller.start("Unary"))) for _ in range(100)]
            await until(lambda: server.admission.in_flight or any(call.done() for call in burst))
            await server.end()
            assert await asyncio.gather(*burst) == [OK] * 100

    async def test_callers_who_never_rest_get_an_answer_or_unavailable(self, start: Start, echo: Echo) -> None:
        codes: collections.Counter[grpc.StatusCode] = collections.Counter()

        async def call_for_ever(server: Running) -> None:
            while not codes[UNAVAILABLE]:
                codes[await _code(server.caller.start("Unary", timeout=5))] += 1

        async with start() as server:
            callers = [asyncio.create_task(call_for_ever(server)) for _ in range(50)]
            await until(lambda: codes[OK] > 50)
            await server.end()
            await asyncio.wait_for(asyncio.gather(*callers), 5)
        assert set(codes) == {OK, UNAVAILABLE}

    async def test_streams_that_end_in_time_finish(self, start: Start, echo: Echo) -> None:
        gate = Gate()

        async def stream(request: StringValue, context: Context) -> AsyncIterator[StringValue]:
            yield StringValue(value="a")
            await gate()
            yield StringValue(value="b")

        echo.ServerStream = stream  # type: ignore[method-assign]
        async with start() as server:
            call = server.caller.start("ServerStream")
            assert (await call.read()).value == "a"
            server.stop.set()
            await until(lambda: _refuses(server.port))
            gate.open.set()
            assert (await call.read()).value == "b"
            assert await call.read() is grpc.aio.EOF
            assert await call.code() is OK

    async def test_what_outlasts_the_grace_is_cut_off_and_leaves_nothing(self, start: Start, echo: Echo) -> None:
        gate = _hold(echo)
        async with start(drain_grace=0.05) as server:
            held = [asyncio.ensure_future(_code(server.caller.start("Unary"))) for _ in range(10)]
            await gate.reached(10)
            await asyncio.wait_for(server.end(), 5)
            assert set(await asyncio.gather(*held)) <= {UNAVAILABLE, grpc.StatusCode.CANCELLED}
            await until(lambda: server.admission.in_flight == 0)
        assert [type(error) for error in gate.ended] == [asyncio.CancelledError] * 10

    async def test_health_says_so_and_a_watch_holds_nothing_up(self, start: Start, echo: Echo) -> None:
        gate = _hold(echo)
        async with start() as server:
            await server.says(SERVING)
            watch = server.health.Watch(health_pb2.HealthCheckRequest())
            assert (await watch.read()).status == SERVING
            held = asyncio.ensure_future(_code(server.caller.start("Unary")))
            await gate.reached()
            server.stop.set()
            assert (await watch.read()).status == NOT_SERVING
            assert await watch.read() is grpc.aio.EOF
            gate.open.set()
            assert await held is OK
            await asyncio.wait_for(server.ended, 2)

    async def test_it_ends_quickly_when_nothing_is_in_flight_and_triton_hangs(
        self, start: Start, triton: ScriptedTriton
    ) -> None:
        held = triton.infer = Held()
        async with start(canary_timeout=30) as server:
            await asyncio.wait_for(held.reached.wait(), 5)
            await asyncio.wait_for(server.end(), 2)
            await asyncio.wait_for(held.cancelled.wait(), 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_is_told_to_end_by_a_signal(number: signal.Signals) -> None:
    told = asyncio.create_task(until_signalled())
    await asyncio.sleep(0)
    assert not told.done()
    os.kill(os.getpid(), number)
    await asyncio.wait_for(told, 5)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def _hold(echo: Echo) -> Gate:
    gate = Gate()

    async def hold(request: StringValue, context: Context) -> StringValue:
        await gate()
        return request

    echo.Unary = hold  # type: ignore[method-assign]
    return gate


async def _code(call: Any) -> grpc.StatusCode:
    return grpc.StatusCode[(await call.code()).name]


def _refuses(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return str(reply.read().decode())
