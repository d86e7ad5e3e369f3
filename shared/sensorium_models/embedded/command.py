"""The command line and environment that Triton is started with."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.telemetry.switches import TelemetrySwitches
from sensorium_core.triton import ADMIN_KEY_NAME
from sensorium_models.embedded.runtime import Runtime
from sensorium_models.embedded.settings import TritonSettings

__all__ = ["Command", "server_command"]

# A stop leaves requests in flight this much less than the launcher waits, so that it ends by itself.
_EXIT_MARGIN_S = 3

_CLOSED = "model-repository,shared-memory,trace,logging"


@dataclass(frozen=True, slots=True)
class Command:
    """What to execute; the environment is complete, nothing is inherited."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


def server_command(
    runtime: Runtime,
    settings: TritonSettings,
    *,
    repositories: Sequence[Path],
    backends: Path,
    shm_prefix: str,
    setpriv: str | None,
    admin_key: str,
    telemetry: TelemetrySwitches,
) -> Command:
    """How to start the server.

    Args:
        runtime: Where Triton is installed.
        settings: Addresses and limits.
        repositories: Model repositories, at least one; every model in them is loaded.
        backends: The folder laid out by `lay_out_backends`.
        shm_prefix: Names this server's files in /dev/shm; another for every start.
        admin_key: Opens the model repository, shared memory, tracing and logging, which stay closed without it. It is
            on the command line, which every user of this machine can read: the folder of a socket keeps them out.
        telemetry: Whether the server sends traces, and where to.
        setpriv: util-linux's `setpriv`; with it the kernel kills the server when the launcher dies.
    """
    guard = (setpriv, "--pdeathsig", "KILL") if setpriv else ()
    host = settings.host
    grpc_address = f"unix:{settings.socket.absolute()}" if settings.socket else host
    arguments = (
        *guard,
        str(runtime.triton / "bin" / "tritonserver"),
        *(f"--model-repository={path}" for path in repositories),
        f"--backend-directory={backends}",
        f"--cache-directory={runtime.triton / 'caches'}",
        f"--grpc-address={grpc_address}",
        f"--grpc-port={settings.grpc_port}",
        f"--grpc-restricted-protocol={_CLOSED}:{ADMIN_KEY_NAME}={admin_key}",
        *_tls(settings),
        *_traces(telemetry),
        "--allow-http=false",
        f"--metrics-address={host}",
        f"--metrics-port={settings.metrics_port}",
        "--allow-gpu-metrics=false",
        "--disable-auto-complete-config",
        f"--exit-timeout-secs={max(1, int(settings.stop_timeout - _EXIT_MARGIN_S))}",
        "--model-control-mode=explicit",
        "--load-model=*",
        f"--backend-config=python,shm-region-prefix-name={shm_prefix}",
    )
    environment = {
        # From 1.29 on ONNX Runtime reports its use to its maker over the network, unless told not to.
        "ORT_DISABLE_TELEMETRY": "1",
        "LD_LIBRARY_PATH": ":".join(str(path) for path in runtime.libraries),
        # The stub takes the first python3 on the path; it knows no other way to be told its interpreter.
        "PATH": f"{runtime.venv / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        **_exporter_variables(telemetry),
    }
    return Command(arguments, environment)


def _tls(settings: TritonSettings) -> tuple[str, ...]:
    if settings.tls is None:
        return ()
    return (
        "--grpc-use-ssl=true",
        "--grpc-use-ssl-mutual=true",
        f"--grpc-server-cert={settings.tls_certificate}",
        f"--grpc-server-key={settings.tls_key}",
        f"--grpc-root-cert={settings.tls_ca}",
    )


def _traces(telemetry: TelemetrySwitches) -> tuple[str, ...]:
    if not telemetry.traces:
        return ()
    name = () if telemetry.names_service else ("--trace-config=opentelemetry,resource=service.name=triton",)
    return (
        "--trace-config=mode=opentelemetry",
        "--trace-config=level=TIMESTAMPS",
        # None of its own accord, canaries for one: a request that comes with a trace is always part of it.
        "--trace-config=rate=0",
        f"--trace-config=opentelemetry,url={telemetry.traces_endpoint}",
        *name,
    )


def _exporter_variables(telemetry: TelemetrySwitches) -> dict[str, str]:
    # Headers, which may hold a key, certificates, timeouts: the server's exporter reads them itself.
    if not telemetry.traces:
        return {}
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
