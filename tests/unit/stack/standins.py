"""Small programs that stand in for the processes of the stack."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from sensorium_client.stack.settings import ServiceSettings, StackSettings
from sensorium_client.stack.temporary import spare_environment

SENSORIUM = (sys.executable, "-c", "from sensorium_client.cli import main; main()")


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Return when `condition` holds; fail when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent to notice its end does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def command(source: str) -> str:
    """A command line, free of line breaks, that runs a piece of Python."""
    return shlex.join([sys.executable, "-c", f"exec({textwrap.dedent(source)!r})"])


def server(pid_file: Path, *, at_term: str = "raise SystemExit(0)") -> str:
    """A command that notes its process id and then waits; `at_term` is what it does on SIGTERM."""
    return command(
        f"""
        import os, pathlib, signal, time
        def stop(*_):
            {at_term}
        signal.signal(signal.SIGTERM, stop)
        new = pathlib.Path({str(pid_file)!r} + ".new")
        new.write_text(str(os.getpid()))
        new.rename({str(pid_file)!r})
        while True:
            time.sleep(0.05)
        """
    )


def pid_in(pid_file: Path) -> int:
    """The process id that a `server` noted, as soon as it has."""
    wait_for(pid_file.exists)
    return int(pid_file.read_text())


def run_manager(
    directory: Path, processes: dict[str, str], *, keep_up: bool = False, **options: float
) -> subprocess.Popen[str]:
    """Run a StackManager over `processes`, triton last, in a process of its own: it forks and takes signals."""
    source = f"""
    import sys
    from pathlib import Path
    from sensorium_client.stack.logs import LogPrinter
    from sensorium_client.stack.manager import StackManager
    say = lambda line: print(line, flush=True)
    printer = LogPrinter(Path({str(directory)!r}), {[*processes]!r}, say)
    manager = StackManager(printer, last={{"triton"}}, say=say, **{options!r})
    for name, line in {processes!r}.items():
        manager.add_process(name, line)
    if {keep_up!r}:
        manager.keep_up()
    manager.loop()
    if manager.first_stopped:
        say(f"{{manager.first_stopped}}: {{printer.last_words(manager.first_stopped.name)}}")
    sys.exit(1 if manager.first_stopped else 0)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


_HEALTH_SERVER = """
    import os, pathlib, signal, threading
    pathlib.Path(os.environ["SENSORIUM_STACK_BUILD_DIR"], "{short}.pid").write_text(str(os.getpid()))
    from concurrent import futures
    import grpc
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc
    server = grpc.server(futures.ThreadPoolExecutor(2))
    servicer = health.HealthServicer()
    servicer.set("{name}", health_pb2.HealthCheckResponse.{status})
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    server.add_insecure_port(os.environ["{prefix}LISTEN"])
    server.start()
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    told.wait()
    server.stop(0)
"""


def health_server(service: ServiceSettings, status: str) -> str:
    """A command that notes its process id in the stack's folder, and runs a service that only says how it is."""
    source = _HEALTH_SERVER.format(name=service.health_name, short=service.name, prefix=service.prefix, status=status)
    return command(source)


class Stack:
    """`sensorium up` over stand-ins, with a folder and ports of its own."""

    def __init__(self, folder: Path, processes: dict[str, str], **settings: str) -> None:
        self.folder = folder
        self.environment = spare_environment(StackSettings(), folder) | settings
        procfile = folder / "Procfile"
        procfile.write_text("".join(f"{name}: {line}\n" for name, line in processes.items()))
        self.environment["SENSORIUM_STACK_PROCFILE"] = str(procfile)
        self.output = folder / "output"
        self.started: list[subprocess.Popen[bytes]] = []

    def up(self) -> subprocess.Popen[bytes]:
        """Start it; what it prints goes to `output`."""
        with self.output.open("w") as output:
            up = subprocess.Popen(
                [*SENSORIUM, "up", "--no-greeting"], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        self.started.append(up)
        return up

    def end(self) -> None:
        """Stop whatever was started and still runs."""
        for up in self.started:
            up.terminate()
            up.wait(15)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of `sensorium` with the same settings."""
        return subprocess.run(
            [*SENSORIUM, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=30
        )

    def serves(self) -> bool:
        """Whether it has printed that it serves."""
        return " serving after " in self.output.read_text()

    @property
    def last_line(self) -> str:
        """What it printed last."""
        return self.output.read_text().splitlines()[-1]
