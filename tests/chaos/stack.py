"""`sensorium up` as a plant runs it, in a folder and on ports of its own, and the processes that it consists of."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from integration.waiting import until
from sensorium_client.stack.settings import StackSettings
from sensorium_client.stack.temporary import spare_environment

ROOT = Path(__file__).parents[2]
SERVICES = ("vision", "speech", "text")
START_SECONDS = 120.0
_UP = (sys.executable, "-c", "from sensorium_client.cli import main; main()", "up", "--no-greeting")
_STOP_SECONDS = 30.0


class StartFailedError(Exception):
    """The stack did not come up; the text is its last line."""


@dataclass(frozen=True)
class PlantStack:
    """A stack that serves."""

    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    output: Path

    def address(self, service: str) -> str:
        """Where a service answers."""
        return self.environment[f"SENSORIUM_{service.upper()}_LISTEN"]

    @property
    def metrics_urls(self) -> dict[str, str]:
        """Where Prometheus finds the metrics, by service."""
        ports = {service: self.environment[f"SENSORIUM_{service.upper()}_METRICS_PORT"] for service in SERVICES}
        return {service: f"http://127.0.0.1:{port}/metrics" for service, port in ports.items()}

    @property
    def build_dir(self) -> Path:
        """Where its logs and databases are."""
        return Path(self.environment["SENSORIUM_STACK_BUILD_DIR"])

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")

    def pids(self, *words: str) -> list[int]:
        """Its processes whose command lines have the words."""
        found = descendants(self.process.pid)
        return sorted(pid for pid, line in found.items() if all(word in line for word in words))

    def pid(self, *words: str) -> int:
        """The only such process."""
        (pid,) = self.pids(*words)
        return pid

    def service_pid(self, service: str) -> int:
        """The process of a service."""
        return next(pid for pid in self.pids("-m", f"sensorium_{service}"))

    def triton_pid(self) -> int:
        """The server."""
        return self.pid("bin/tritonserver", "--model-repository")

    def launcher_pid(self) -> int:
        """The process that looks after the server."""
        return next(pid for pid in self.pids("-m sensorium_models.embedded") if "reaper" not in command_line(pid))

    def model_pid(self, model: str) -> int:
        """A model's process."""
        return self.pid("triton_python_backend_stub", f"/{model}/")


@contextmanager
def plant_stack(
    folder: Path, settings: Mapping[str, str], command: Sequence[str] = (), build_dir: Path | None = None
) -> Iterator[PlantStack]:
    """Run a stack until the block ends.

    Args:
        folder: where its output goes.
        settings: environment variables.
        command: goes before its own command line.
        build_dir: where its logs and databases go; by default a folder of `folder`.

    Raises:
        StartFailedError: it did not come up.
    """
    build = build_dir or folder / "build"
    build.mkdir(parents=True, exist_ok=True)
    patient = {"SENSORIUM_STACK_START_TIMEOUT": str(START_SECONDS)}  # the machine may be busy
    environment = {**spare_environment(StackSettings(), build), **patient, **settings}
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen([*command, *_UP], cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
    stack = PlantStack(process, environment, output)
    try:
        until(
            lambda: "Ctrl-C stops" in stack.printed or process.poll() is not None,
            2 * START_SECONDS,
            lambda: stack.printed,
        )
        if process.poll() is not None:
            raise StartFailedError(stack.printed.strip().rpartition("\n")[2])
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
            _keep_logs(stack, folder.name)


def _keep_logs(stack: PlantStack, name: str) -> None:
    """What was written is there to be read when the folder has gone."""
    target = ROOT / "build" / "chaos" / "logs" / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(stack.build_dir / "logs", target)
    shutil.copy(stack.output, target)


def descendants(pid: int) -> dict[int, str]:
    """Command lines of all processes below one, by process id."""
    found: dict[int, str] = {}
    todo = [pid]
    while todo:
        children = _children(todo.pop())
        found |= {child: command_line(child) for child in children}
        todo += children
    return found


def _children(pid: int) -> list[int]:
    """Processes that a process has started; none once it has ended."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
                children += map(int, (task / "children").read_text().split())
    return children


def command_line(pid: int) -> str:
    """The command line of a process; empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)


def pause(pid: int) -> None:
    """Stop a process as a debugger, or a frozen machine, does."""
    os.kill(pid, signal.SIGSTOP)


def go_on(pid: int) -> None:
    """Let a process that was stopped go on, if it is still there."""
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return
