"""What the stack consists of and where it listens, read once from the environment the processes themselves read."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sensorium_client._defaults import SPEECH, TEXT, VISION, ServiceDefaults

__all__ = [
    "TRITON",
    "Endpoint",
    "Listener",
    "ServiceSettings",
    "SettingsError",
    "SpeechSettings",
    "StackSettings",
    "TextSettings",
    "TritonSettings",
    "VisionSettings",
    "connectable",
]

TRITON = "triton"
"""Name of the process that the services lean on; it stops last."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound


class SettingsError(ValueError):
    """A setting has a value that cannot be."""


@dataclass(frozen=True)
class Listener:
    """A port that a process of the stack will listen on."""

    process: str
    purpose: str
    address: str
    setting: str
    """The environment variable that moves it."""

    @property
    def host(self) -> str:
        """The host part, without the brackets of an IPv6 address."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port number.

        Raises:
            ValueError: The address does not end in a port number.
        """
        port = self.address.rpartition(":")[2]
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{self.setting}={self.address!r} does not name a port: write HOST:PORT")
        return int(port)


@dataclass(frozen=True)
class Endpoint:
    """Where a service is asked, and the name it has in the health protocol."""

    name: str
    address: str
    health_name: str


def connectable(address: str) -> str:
    """Turn an address to listen on into one to connect to: a wildcard host becomes the local one."""
    host, colon, port = address.rpartition(":")
    return f"{_WILDCARDS.get(host, host)}{colon}{port}"


class TritonSettings(BaseSettings):
    """Where the embedded Triton listens; the names are those of `sensorium_models.embedded`."""

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TRITON_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    grpc_port: int = 8001
    metrics_port: int = 8002
    socket: Path | None = None

    @property
    def address(self) -> str:
        """Where Triton speaks gRPC, as HOST:PORT or the path of a socket to connect to."""
        if self.socket is not None:
            return f"unix:{self.socket.absolute()}:{self.grpc_port}"
        return connectable(f"{self.host}:{self.grpc_port}")

    def listeners(self) -> tuple[Listener, ...]:
        """The ports of the embedded Triton."""
        grpc = Listener(TRITON, "gRPC", f"{self.host}:{self.grpc_port}", "SENSORIUM_TRITON_GRPC_PORT")
        return (
            *([grpc] if self.socket is None else []),
            Listener(TRITON, "metrics", f"{self.host}:{self.metrics_port}", "SENSORIUM_TRITON_METRICS_PORT"),
        )


class ServiceSettings(BaseSettings):
    """Where a service listens; a subclass says which, the prefix of its variables and its default ports."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    service: ClassVar[ServiceDefaults]
    peers: ClassVar[Mapping[str, str]] = {}
    """The services that this one asks, by the settings that say where they are."""
    files: ClassVar[Mapping[str, str]] = {}
    """What the service keeps in the build folder, by the settings that say where."""

    listen: str
    metrics_host: str = "127.0.0.1"
    metrics_port: int
    tls_certificate: str = ""

    @property
    def name(self) -> str:
        """What the service is called here, in the Procfile too."""
        return self.service.name

    @property
    def health_name(self) -> str:
        """What the health protocol calls it."""
        return self.service.full_name

    @property
    def prefix(self) -> str:
        """What the service's environment variables begin with."""
        return str(self.model_config["env_prefix"])

    @property
    def address(self) -> str:
        """Where the service answers, as HOST:PORT to connect to."""
        return connectable(self.listen)

    @property
    def metrics_url(self) -> str:
        """Where Prometheus finds the service's metrics."""
        return f"{'https' if self.tls_certificate else 'http'}://{connectable(self._metrics_listen)}/metrics"

    def listeners(self) -> tuple[Listener, ...]:
        """The ports of the service."""
        return (
            Listener(self.name, "gRPC", self.listen, f"{self.prefix}LISTEN"),
            Listener(self.name, "metrics", self._metrics_listen, f"{self.prefix}METRICS_PORT"),
        )

    @property
    def _metrics_listen(self) -> str:
        return f"{self.metrics_host}:{self.metrics_port}"


