"""Processes with their security on: a Triton with one model, and a vision service before it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.waiting import until
from sensorium_client.stack.ports import free_ports

ROOT = Path(__file__).parents[2]
ATTACKER = Path(__file__).with_name("triton_attacker.py")


@dataclass
class Triton:
    """A server that runs."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    model: str

    def attack(self, *command: str, **tls: Path) -> dict[str, str]:
        """What another process gets, method by method; `command` goes before the attacker's own."""
        given = {"address": self.address, "model": self.model, "tls": {name: str(path) for name, path in tls.items()}}
        done = subprocess.run(
            [*command, sys.executable, str(ATTACKER), json.dumps(given)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        results: dict[str, str] = json.loads(done.stdout)
        return results


@contextmanager
def running_triton(folder: Path, *models: str, **settings: Any) -> Iterator[Triton]:
    """A Triton with copies of these models; the first is the one that an attacker asks for."""
    repository = folder / "models" / "one"
    repository.mkdir(parents=True)
    for model in models:
        (built,) = (ROOT / "build" / "models").glob(f"*/{model}")
        shutil.copytree(built, repository / model)
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
        yield Triton(address, log, process, models[0])
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def running_vision(folder: Path, **settings: Any) -> Iterator[str]:
    """A vision service; gives its address once it listens."""
    port, metrics_port = free_ports(2)
    given = {"LISTEN": f"127.0.0.1:{port}", "METRICS_PORT": metrics_port, **settings}
    environment = os.environ | {f"SENSORIUM_VISION_{name}": str(value) for name, value in given.items()}
    log = folder / "vision.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sensorium_vision"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        until(lambda: _listens(port) or process.poll() is not None, 60, log.read_text)
        assert process.poll() is None, log.read_text()
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
