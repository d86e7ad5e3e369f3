"""Processor time of processes and all that they have started."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> dict[str, float]:
    """Seconds that processes and their descendants have computed so far, by what they run."""
    spent: dict[str, float] = {}
    todo = list(roots)
    while todo:
        process = Path("/proc") / str(todo.pop())
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            threads = [path / "children" for path in (process / "task").iterdir()]
            todo += [int(child) for path in threads for child in path.read_text().split()]
            name = _name((process / "cmdline").read_text().split("\0"))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        spent[name] = spent.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / _TICKS
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


def since(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What was spent between two moments."""
    return {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}


def busyness() -> str:
    """How busy the machine is: programs of others make figures worse, never better."""
    waiting, _, _ = os.getloadavg()
    return f"(in the last minute {waiting:.1f} threads wanted to compute, on {os.cpu_count()} processors)"
