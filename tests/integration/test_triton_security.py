"""The embedded Triton lets its services ask models, and nobody else near what changes it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import SettingsConfigDict

from integration.secured import Triton, running_triton
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import TritonUnavailableError, connect

pytestmark = pytest.mark.integration

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


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentCA:
    return DevelopmentCA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, ca: DevelopmentCA) -> Iterator[Triton]:
    own = ca.issue(Leaf("triton"))
    tls = {"TLS_CERTIFICATE": own.certificate, "TLS_KEY": own.key, "TLS_CA": ca.certificate_file}
    with running_triton(tmp_path_factory.mktemp("triton"), MODEL, **tls) as triton:
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
        with running_triton(tmp_path, MODEL, SOCKET=folder / "triton") as triton:
            assert triton.attack() == CLOSED
            if os.geteuid() == 0 and (setpriv := shutil.which("setpriv")):
                nobody = (setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups")
                assert triton.attack(*nobody) == SHUT_OUT
    finally:
        shutil.rmtree(folder, ignore_errors=True)
