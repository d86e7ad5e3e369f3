"""The embedded Triton lets its services ask models, and nobody else near what changes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import SettingsConfigDict

from integration.waiting import until
from sensorium_client.stack.ports import free_ports
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import TritonUnavailableError, connect

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ATTACKER = Path(__file__).with_name("triton_attacker.py")
MODEL = "ppocr_line_orientation"
# What an attacker gets whom Triton takes for a service, and may do nothing else.
CLOSED = {
    "RepositoryIndex": "UNAVAILABLE",
    "RepositoryModelLoad": "UNAVAILABLE",
    "RepositoryModelUnload": "UNAVAILABLE",
    "SystemSharedMemoryStatus": "UNAVAILABLE",
    "SystemSharedMemoryRegister": "UNAVAILABLE",
    "SystemSharedMemoryUnregister": "UNAVAILABLE",
    "CudaSharedMemoryStatus": "UNAVAILABLE",
    "TraceSetting": "UNAVAILABLE",
    "LogSettings": "UNAVAILABLE",
    "ModelStatistics": "OK",
    "ServerReady": "OK",
}
SHUT_OUT = dict.fromkeys(CLOSED, "UNAVAILABLE")


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEST_", frozen=True)

    listen: str = "127.0.0.1:0"
    metrics_port: int = 0


@dataclass
class Triton:
    """A server that runs."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    def attack(self, *command: str, **tls: Path) -> dict[str, str]:
        """What another process gets, method by method; `command` goes before the attacker's own."""
        given = {"address": self.address, "model": MODEL, "tls": {name: str(path) for name, path in tls.items()}}
        done = subprocess.run(
            [*command, sys.executable, str(ATTACKER), json.dumps(given)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        results: dict[str, str] = json.loads(done.stdout)
        return results


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Triton]:
    repository = folder / "models" / "one"
    repository.mkdir(parents=True)
    shutil.copytree(ROOT / "build" / "models" / "vision" / MODEL, repository / MODEL)
    grpc_port, metrics_port = free_ports(2)
    given = {"GRPC_PORT": grpc_port, "METRICS_PORT": metrics_port, "REPOSITORIES": folder / "models", **settings}
    environment = os.environ | {f"SENSORIUM_TRITON_{name}": str(value) for name, value in given.items()}
    log = folder / "triton.log"
    socket = settings.get("SOCKET")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sensorium_models.embedded"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        until(lambda: "Triton ready" in log.read_text() or process.poll() is not None, 60, log.read_text)
        assert process.poll() is None, log.read_text()
        address = f"unix:{socket}:{grpc_port}" if socket else f"127.0.0.1:{grpc_port}"
        yield Triton(address, log, process)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentCA:
    return DevelopmentCA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, ca: DevelopmentCA) -> Iterator[Triton]:
    own = ca.issue(Leaf("triton"))
    tls = {"TLS_CERTIFICATE": own.certificate, "TLS_KEY": own.key, "TLS_CA": ca.certificate_file}
    with running(tmp_path_factory.mktemp("triton"), **tls) as triton:
        yield triton


def test_without_a_certificate_of_the_ca_nothing_answers(secured: Triton, ca: DevelopmentCA, tmp_path: Path) -> None:
    stranger = DevelopmentCA(tmp_path).issue(Leaf("vision"))
    assert secured.attack() == SHUT_OUT
    assert secured.attack(ca=ca.certificate_file) == SHUT_OUT
    assert secured.attack(ca=ca.certificate_file, certificate=stranger.certificate, key=stranger.key) == SHUT_OUT


def test_a_service_cannot_change_the_server_and_neither_can_who_stole_its_certificate(
    secured: Triton, ca: DevelopmentCA
) -> None:
    vision = ca.issue(Leaf("vision"))
    papers = {"ca": ca.certificate_file, "certificate": vision.certificate, "key": vision.key}
    assert secured.attack(**papers) == CLOSED


async def test_a_service_gets_answers_over_mutual_tls(secured: Triton, ca: DevelopmentCA) -> None:
    vision = ca.issue(Leaf("vision"))
    settings = Settings(
        triton_address=secured.address,
        triton_ca=ca.certificate_file,
        triton_certificate=vision.certificate,
        triton_key=vision.key,
    )
    async with connect(settings, Metrics()) as client:
        await client.canary(MODEL, 10)
        assert (await client.statistics(10))[MODEL].versions == ("1",)
        with pytest.raises(TritonUnavailableError):
            await client.unload(MODEL, 10)
    async with connect(Settings(triton_address=secured.address), Metrics()) as client:
        with pytest.raises(TritonUnavailableError):
            await client.canary(MODEL, 10)


def test_a_socket_keeps_other_users_of_the_machine_out(tmp_path: Path) -> None:
    folder = Path(f"/tmp/sensorium-test-{os.getpid()}")
    try:
        with running(tmp_path, SOCKET=folder / "triton") as triton:
            assert triton.attack() == CLOSED
            if os.geteuid() == 0 and (setpriv := shutil.which("setpriv")):
                nobody = (setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups")
                assert triton.attack(*nobody) == SHUT_OUT
    finally:
        shutil.rmtree(folder, ignore_errors=True)
