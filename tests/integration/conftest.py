"""A real Triton with the built models and real services, as processes of their own on free ports."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from integration.waiting import until
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client.stack.ports import free_ports

ROOT = Path(__file__).parents[2]
SERVICES = {
    "vision": "sensorium.vision.v1.VisionService",
    "speech": "sensorium.speech.v1.SpeechService",
    "text": "sensorium.text.v1.TextService",
}
"""The services by their short names, with those that health knows them by."""
# A caller of these tests sees errors as they come: gRPC's own retries are off.
CHANNEL = (("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))


@dataclass
class Stack:
    """A Triton and services; ports, processes and logs by name."""

    triton_port: int
    triton_metrics_port: int
    ports: Mapping[str, int]
    metrics_ports: Mapping[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    logs: dict[str, Path] = field(default_factory=dict)

    @property
    def triton_address(self) -> str:
        """Where Triton answers."""
        return f"127.0.0.1:{self.triton_port}"

    def address(self, service: str) -> str:
        """Where a service answers."""
        return f"127.0.0.1:{self.ports[service]}"

    def channel(self, service: str) -> grpc.Channel:
        """A channel of its own to a service."""
        return grpc.insecure_channel(self.address(service), options=CHANNEL)

    def health(self, service: str) -> str:
        """The status that a service gives now; UNREACHABLE when nobody answers."""
        with self.channel(service) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                reply = stub.Check(health_pb2.HealthCheckRequest(service=SERVICES[service]), timeout=5)
            except grpc.RpcError:
                return "UNREACHABLE"
            return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))

    def log(self, name: str) -> str:
        """What a process has written so far."""
        return self.logs[name].read_text()

    def all_logs(self) -> str:
        """What all processes have written so far."""
        return "".join(map(self.log, self.logs))

    def settings_of(self, service: str) -> dict[str, str]:
        """What tells a service's process where it listens, and where those are that it asks."""
        asks = {"TEXT_ADDRESS": self.address("text")} if service == "speech" and "text" in self.ports else {}
        return asks | {
            "LISTEN": self.address(service),
            "METRICS_PORT": str(self.metrics_ports[service]),
            "TRITON_ADDRESS": self.triton_address,
        }


@contextmanager
def running_stack(
    folder: Path, services: Collection[str] = tuple(SERVICES), **settings: Mapping[str, str]
) -> Iterator[Stack]:
    """Starts Triton and services and waits until health says SERVING; further settings come by process."""
    triton_port, triton_metrics, *ports = free_ports(2 + 2 * len(services))
    stack = Stack(
        triton_port,
        triton_metrics,
        ports=dict(zip(services, ports[: len(services)], strict=True)),
        metrics_ports=dict(zip(services, ports[len(services) :], strict=True)),
    )
    triton = {
        "GRPC_PORT": str(triton_port),
        "METRICS_PORT": str(triton_metrics),
        "REPOSITORIES": str(_repositories(folder, services)),
    } | dict(settings.get("triton", {}))
    with ExitStack() as processes:
        processes.enter_context(_process(stack, folder, "triton", "sensorium_models.embedded", triton))
        for name in services:
            kept = {"PHRASE_SETS": str(folder / "phrase_sets.sqlite")} if name == "speech" else {}
            own = stack.settings_of(name) | kept | dict(settings.get(name, {}))
            processes.enter_context(_process(stack, folder, name, f"sensorium_{name}", own))
        until(lambda: all(stack.health(name) == "SERVING" for name in services), 60, stack.all_logs)
        yield stack


def _repositories(folder: Path, services: Collection[str]) -> Path:
    """A folder with the model repositories of these services only, so that a Triton starts soon.

    One that is there already, from a run of the same stack before, is used again.
    """
    repositories = folder / "repositories"
    if repositories.exists():
        return repositories
    repositories.mkdir()
    for name in services:
        (repositories / name).symlink_to(ROOT / "build/models" / name)
    return repositories


@contextmanager
def _process(stack: Stack, folder: Path, name: str, module: str, settings: dict[str, str]) -> Iterator[None]:
    stack.logs[name] = folder / f"{name}.log"
    with stack.logs[name].open("wb") as log:
        command = [sys.executable, "-W", "error", "-m", module]
        environment = os.environ | {f"SENSORIUM_{name.upper()}_{key}": value for key, value in settings.items()}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        stack.processes[name] = process
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack that all tests share which leave it as they find it."""
    with running_stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of Triton and vision for a test that harms it."""
    with running_stack(tmp_path, ["vision"]) as started:
        yield started


@pytest.fixture
def vision(stack: Stack) -> Iterator[vision_service_pb2_grpc.VisionServiceStub]:
    """A stub on the shared stack."""
    with stack.channel("vision") as channel:
        yield vision_service_pb2_grpc.VisionServiceStub(channel)


@pytest.fixture
def speech(stack: Stack) -> Iterator[speech_service_pb2_grpc.SpeechServiceStub]:
    """A stub on the shared stack."""
    with stack.channel("speech") as channel:
        yield speech_service_pb2_grpc.SpeechServiceStub(channel)
