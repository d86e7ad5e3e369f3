"""This suite, and the Triton in it without the rest."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.comparison.settings import ROOT
from bench.comparison.systems._base import Running, spawned
from sensorium_client.stack.ports import free_ports


class Suite:
    """A Triton with the models of one service, and that service before it; settings are the shipped ones."""

    name, title, dialect, kind = "suite", "Sensorium", "suite", "suite"
    workloads = ("classify_jpeg", "classify_raw", "small", "embed_1", "embed_16", "read_text", "transcribe")

    def prepare(self, venvs: Path) -> None:
        pass

    @contextmanager
    def start(self, service: str, folder: Path) -> Iterator[Running]:
        port, metrics = free_ports(2)
        with _triton(service, folder) as triton:
            kept = {"PHRASE_SETS": str(folder / "phrase_sets.sqlite")} if service == "speech" else {}
            settings = {
                "LISTEN": f"127.0.0.1:{port}",
                "METRICS_PORT": str(metrics),
                "TRITON_ADDRESS": f"127.0.0.1:{triton.port}",
                **kept,
            }
            with spawned(
                [sys.executable, "-m", f"sensorium_{service}"],
                environment=_environment(service, settings),
                folder=ROOT,
                log=folder / "service.log",
            ) as process:
                roots = {**triton.roots, service: process.pid}
                log, address = folder / "service.log", f"127.0.0.1:{triton.port}"
                yield Running(port, roots, log, triton=address, settled=triton.settled)


class DirectTriton:
    """The embedded Triton with the same models and the same config.pbtxt, asked with tensors that are ready."""

    name, title, dialect, kind = "triton", "Triton directly", "triton", "triton"
    workloads = ("classify_raw", "small", "embed_1", "embed_16")

    def prepare(self, venvs: Path) -> None:
        pass

    @contextmanager
    def start(self, service: str, folder: Path) -> Iterator[Running]:
        with _triton(service, folder) as triton:
            yield triton


@contextmanager
def _triton(service: str, folder: Path) -> Iterator[Running]:
    port, metrics = free_ports(2)
    repositories = folder / "repositories"
    repositories.mkdir(exist_ok=True)
    link = repositories / service
    if not link.exists():
        link.symlink_to(ROOT / "build" / "models" / service)
    settings = {"GRPC_PORT": str(port), "METRICS_PORT": str(metrics), "REPOSITORIES": str(repositories)}
    with spawned(
        [sys.executable, "-m", "sensorium_models.embedded"],
        environment=_environment("triton", settings),
        folder=ROOT,
        log=folder / "triton.log",
    ) as process:
        log = folder / "triton.log"
        # Its launcher gives up a server that is not ready in time, and time goes on while it is paused.
        yield Running(
            port,
            {"triton": process.pid},
            log,
            triton=f"127.0.0.1:{port}",
            settled=lambda: "Triton ready" in log.read_text(),
        )


def _environment(process: str, settings: dict[str, str]) -> dict[str, str]:
    return os.environ | {f"SENSORIUM_{process.upper()}_{name}": value for name, value in settings.items()}
