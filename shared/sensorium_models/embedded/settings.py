"""Settings of the embedded Triton."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sensorium_core.security.tls import TlsFiles, is_loopback

__all__ = ["ENV_PREFIX", "TritonSettings"]

ENV_PREFIX = "SENSORIUM_TRITON_"

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]

_LONGEST_SOCKET = 100  # of the 107 that the system allows, less the port that Triton adds


class TritonSettings(BaseSettings):
    """Read once at start, from variables such as `SENSORIUM_TRITON_GRPC_PORT`.

    Attributes:
        host: loopback address that gRPC and metrics listen on; this server is for services of its own machine.
        grpc_port: inference and control.
        socket: Unix socket for gRPC instead of a port, in a folder that only this user can enter; Triton adds `:` and
            `grpc_port` to its name.
        tls_certificate, tls_key, tls_ca: PEM files; with them gRPC speaks mutual TLS and takes callers of that CA only.
            Triton reads them once: when they are replaced, it is started again.
        metrics_port: Triton's own Prometheus metrics.
        repositories: folder whose folders are model repositories, one per service.
        venv: the runtime venv; made where it is missing.
        backends: where the backends folder is laid out.
        ready_timeout: longest start in seconds, from the process to the last model's warm-up.
        stop_timeout: seconds that requests in flight may delay a stop.
        max_restarts: restarts within `restart_window` seconds after which the launcher gives up.
        canary_timeout: a model that has not answered its canary after these seconds counts as stuck.
        reload_timeout: longest reload of one model in seconds; after it the server is restarted.
        log_all: show all of Triton's log lines instead of warnings and errors only.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True)

    host: str = "127.0.0.1"
    grpc_port: Port = 8001
    metrics_port: Port = 8002
    socket: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    repositories: Path = Path("build/models")
    venv: Path = Path(".venv-triton")
    backends: Path = Path("build/triton/backends")
    ready_timeout: Seconds = 60
    stop_timeout: Seconds = 6
    max_restarts: Annotated[int, Field(ge=0)] = 5
    restart_window: Seconds = 60
    canary_timeout: Seconds = 3
    reload_timeout: Seconds = 10
    log_all: bool = False

    @property
    def address(self) -> str:
        """Where gRPC is reached, as a gRPC target."""
        if self.socket is not None:
            return f"unix:{self.socket.absolute()}:{self.grpc_port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.grpc_port}"

    @property
    def tls(self) -> TlsFiles | None:
        """Certificate, key and CA of both ends; None for plain text."""
        return TlsFiles(self.tls_certificate, self.tls_key, self.tls_ca) if self.tls_ca else None

    @field_validator("host")
    @classmethod
    def _host_is_loopback(cls, host: str) -> str:
        if not is_loopback(host):
            text = "the embedded Triton serves this machine only; run NVIDIA's container for others"
            raise ValueError(f"{host!r} is no loopback address: {text}")
        return host

    @field_validator("socket")
    @classmethod
    def _socket_fits(cls, socket: Path | None) -> Path | None:
        if socket is not None and len(str(socket.absolute())) > _LONGEST_SOCKET:
            raise ValueError(f"{socket} is too long for a Unix socket: {_LONGEST_SOCKET} characters at most")
        return socket

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        parts = (self.tls_certificate, self.tls_key, self.tls_ca)
        if any(parts) and not all(parts):
            names = ", ".join(f"{ENV_PREFIX}TLS_{part}" for part in ("CERTIFICATE", "KEY", "CA"))
            raise ValueError(f"set all of {names}, or none")
        return self
