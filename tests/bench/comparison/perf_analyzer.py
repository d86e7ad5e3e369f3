"""Triton's own load generator, which knows nothing of this project, on ready-made tensors."""

import base64
import csv
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from bench.comparison.dialects import DIALECTS
from bench.comparison.records import Bench, Failure, Record
from bench.comparison.rounds import CALLERS, Up, awake
from bench.comparison.settings import ROOT
from bench.comparison.systems import Running
from bench.comparison.workloads import workload
from bench.processes import cpu_seconds

__all__ = ["perf_analyzer"]

NAME = "perf_analyzer"
# It lies in this wheel, which is unpacked and not installed; later ones do not have it.
_WHEEL = "tritonclient==2.50.0"
_WORKLOAD = "classify_raw"
_WINDOWS = 3
_LEAST_WINDOW = 1500  # milliseconds: without anybody who wakes it, Triton's batcher may sleep for 500 at a time


def perf_analyzer(up: Up, names: list[str], bench: Bench) -> None:
    """Measures Triton directly, in as many rounds as all others."""
    if "triton" not in up or _WORKLOAD not in names:
        return
    program = _installed(bench.settings.folder / NAME)
    running = up["triton"][1]
    for number in range(bench.settings.rounds):
        for callers in CALLERS:
            with awake(running):
                _measure(program, running, callers, number, bench)


def _measure(program: Path, running: Running, callers: int, number: int, bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, told = Path(folder) / "data.json", Path(folder) / "told.csv"
        data.write_text(json.dumps(_tensors()))
        window = max(_LEAST_WINDOW, bench.settings.seconds * 1000 / _WINDOWS)
        command = [
            *(str(program), "-m", workload(_WORKLOAD).model, "-u", running.triton, "-i", "grpc"),
            *("--concurrency-range", f"{callers}:{callers}", "--input-data", str(data), "-f", str(told)),
            *("-p", f"{window:.0f}", "-r", str(_WINDOWS), "-s", "999", "--percentile", "99"),
        ]
        start, before = time.perf_counter(), sum(cpu_seconds(running.roots.values()).values())
        done = subprocess.run(
            command, env={"LD_LIBRARY_PATH": str(program.parent)}, capture_output=True, text=True, check=False
        )
        passed, spent = time.perf_counter() - start, sum(cpu_seconds(running.roots.values()).values()) - before
        if done.returncode or not told.exists():
            told_last = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
            bench.fail(Failure("closed", _WORKLOAD, NAME, "".join(told_last) or f"exit status {done.returncode}"))
            return
        (row,) = csv.DictReader(told.open())
    rate = float(row["Inferences/Second"])
    values = {
        "throughput": rate,
        "p50": float(row["p50 latency"]) / 1e3,
        "p90": float(row["p90 latency"]) / 1e3,
        "p99": float(row["p99 latency"]) / 1e3,
        "cost": spent / (rate * passed) * 1e3,  # it warms up at the same rate
    }
    bench.results.records.append(Record("closed", _WORKLOAD, NAME, str(callers), number, values))
    bench.say(f"{_WORKLOAD:13} {callers:4} callers  round {number + 1}  {NAME} throughput {rate:8.2f}")


def _tensors() -> dict[str, Any]:
    dialect: Any = DIALECTS["triton"]
    made = (dialect.tensors(_WORKLOAD, item) for item in workload(_WORKLOAD).items())
    return {
        "data": [
            {name: {"content": {"b64": base64.b64encode(array.tobytes()).decode()}, "shape": array.shape[1:]}}
            for tensors in made
            for name, array in tensors.items()
        ]
    }


def _installed(folder: Path) -> Path:
    """The program, with the two libraries that it wants, which come with the embedded Triton."""
    program = folder / NAME
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), _WHEEL]
        subprocess.run(command, check=True)
        (wheel,) = folder.glob("tritonclient-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (member,) = (name for name in archive.namelist() if name.endswith(f"/bin/{NAME}"))
            program.write_bytes(archive.read(member))
        wheel.unlink()
        program.chmod(0o755)
    libraries = ROOT / ".venv-triton" / "lib" / "python3.11" / "site-packages" / "nvidia_pytriton.libs"
    for name, pattern in (("libb64.so.0d", "libb64-*"), ("libcudart.so.12", "libcudart-*")):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(next(libraries.glob(pattern)))
    return program
