"""What every system can do, and how its processes are looked after."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.processes import cpu_seconds, descendants

__all__ = ["NotReadyError", "Running", "System", "spawned"]

_STOP_SECONDS = 20.0
# What is left of a load has been done when so little of a processor is used for so long.
_REST, _IDLE_PART, _LONGEST_REST = 0.2, 0.1, 2.0
# util-linux's `setpriv`; with it no server outlives a benchmark that was killed.
_GUARD = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()


class NotReadyError(Exception):
    """A system did not start, or not answer rightly in time; the text says what its log ends with."""


@dataclass
class Running:
    """A system that was started.

    Attributes:
        port: where it answers.
        roots: its processes, by what they are called here; their descendants are its, too.
        log: what its processes write.
        triton: address of the Triton in it, whose batches can be asked for.
        counts: folder in which its processes count batches themselves.
        settled: whether it has noticed itself that it is ready; it must not be paused before.
    """

    port: int
    roots: Mapping[str, int]
    log: Path
    triton: str = ""
    counts: str = ""
    settled: Callable[[], bool] = lambda: True
    _paused: list[int] = field(default_factory=list)

    def pause(self) -> None:
        """Stops its processes where they are, so that they take nothing from the one that is measured.

        Not in the midst of a request: whoever waits for a lock that a stopped one holds would give up.
        """
        self._wait_until_idle()
        self._paused = descendants(self.roots.values())
        _signal(self._paused, signal.SIGSTOP)

    def _wait_until_idle(self) -> None:
        end, used = time.monotonic() + _LONGEST_REST, sum(cpu_seconds(self.roots.values()).values())
        while time.monotonic() < end:
            time.sleep(_REST)
            before, used = used, sum(cpu_seconds(self.roots.values()).values())
            if used - before <= _IDLE_PART * _REST:
                return

    def resume(self) -> None:
        """Lets its processes go on."""
        _signal(reversed(self._paused), signal.SIGCONT)
        self._paused = []


class System(Protocol):
    """A way to have the work done.

    Attributes:
        name: in results and BENCH_ONLY.
        title: for people.
        dialect: in which it is asked.
        workloads: that it can do.
        kind: what it is for the figures: `suite`, `triton`, `framework`, `bare` server or `library`.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def workloads(self) -> Collection[str]: ...

    def prepare(self, venvs: Path) -> None:
        """Installs what it needs, unless that is there."""
        ...

    def start(self, service: str, folder: Path) -> contextlib.AbstractContextManager[Running]:
        """Starts it for the workloads of a service; returns as soon as its processes run."""
        ...


@contextmanager
def spawned(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process while the block runs; at its end all that it has started is ended, too."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_GUARD, *command],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        family = descendants([process.pid])
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        _signal(family, signal.SIGKILL)
        process.wait()
        _until_gone(family)


def _signal(processes: Iterator[int] | Sequence[int], number: signal.Signals) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _until_gone(family: Sequence[int]) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while any(Path(f"/proc/{pid}").exists() for pid in family) and time.monotonic() < deadline:
        time.sleep(0.05)
