"""Runs a service: gRPC server, interceptors, health, reflection, metrics, and an end without a lost call."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

import grpc
import structlog
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sensorium_core.errors import SensoriumError
from sensorium_core.health import HealthMonitor
from sensorium_core.interceptors import (
    Chain,
    DeadlineInterceptor,
    DrainGate,
    ErrorsInterceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.limits import Admission
from sensorium_core.settings import MEBIBYTE, ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog

_log = structlog.get_logger("server")

# gRPC itself refuses what passes this, without any detail; a message between the two limits gets a full error.
_TRANSPORT_ROOM = 16 * MEBIBYTE
# The most that HTTP/2 allows: pictures arrive in half the time that frames of the default 16 KiB take.
_LARGEST_FRAME = 2**24 - 1
# Beyond admission, calls that wait to be rejected; past this many the transport refuses by itself.
_TRANSPORT_CALLS = 4


@dataclass(frozen=True)
class Service:
    """A gRPC service to run.

    Attributes:
        name: full name, such as `sensorium.vision.v1.VisionService`.
        register: adds its servicer to a server.
    """

    name: str
    register: Callable[[grpc.aio.Server], None]


class PortInUseError(Exception):
    """The address is taken; the text says which and which setting moves it."""


@asynccontextmanager
async def running(
    service: Service, settings: ServiceSettings, catalog: ModelCatalog, admission: Admission, metrics: Metrics
) -> AsyncIterator[int]:
    """Serves while the block runs; gives the port. At the end calls in flight finish, for `drain_grace` seconds.

    Raises:
        PortInUseError: an address is taken.
    """
    monitor = HealthMonitor([service.name], lambda: _probe(catalog, settings), settings.health_interval)
    gate = DrainGate()
    server = grpc.aio.server(
        interceptors=[gate, _chain(settings, admission, metrics)],
        options=_options(settings),
        maximum_concurrent_rpcs=_TRANSPORT_CALLS * settings.max_in_flight,
    )
    service.register(server)
    health_pb2_grpc.add_HealthServicer_to_server(monitor.servicer, server)
    reflection.enable_server_reflection((service.name, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    async with AsyncExitStack() as stack:
        stack.enter_context(_metrics_server(settings, metrics))
        port = _bind(server, settings)
        await server.start()
        stack.push_async_callback(_drain, server, monitor, gate, settings.drain_grace)
        stack.callback(admission.draining.set)
        probing = asyncio.create_task(monitor.run())
        stack.callback(probing.cancel)
        _log.info("listening", address=settings.listen, port=port, triton=settings.triton_address)
        yield port


async def until_signalled() -> None:
    """Returns when the process is told to end, by SIGTERM or SIGINT."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


async def _probe(catalog: ModelCatalog, settings: ServiceSettings) -> bool:
    working = await catalog.probe(settings.canary_timeout)
    if working:
        try:
            await catalog.refresh(settings.canary_timeout)
        except SensoriumError as error:
            _log.warning("statistics not read", reason=error.reason)
    return working


async def _drain(server: grpc.aio.Server, monitor: HealthMonitor, gate: DrainGate, grace: float) -> None:
    _log.info("draining", grace_seconds=grace)
    monitor.drain()
    await gate.close()
    stopping = asyncio.create_task(server.stop(grace))
    # The stop begins: callers are told to go elsewhere, before any call behind the gate is answered.
    await asyncio.sleep(0)
    gate.open()
    await stopping
    _log.info("stopped")


def _chain(settings: ServiceSettings, admission: Admission, metrics: Metrics) -> Chain:
    return Chain(
        TelemetryInterceptor(metrics),
        ErrorsInterceptor(),
        DeadlineInterceptor(settings.longest_call),
        LimitsInterceptor(admission, settings.max_message_bytes),
        ValidationInterceptor(),
    )


def _options(settings: ServiceSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes + _TRANSPORT_ROOM),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.http2.max_frame_size", _LARGEST_FRAME),
        ("grpc.so_reuseport", 0),  # a second service on the same port must fail, not share it
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def _bind(server: grpc.aio.Server, settings: ServiceSettings) -> int:
    try:
        return server.add_insecure_port(settings.listen)
    except RuntimeError as error:
        raise PortInUseError(_taken(settings, settings.listen, "listen")) from error


@contextmanager
def _metrics_server(settings: ServiceSettings, metrics: Metrics) -> Iterator[None]:
    try:
        server = metrics.serve(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        address = f"{settings.metrics_host}:{settings.metrics_port}"
        raise PortInUseError(_taken(settings, address, "metrics_port")) from error
    with closing(server):
        yield


def _taken(settings: ServiceSettings, address: str, setting: str) -> str:
    variable = f"{settings.model_config.get('env_prefix', '')}{setting}".upper()
    return f"cannot listen on {address}: the port is taken or the address is not of this machine; set {variable}"
