"""Runs a service: gRPC server, interceptors, health, reflection, metrics, and an end without a lost call."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import structlog
import uvloop
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from pydantic import ValidationError

from sensorium_core.audit import AuditLog, AuditSettings, read_key
from sensorium_core.errors import SensoriumError
from sensorium_core.health import HealthMonitor
from sensorium_core.interceptors import (
    AuditInterceptor,
    AuditOpeningInterceptor,
    Chain,
    DeadlineInterceptor,
    DrainGate,
    ErrorsInterceptor,
    IdentityInterceptor,
    Interceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.limits import Admission
from sensorium_core.reload import ConfigurationError
from sensorium_core.security.guard import HEALTH_CHECK, Guard, guard
from sensorium_core.security.listeners import Listeners
from sensorium_core.settings import MEBIBYTE, ServiceSettings
from sensorium_core.telemetry import Metrics, MetricsServer, configure_logging
from sensorium_core.telemetry.switches import TelemetrySwitches, start_tracing
from sensorium_core.triton import ModelCatalog

if TYPE_CHECKING:
    from sensorium_core.telemetry.tracing import Tracing

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


S = TypeVar("S", bound=ServiceSettings)


class StartError(Exception):
    """The service cannot start as it is set up; the text is for the person who started it."""


class PortInUseError(StartError):
    """The address is taken; the text says which and which setting moves it."""


def run_service(name: str, settings_type: Callable[[], S], serve: Callable[[S], Coroutine[Any, Any, None]]) -> int:
    """Reads the settings and serves until the process is told to end; gives its exit code.

    Args:
        name: of the service, such as `vision`, for logs.
        settings_type: read from the environment.
        serve: puts the service together and runs it.
    """
    try:
        settings = settings_type()
        configure_logging(name, settings.log_level, silent=TelemetrySwitches.load().logs_exporter == "none")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except ValidationError as error:
        return _refuse(name, _problem(error, f"SENSORIUM_{name}_"))
    except (StartError, ConfigurationError) as error:
        return _refuse(name, str(error))
    return 0


def _refuse(name: str, problem: str) -> int:
    sys.stderr.write(f"sensorium-{name}: {problem}\n")
    return 1


def _problem(error: ValidationError, prefix: str) -> str:
    first = error.errors()[0]
    text = first["msg"].removeprefix("Value error, ")
    return f"{prefix}{'_'.join(map(str, first['loc']))}".upper() + f": {text}" if first["loc"] else text


@asynccontextmanager
async def running(
    service: Service, settings: ServiceSettings, catalog: ModelCatalog, admission: Admission, metrics: Metrics
) -> AsyncIterator[int]:
    """Serves while the block runs; gives the port. At the end calls in flight finish, for `drain_grace` seconds.

    Raises:
        PortInUseError: an address is taken.
        ConfigurationError: a certificate cannot be used.
    """
    listeners = Listeners(settings, metrics)
    guarding = guard(settings, metrics)
    audit = _audit(service, settings, metrics)
    monitor = HealthMonitor([service.name], lambda: _probe(catalog, settings), settings.health_interval, catalog.rest)
    switches = TelemetrySwitches.load()
    tracing = start_tracing(f"sensorium-{_short(service)}", switches)
    gate = DrainGate()
    loop = asyncio.get_running_loop()
    metrics.tasks.set_function(lambda: len(asyncio.all_tasks(loop)))
    server = grpc.aio.server(
        interceptors=[_chain(settings, admission, metrics, guarding, audit, tracing=tracing, gate=gate)],
        options=_options(settings),
        maximum_concurrent_rpcs=_TRANSPORT_CALLS * settings.max_in_flight,
    )

    _find_methods_by_name(server)
    service.register(server)
    health_pb2_grpc.add_HealthServicer_to_server(monitor.servicer, server)
    reflection.enable_server_reflection((service.name, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    async with AsyncExitStack() as stack:
        if tracing is not None:
            stack.enter_context(closing(tracing))
        if audit is not None:
            stack.enter_context(audit)
        if guarding is not None:
            await stack.enter_async_context(guarding.running())
        if switches.metrics_exporter != "none":
            stack.enter_context(closing(_metrics_server(settings, metrics, listeners, guarding)))
        port = _bind(server, settings, listeners)
        await server.start()
        stack.push_async_callback(_drain, server, monitor, gate, settings.drain_grace)
        stack.callback(admission.draining.set)
        for work in (monitor.run(), *listeners.watches()):
            stack.callback(asyncio.create_task(work).cancel)
        _freeze_objects()
        _log.info("listening", address=settings.listen, port=port, tls=listeners.secure, triton=settings.triton_address)
        yield port


def _find_methods_by_name(server: grpc.aio.Server) -> None:
    """Has the server find methods by their names only, as it does anyhow where they are not registered.

    For each registered method grpc.aio keeps a task that waits for the next call of it, and goes through the tasks of
    all methods with every call of one: a twentieth of a millisecond for a dozen.
    """
    server.add_registered_method_handlers = lambda *_: None  # type: ignore[method-assign]


def _freeze_objects() -> None:
    """What was made until now stays, and is not looked through again whenever calls have left garbage.

    To collect that more seldom would save more; but the error of a call may hold on to its request, which may be large.
    """
    gc.collect()
    gc.freeze()


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


def _chain(
    settings: ServiceSettings,
    admission: Admission,
    metrics: Metrics,
    guarding: Guard | None,
    audit: AuditLog | None,
    *,
    tracing: "Tracing | None",
    gate: DrainGate,
) -> Chain:
    chain: list[Interceptor] = [TelemetryInterceptor(metrics, tracing), ErrorsInterceptor()]
    if audit is not None:
        quiet = guarding.open_methods if guarding else frozenset({HEALTH_CHECK})
        chain.append(AuditInterceptor(audit, quiet, required=settings.audit_required))
    chain.append(DeadlineInterceptor(settings.longest_call))
    if guarding is not None:
        chain.append(IdentityInterceptor(guarding.authenticator, guarding.policy, guarding.open_methods))
    if audit is not None:
        chain.append(AuditOpeningInterceptor(audit))
    chain += [LimitsInterceptor(admission, settings.max_message_bytes), ValidationInterceptor()]
    crowded = admission.is_crowded
    if guarding is None:
        return Chain(*chain, gate=gate, crowded=crowded)
    entrance, open_methods = guarding.check_entrance, guarding.open_methods
    return Chain(*chain, gate=gate, entrance=entrance, open_methods=open_methods, crowded=crowded)


def _audit(service: Service, settings: ServiceSettings, metrics: Metrics) -> AuditLog | None:
    if settings.audit_dir is None:
        return None
    key = read_key(settings.audit_key) if settings.audit_key else None
    chosen = AuditSettings(settings.audit_dir, _short(service), settings.audit_max_bytes, key, settings.audit_sync)
    return AuditLog(chosen, metrics)


def _short(service: Service) -> str:
    return service.name.removeprefix("sensorium.").partition(".")[0]


def _options(settings: ServiceSettings) -> list[tuple[str, int]]:
    # Callers of a connection that has reached its age finish their calls and are told to make a new one.
    age = [("grpc.max_connection_age_ms", max(1, round(settings.connection_age * 1000)))] if settings.tls else []
    return [
        *age,
        ("grpc.max_receive_message_length", settings.max_message_bytes + _TRANSPORT_ROOM),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.http2.max_frame_size", _LARGEST_FRAME),
        ("grpc.so_reuseport", 0),  # a second service on the same port must fail, not share it
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def _bind(server: grpc.aio.Server, settings: ServiceSettings, listeners: Listeners) -> int:
    try:
        if listeners.credentials is None:
            return server.add_insecure_port(settings.listen)
        return server.add_secure_port(settings.listen, listeners.credentials)
    except RuntimeError as error:
        raise PortInUseError(_taken(settings, settings.listen, "listen")) from error


def _metrics_server(
    settings: ServiceSettings, metrics: Metrics, listeners: Listeners, guarding: Guard | None
) -> MetricsServer:
    host, port = settings.metrics_host, settings.metrics_port
    check = guarding.check_scrape if guarding and not settings.metrics_open else None
    try:
        return MetricsServer(metrics.registry, host, port, context=listeners.http_context, guard=check)
    except OSError as error:
        raise PortInUseError(_taken(settings, f"{host}:{port}", "metrics_port")) from error


def _taken(settings: ServiceSettings, address: str, setting: str) -> str:
    problem = "the port is taken or the address is not of this machine"
    return f"cannot listen on {address}: {problem}; set {settings.variable(setting)}"
