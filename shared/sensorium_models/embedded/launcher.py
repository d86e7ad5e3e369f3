"""Starts Triton, keeps it running, and leaves nothing behind."""

import asyncio
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sensorium_core.errors import SensoriumError
from sensorium_core.reload import ConfigurationError
from sensorium_core.telemetry.switches import TelemetrySwitches
from sensorium_core.triton import TritonClient
from sensorium_models.embedded.access import Access, open_client
from sensorium_models.embedded.command import server_command
from sensorium_models.embedded.logs import is_noteworthy
from sensorium_models.embedded.ports import PortTakenError, check_ports, open_folder
from sensorium_models.embedded.process import TritonProcess
from sensorium_models.embedded.reaper import reaper
from sensorium_models.embedded.renewal import ServedCertificate
from sensorium_models.embedded.restarts import RestartBudget
from sensorium_models.embedded.runtime import Runtime, RuntimeUnusableError, ensure_runtime, lay_out_backends
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.shared_memory import SharedMemoryError, check_shared_memory
from sensorium_models.embedded.stubs import clear_leftovers, new_prefix
from sensorium_models.embedded.watchdog import Watchdog

__all__ = ["LaunchError", "launch", "run"]

Report = Callable[[str], None]

_READY_POLL_S = 0.05
_ADMIN_KEY_BYTES = 32
# Seconds for requests in flight before a restart that is not urgent. Meanwhile the server takes no others.
_LONGEST_FINISH_S = 1.0
_print: Report = partial(print, flush=True)


class LaunchError(Exception):
    """The server cannot be started, or does not stay up; the text is for the person who started it."""


def run(settings: TritonSettings, *, report: Report = _print) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status. What went wrong is the last line reported."""
    try:
        check_ports(settings)
        if settings.socket is not None:
            open_folder(settings.socket)
        # Before signals are caught, so that a long installation can be interrupted as any program can.
        runtime = ensure_runtime(settings.venv, report=report)
        clear_leftovers()
        check_shared_memory(len(list(settings.repositories.glob("*/*/config.pbtxt"))))
        with reaper():
            asyncio.run(_run(runtime, settings, report))
    except (LaunchError, PortTakenError, RuntimeUnusableError, SharedMemoryError, ConfigurationError) as error:
        report(f"Triton: {error}")
        return 1
    report("Triton has stopped")
    return 0


async def _run(runtime: Runtime, settings: TritonSettings, report: Report) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await launch(runtime, settings, stopping, report)


async def launch(runtime: Runtime, settings: TritonSettings, stopping: asyncio.Event, report: Report) -> None:
    """Keep a server running until `stopping` is set.

    Raises:
        LaunchError: There is nothing to serve, the first start fails, or restarts come too often.
    """
    repositories = sorted(path.absolute() for path in settings.repositories.glob("*/"))
    if not repositories:
        raise LaunchError(f"{settings.repositories} holds no model repository: run `sensorium models build` first")
    budget = RestartBudget(settings.max_restarts, settings.restart_window)
    served_before = False
    while True:
        access = Access(settings.address, secrets.token_hex(_ADMIN_KEY_BYTES), new_prefix())
        certificate = ServedCertificate(settings.tls)
        with access.shared(settings):
            async with _server(runtime, settings, repositories, access, report) as server:
                client = open_client(settings, access)
                served, reason = await _serve(server, client, settings, stopping, report, certificate=certificate)
                if not stopping.is_set():
                    await server.end(_LONGEST_FINISH_S if certificate.is_outdated else 0)
        if stopping.is_set():
            return
        if not (served or served_before):
            raise LaunchError(f"the server did not start: it {reason}")
        served_before = True
        if certificate.is_outdated:
            report(f"Triton {reason}; it starts again to show it")
            continue
        if not budget.spend(time.monotonic()):
            raise LaunchError(
                f"{settings.max_restarts} restarts within {settings.restart_window:g} s did not help, giving up: "
                f"the server {reason}"
            )
        report(f"Triton {reason}; restarting it")


@asynccontextmanager
async def _server(
    runtime: Runtime, settings: TritonSettings, repositories: list[Path], access: Access, report: Report
) -> AsyncIterator[TritonProcess]:
    command = server_command(
        runtime,
        settings,
        repositories=repositories,
        backends=lay_out_backends(runtime, settings.backends),
        shm_prefix=access.shm_prefix,
        setpriv=shutil.which("setpriv"),
        admin_key=access.key,
        telemetry=TelemetrySwitches.load(),
    )

    def forward(line: str) -> None:
        if settings.log_all or is_noteworthy(line):
            report(line)

    async with TritonProcess(
        command, shm_prefix=access.shm_prefix, stop_timeout_s=settings.stop_timeout, on_line=forward
    ) as server:
        yield server


async def _serve(
    server: TritonProcess,
    client: TritonClient,
    settings: TritonSettings,
    stopping: asyncio.Event,
    report: Report,
    *,
    certificate: ServedCertificate,
) -> tuple[bool, str | None]:
    """Look after a server until it ends or `stopping`: whether it ever got ready, and why it has to be restarted."""
    began = time.monotonic()
    async with client:
        reason = await _first(server.wait(), _wait_ready(client, settings), _wait_for(stopping))
        if reason or stopping.is_set():
            return False, reason
        try:
            models = await client.ready_models(settings.canary_timeout)
        except SensoriumError as error:
            return False, f"was lost right after its start ({error.reason})"
        report(
            f"Triton ready on {client.address} in {time.monotonic() - began:.1f} s, "
            f"metrics on {settings.host}:{settings.metrics_port}, models: {', '.join(models)}"
        )
        dog = Watchdog(client, settings, stubs=server.stubs, report=report)
        ends = (server.wait(), dog.run(models), certificate.outdated(), _wait_for(stopping))
        return True, await _first(*ends)


async def _wait_ready(client: TritonClient, settings: TritonSettings) -> str | None:
    limit = settings.ready_timeout
    try:
        async with asyncio.timeout(limit):
            while not await client.server_ready(1.0):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(_READY_POLL_S)
    except TimeoutError:
        return f"was not ready within {limit:g} s"
    return None


async def _wait_for(stopping: asyncio.Event) -> None:
    await stopping.wait()


async def _first(*contestants: Coroutine[Any, Any, str | None]) -> str | None:
    """The result of the contestant that ends first; the others are cancelled."""
    tasks = [asyncio.create_task(contestant) for contestant in contestants]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
