"""Processor time of processes and all that they have started."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """A process, and what it runs; some change the latter as they go."""

    pid: int
    command: str


def cpu_seconds(roots: Iterable[int]) -> dict[Process, float]:
    """Seconds that processes and their descendants have computed so far."""
    spent: dict[Process, float] = {}
    todo = list(roots)
    while todo:
        pid = todo.pop()
        process = Path(f"/proc/{pid}")
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            threads = [path / "children" for path in (process / "task").iterdir()]
            todo += [int(child) for path in threads for child in path.read_text().split()]
            command = _name((process / "cmdline").read_text().split("\0"))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        spent[Process(pid, command)] = (int(fields[11]) + int(fields[12])) / _TICKS
    return spent


def machine_seconds() -> float:
    """Seconds that all processors of the machine have computed so far."""
    user, nice, system, _, _, interrupts, soft, *_ = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupts + soft) / _TICKS


def _name(command: list[str]) -> str:
    """The model of a model's process, else the module or program."""
    if "triton_python_backend_stub" in command[0]:
        return Path(command[1]).parents[1].name
    return command[command.index("-m") + 1] if "-m" in command else Path(command[0]).name


def since(before: dict[Process, float], after: dict[Process, float]) -> dict[str, float]:
    """What was spent between two moments, by what the processes run at the later one."""
    earlier = {process.pid: seconds for process, seconds in before.items()}
    spent: dict[str, float] = {}
    for process, seconds in after.items():
        passed = seconds - earlier.get(process.pid, 0.0)
        spent[process.command] = spent.get(process.command, 0.0) + passed
    return spent


def busyness() -> str:
    """How busy the machine is: programs of others make figures worse, never better."""
    waiting, _, _ = os.getloadavg()
    return f"(in the last minute {waiting:.1f} threads wanted to compute, on {os.cpu_count()} processors)"


def descendants(roots: Iterable[int]) -> list[int]:
    """Processes and all that they have started, each after the one that started it."""
    found, todo = [], list(roots)
    while todo:
        pid = todo.pop(0)
        try:
            threads = [path / "children" for path in Path(f"/proc/{pid}/task").iterdir()]
            todo += [int(child) for path in threads for child in path.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        found.append(pid)
    return found


def memory_bytes(roots: Iterable[int]) -> int:
    """Memory of processes and all that they have started; what several share counts once (proportional set size)."""
    total = 0
    for pid in descendants(roots):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has just ended
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total