class VisionSettings(ServiceSettings):
    """Where the vision service listens."""

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_VISION_")

    service: ClassVar[ServiceDefaults] = VISION

    listen: str = VISION.address
    metrics_port: int = VISION.metrics_port


class SpeechSettings(ServiceSettings):
    """Where the speech service listens."""

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_SPEECH_")

    service: ClassVar[ServiceDefaults] = SPEECH
    files: ClassVar[Mapping[str, str]] = {"PHRASE_SETS": "phrase_sets.sqlite"}
    peers: ClassVar[Mapping[str, str]] = {"TEXT_ADDRESS": TEXT.name}

    listen: str = SPEECH.address
    metrics_port: int = SPEECH.metrics_port


class TextSettings(ServiceSettings):
    """Where the text service listens."""

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEXT_")

    service: ClassVar[ServiceDefaults] = TEXT

    listen: str = TEXT.address
    metrics_port: int = TEXT.metrics_port


class StackSettings(BaseSettings):
    """The whole stack. A service is an entry in `services` and a line in the Procfile."""

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_STACK_", frozen=True, extra="ignore")

    procfile: Path = Path("Procfile")
    build_dir: Path = Path("build")
    start_timeout: float = Field(default=60.0, gt=0)
    """Seconds until everything must serve."""
    drain_grace: float = Field(default=4.0, gt=0, le=4.0)
    """Seconds a service gets for the calls in flight when the stack stops."""
    triton_stop_timeout: float = Field(default=5.2, gt=0, le=5.2)
    """Seconds Triton gets after that, when nobody uses it any more; it takes two to three, on a busy machine four."""
    silence_limit: float = Field(default=10.0, gt=0)
    """Seconds after which a service that has served and does not answer at all is killed and started again."""

    triton: TritonSettings = Field(default_factory=TritonSettings)
    services: tuple[ServiceSettings, ...] = Field(
        default_factory=lambda: (VisionSettings(), SpeechSettings(), TextSettings())
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: A variable has a value that cannot be; the text names it.
        """
        try:
            return cls()
        except ValidationError as error:
            parts: tuple[type[BaseSettings], ...] = (cls, TritonSettings, *ServiceSettings.__subclasses__())
            prefix = next((str(part.model_config["env_prefix"]) for part in parts if part.__name__ == error.title), "")
            first = error.errors()[0]
            variable = prefix + "_".join(str(step) for step in first["loc"]).upper()
            raise SettingsError(f"{variable}={first['input']!r}: {first['msg']}") from error

    @property
    def run_dir(self) -> Path:
        """Where the running stack leaves its state."""
        return self.build_dir / "run"

    @property
    def log_dir(self) -> Path:
        """Where each process's output goes."""
        return self.build_dir / "logs"

    def endpoints(self, addresses: Mapping[str, str] | None = None) -> tuple[Endpoint, ...]:
        """Where to ask the services; `addresses`, by service, go before the configured ones."""
        found = addresses or {}
        return tuple(
            Endpoint(service.name, found.get(service.name, service.address), service.health_name)
            for service in self.services
        )

    def listeners(self) -> tuple[Listener, ...]:
        """Every port that the stack will listen on."""
        return (*self.triton.listeners(), *(port for service in self.services for port in service.listeners()))

    def child_environment(self) -> dict[str, str]:
        """The environment of the processes: ours, this interpreter first, services pointed at Triton and each other."""
        ours = dict(os.environ)
        addresses = {service.name: service.address for service in self.services}
        # The processes' own defaults for their stop are longer than a person waits after Ctrl-C.
        ours.setdefault("SENSORIUM_TRITON_STOP_TIMEOUT", str(self.triton_stop_timeout))
        for service in self.services:
            ours.setdefault(f"{service.prefix}DRAIN_GRACE", str(self.drain_grace))
            ours.setdefault(f"{service.prefix}TRITON_ADDRESS", self.triton.address)
            for setting, peer in service.peers.items():
                if peer in addresses:
                    ours.setdefault(f"{service.prefix}{setting}", addresses[peer])
            for setting, file in service.files.items():
                ours.setdefault(f"{service.prefix}{setting}", str(self.build_dir / file))
        ours["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), ours.get("PATH", os.defpath)))
        ours["PYTHONUNBUFFERED"] = "1"
        return ours
