"""A real Triton with the built models and a real vision service, as processes of their own on free ports."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from integration.waiting import until
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client.stack.ports import free_ports

ROOT = Path(__file__).parents[2]
VISION = "sensorium.vision.v1.VisionService"
# A caller of these tests sees errors as they come: gRPC's own retries are off.
CHANNEL = (("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))


@dataclass
class Stack:
    """A Triton and a vision service; `processes` by name."""

    triton_port: int
    vision_port: int
    metrics_port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    logs: dict[str, Path] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the vision service answers."""
        return f"127.0.0.1:{self.vision_port}"

    @property
    def triton_address(self) -> str:
        """Where Triton answers."""
        return f"127.0.0.1:{self.triton_port}"

    def channel(self) -> grpc.Channel:
        """A channel of its own to the vision service."""
        return grpc.insecure_channel(self.address, options=CHANNEL)

    def health(self, name: str = VISION) -> str:
        """The status that health gives now; UNREACHABLE when nobody answers."""
        with self.channel() as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                reply = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
            except grpc.RpcError:
                return "UNREACHABLE"
            return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))

    def log(self, name: str) -> str:
        """What a process has written so far."""
        return self.logs[name].read_text()


@contextmanager
def running_stack(folder: Path, **vision_settings: str) -> Iterator[Stack]:
    """Starts Triton and the vision service and waits until health says SERVING."""
    triton_port, triton_metrics, vision_port, metrics_port = free_ports(4)
    stack = Stack(triton_port, vision_port, metrics_port)
    triton = {"GRPC_PORT": str(triton_port), "METRICS_PORT": str(triton_metrics)}
    vision = {
        "LISTEN": stack.address,
        "METRICS_PORT": str(metrics_port),
        "TRITON_ADDRESS": stack.triton_address,
        **vision_settings,
    }
    with ExitStack() as processes:
        for name, module, settings in (
            ("triton", "sensorium_models.embedded", {f"SENSORIUM_TRITON_{k}": v for k, v in triton.items()}),
            ("vision", "sensorium_vision", {f"SENSORIUM_VISION_{k}": v for k, v in vision.items()}),
        ):
            processes.enter_context(_process(stack, folder, name, module, settings))
        until(lambda: stack.health() == "SERVING", 60, lambda: stack.log("triton") + stack.log("vision"))
        yield stack


@contextmanager
def _process(stack: Stack, folder: Path, name: str, module: str, settings: dict[str, str]) -> Iterator[None]:
    stack.logs[name] = folder / f"{name}.log"
    with stack.logs[name].open("wb") as log:
        command = [sys.executable, "-W", "error", "-m", module]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=log, stderr=subprocess.STDOUT)
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
    """A stack for a test that harms it."""
    with running_stack(tmp_path) as started:
        yield started


@pytest.fixture
def vision(stack: Stack) -> Iterator[vision_service_pb2_grpc.VisionServiceStub]:
    """A stub on the shared stack."""
    with stack.channel() as channel:
        yield vision_service_pb2_grpc.VisionServiceStub(channel)
