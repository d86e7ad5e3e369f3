"""The traces a server leaves on the machine: its models' processes, called stubs, and their shared memory."""

import contextlib
import os
import re
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Stubs", "clear_leftovers", "new_prefix"]

_STUB = "triton_python_backend_stub"
_PREFIX = re.compile(r"^(?P<prefix>sensorium-(?P<launcher>\d+)-)")
_PROC = Path("/proc")
_SHM = Path("/dev/shm")  # noqa: S108 - where POSIX shared memory lies
_DEATH_S = 2.0


def new_prefix() -> str:
    """A name for one server's shared memory that no other server has; it tells which launcher it belongs to."""
    return f"sensorium-{os.getpid()}-{secrets.token_hex(3)}-"


def clear_leftovers(proc: Path = _PROC, shm: Path = _SHM) -> None:
    """Remove the stubs and the shared memory of launchers that were killed.

    A stub notices by itself that its server was killed, but not always when it was answering a request just then.
    """
    found = [match for path in shm.iterdir() if (match := _PREFIX.match(path.name))]
    for prefix, launcher in {match.group("prefix", "launcher") for match in found}:
        if not _arguments(proc / launcher):
            stubs = Stubs(prefix, proc, shm)
            stubs.kill()
            stubs.sweep()


@dataclass(frozen=True, slots=True)
class _Stub:
    pid: int
    version: Path
    shared_memory: str

    @property
    def model(self) -> str:
        return self.version.parent.name


@dataclass(frozen=True, slots=True)
class Stubs:
    """The stubs of the server whose shared memory is named `prefix...`: one process per model instance."""

    prefix: str
    proc: Path = _PROC
    shm: Path = _SHM

    def kill(self, model: str | None = None) -> None:
        """Kill the processes of `model`, or of all models, and wait until they are gone, which takes milliseconds.

        One that is stopped or hangs would survive the unloading of its model.
        """
        self._kill([stub for stub in self._running() if model in {None, stub.model}])

    def kill_versions(self, which: Callable[[Path], bool]) -> None:
        """The same for the processes of versions, chosen by their folders."""
        self._kill([stub for stub in self._running() if which(stub.version)])

    def _kill(self, doomed: "list[_Stub]") -> None:
        for stub in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(stub.pid, signal.SIGKILL)
        deadline = time.monotonic() + _DEATH_S
        while doomed and time.monotonic() < deadline:
            doomed = [stub for stub in doomed if _arguments(self.proc / str(stub.pid))]
            time.sleep(0.005)

    def any_of(self, model: str) -> bool:
        """Whether a process of `model` exists, be it stopped or hanging."""
        return any(stub.model == model for stub in self._running())

    def sweep(self) -> None:
        """Remove the shared memory of processes that are gone; only while no model is being loaded."""
        used = {stub.shared_memory for stub in self._running()}
        for path in self.shm.glob(f"{self.prefix}*"):
            if path.name not in used:
                path.unlink(missing_ok=True)

    def _running(self) -> Iterator[_Stub]:
        for folder in self.proc.glob("[0-9]*"):
            arguments = _arguments(folder)
            # Itself, <repository>/<model>/<version>/<file>, the name of its shared memory, ...
            if len(arguments) > 2 and Path(arguments[0]).name == _STUB and arguments[2].startswith(self.prefix):
                yield _Stub(int(folder.name), Path(arguments[1]).parent, arguments[2])


def _arguments(process: Path) -> list[str]:
    """The command line of a process; empty once it has ended."""
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []
