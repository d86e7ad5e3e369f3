"""A whole server with its security on, and ways to call it as a client with papers would, or without."""

from __future__ import annotations

import asyncio
import json
import socketserver
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from pydantic_settings import SettingsConfigDict

from sensorium_client.stack.ports import free_ports
from sensorium_core.limits import Admission
from sensorium_core.security.development import DevelopmentCA, Issued
from sensorium_core.server import Service, running
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, TritonClient
from unit.core.support import CHANNEL_OPTIONS, SERVICE, Caller, Echo
from unit.core.triton.scripted import SPEC, ScriptedTriton, serving_triton

ATTACKER = Path(__file__).with_name("attacker.py")
# The metrics' thread looks for its end every half second, which would be most of a test's time.
socketserver.BaseServer.serve_forever.__defaults__ = (0.01,)


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEST_", frozen=True)

    listen: str = "127.0.0.1:0"
    metrics_port: int = 0
    health_interval: float = 0.05
    drain_grace: float = 10.0


@dataclass
class Secured:
    """A server that runs, the catalog of its models, and where it listens."""

    port: int
    metrics_port: int
    metrics: Metrics
    admission: Admission
    catalog: ModelCatalog
    triton: ScriptedTriton

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def call(
        self, credentials: grpc.ChannelCredentials | None = None, *, retries: bool = False
    ) -> AsyncIterator[Caller]:
        """A caller on a connection of its own, with gRPC's transparent retries or without."""
        options = [*CHANNEL_OPTIONS, ("grpc.enable_retries", int(retries))]
        if credentials is None:
            channel = grpc.aio.insecure_channel(self.address, options)
        else:
            channel = grpc.aio.secure_channel(self.address, credentials, options)
        async with channel:
            yield Caller(channel)

    async def scrape(self, context: ssl.SSLContext | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the metrics; status 0 where there is no connection."""
        return await asyncio.to_thread(_scrape, self.metrics_port, context, headers)

    async def attack(self, attempts: Sequence[Mapping[str, Any]]) -> list[str]:
        """What another process gets for each of its attempts: the code and reason of a failure, or OK."""
        given = {"address": self.address, "metrics": f"127.0.0.1:{self.metrics_port}", "attempts": attempts}
        command = [sys.executable, str(ATTACKER), json.dumps(given, default=str)]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        results: list[str] = json.loads(done.stdout)
        return results


@asynccontextmanager
async def secured_server(echo: Echo, **given: Any) -> AsyncIterator[Secured]:
    """Runs an Echo behind everything that a service has, on a scripted Triton."""
    triton, metrics = ScriptedTriton(), Metrics()
    (metrics_port,) = free_ports(1)
    async with serving_triton(triton) as triton_port:
        settings = Settings(triton_address=f"127.0.0.1:{triton_port}", metrics_port=metrics_port, **given)
        admission = Admission(settings.max_in_flight, metrics)
        async with TritonClient(settings.triton_address) as client:
            catalog = ModelCatalog(client, [SPEC], metrics)
            async with running(Service(SERVICE, echo.register), settings, catalog, admission, metrics) as port:
                yield Secured(port, metrics_port, metrics, admission, catalog, triton)


def credentials(ca: DevelopmentCA, client: Issued | None = None) -> grpc.ChannelCredentials:
    """Those of a caller that trusts a CA, and shows a certificate if it has one."""
    root = ca.certificate_file.read_bytes()
    if client is None:
        return grpc.ssl_channel_credentials(root)
    return grpc.ssl_channel_credentials(root, client.key.read_bytes(), client.certificate.read_bytes())


def https(ca: DevelopmentCA, client: Issued | None = None) -> ssl.SSLContext:
    """The same for HTTP."""
    context = ssl.create_default_context(cafile=str(ca.certificate_file))
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


def _scrape(port: int, context: ssl.SSLContext | None, headers: Mapping[str, str]) -> tuple[int, str]:
    scheme = "https" if context else "http"
    request = urllib.request.Request(f"{scheme}://127.0.0.1:{port}/metrics", headers=dict(headers))
    try:
        with urllib.request.urlopen(request, context=context, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
