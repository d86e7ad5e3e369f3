"""What a user would pick instead. Each has a virtual environment of its own, with pinned versions."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.comparison.settings import ROOT, Settings
from bench.comparison.systems._base import Running, spawned
from sensorium_client.stack.ports import free_ports

CODE = ROOT / "tests" / "bench" / "peers"
_BENTOS = {"vision": "Pictures", "text": "Texts"}
PICTURES, TEXT = ("classify_jpeg", "classify_raw"), ("embed_1", "embed_16")


@dataclass(frozen=True)
class Peer:
    """A system that is started by a command line of its virtual environment.

    Attributes:
        command: what follows the environment's `bin/`; `{port}` and `{bento}` are filled in.
        venv: name of the environment and of its requirements file; that of the system by default.
    """

    name: str
    title: str
    command: Sequence[str]
    workloads: Sequence[str]
    kind: str = "framework"
    dialect: str = "http"
    venv: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def prepare(self, venvs: Path) -> None:
        """Installs it, unless that was done with the same requirements."""
        requirements, venv = CODE / "requirements" / f"{self._venv}.txt", venvs / self._venv
        stamp = venv / "installed"
        if stamp.exists() and stamp.read_text() == requirements.read_text():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
        subprocess.run(command, check=True)
        stamp.write_text(requirements.read_text())

    @contextmanager
    def start(self, service: str, folder: Path) -> Iterator[Running]:
        """Starts it for the workloads of one service."""
        port, *spare = free_ports(4)
        bin_folder = Settings().folder / "venvs" / self._venv / "bin"
        counts = folder / "counts"
        counts.mkdir(exist_ok=True)
        for old in counts.iterdir():
            old.unlink()
        filled = [part.format(port=port, bento=_BENTOS.get(service)) for part in self.command]
        environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(CODE),
            "BENCH_MODELS": str(ROOT / "build" / "models"),
            "BENCH_CACHE": str(ROOT / "build" / "cache" / "extracted"),
            "BENCH_COUNTS": str(counts),
            "BENCH_SERVICE": service,
            "BENCH_PORT": str(port),
            "BENCH_SPARE_PORTS": " ".join(map(str, spare)),
            "ORT_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
            **self.environment,
        }
        command = [str(bin_folder / filled[0]), *filled[1:]]
        log = folder / "server.log"
        with spawned(command, environment=environment, folder=folder, log=log) as process:
            yield Running(port, {self.name: process.pid}, log, counts=str(counts))

    @property
    def _venv(self) -> str:
        return self.venv or self.name


def _uvicorn(module: str) -> tuple[str, ...]:
    return ("uvicorn", f"{module}:app", "--port", "{port}", "--log-level", "warning", "--no-access-log")


PEERS = (
    Peer("fastapi", "FastAPI + ONNX Runtime", _uvicorn("fastapi_server"), (*PICTURES, *TEXT), kind="bare"),
    Peer("litserve", "LitServe", ("python", str(CODE / "litserve_server.py")), (*PICTURES, *TEXT), dialect="forms"),
    Peer(
        "bentoml",
        "BentoML",
        ("bentoml", "serve", "bentoml_server:{bento}", "--port", "{port}", "--working-dir", str(CODE)),
        (*PICTURES, *TEXT),
        dialect="bentoml",
        environment={"BENTOML_DO_NOT_TRACK": "True"},
    ),
    Peer(
        "mlserver",
        "Seldon MLServer",
        ("python", str(CODE / "mlserver_server.py")),
        (*PICTURES, *TEXT),
        dialect="mlserver",
    ),
    Peer(
        "rayserve",
        "Ray Serve",
        ("python", str(CODE / "rayserve_server.py")),
        (*PICTURES, *TEXT),
        environment={"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0"},
    ),
    Peer(
        "infinity",
        "infinity-emb",
        ("python", str(CODE / "infinity_server.py")),
        TEXT,
        kind="library",
        dialect="infinity",
    ),
    Peer("rapidocr", "rapidocr behind FastAPI", _uvicorn("rapidocr_server"), ("read_text",), kind="bare"),
    Peer("moonshine", "Moonshine behind FastAPI", _uvicorn("moonshine_server"), ("transcribe",), kind="bare"),
)
