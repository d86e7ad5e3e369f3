"""What each process of a stack holds: memory, file descriptors, threads, asyncio tasks, shared memory."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from chaos.stack import SERVICES, PlantStack, descendants
from sensorium_client.stack.readings import read

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SHM = Path("/dev/shm")
Sample = dict[str, float]
"""By what is measured, such as `rss` and `fds`."""


@dataclass
class Samples:
    """Samples of all processes, by the name of the process and in their order."""

    by_process: dict[str, list[Sample]] = field(default_factory=dict)

    def take(self, stack: PlantStack) -> None:
        """Add a sample of every process."""
        tasks = {service: _tasks(stack.metrics_urls[service]) for service in SERVICES}
        for pid, line in [(stack.process.pid, ""), *descendants(stack.process.pid).items()]:
            name = _role(line) if line else "sensorium up"
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                sample = _of_process(pid)
                if name in tasks:
                    sample["tasks"] = tasks[name]
                self.by_process.setdefault(name, []).append(sample)
        shared = {"shm": float(_shared_memory(stack.launcher_pid()))}
        self.by_process.setdefault("shared memory", []).append(shared)


def _of_process(pid: int) -> Sample:
    folder = Path(f"/proc/{pid}")
    resident = int((folder / "statm").read_text().split()[1]) * _PAGE
    threads = re.search(r"^Threads:\s+(\d+)", (folder / "status").read_text(), re.MULTILINE)
    return {
        "rss": float(resident),
        "fds": float(len(list((folder / "fd").iterdir()))),
        "threads": float(threads[1]) if threads else 0.0,
    }


def _tasks(url: str) -> float:
    reading = read(url)
    assert reading is not None, f"{url} cannot be read"
    return reading.total("sensorium_asyncio_tasks")


def _shared_memory(launcher: int) -> int:
    found = 0
    for path in _SHM.glob(f"sensorium-{launcher}-*"):
        with contextlib.suppress(FileNotFoundError):
            found += path.stat().st_blocks * 512
    return found


def _role(line: str) -> str:
    """What a process is, by its command line."""
    if "triton_python_backend_stub" in line:
        return Path(line.split()[1]).parents[1].name
    if "bin/tritonserver" in line:
        return "Triton server"
    if "embedded.reaper" in line:
        return "reaper"
    if match := re.search(r"-m sensorium_(\w+)", line):
        return {"models": "Triton's launcher"}.get(match[1], match[1])
    return "wrappers"
