"""What a running stack tells other terminals: who it is, where it listens, and that it is still alive.

A lock held for the life of the stack says that it runs; the kernel lets go of it whatever the end. The file beside it
says the rest, and without the lock it is a leftover. Honcho's wrapper processes inherit the lock, so it also outlives
a stack that was killed until its processes are gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["AlreadyRunningError", "RunningStack", "claim", "find", "stop"]

_STATE = "stack.json"
_LOCK = "stack.lock"
_PATIENCE = 0.5  # seconds; somebody who only looks whether the lock is held holds it for a moment


@dataclass(frozen=True)
class RunningStack:
    """A stack that runs."""

    pid: int
    logs: str
    triton: str
    """Triton's gRPC address."""
    services: dict[str, str]
    """The gRPC address of each service, by its name."""
    metrics: dict[str, str]
    """The metrics URL of each service, by its name."""


class AlreadyRunningError(RuntimeError):
    """Another stack holds the run folder."""

    def __init__(self, stack: RunningStack | None) -> None:
        """Say which, as far as it is known."""
        super().__init__(f"a stack runs here already{f' (process {stack.pid})' if stack else ''}")


@contextmanager
def claim(run_dir: Path, stack: RunningStack) -> Iterator[None]:
    """Hold the run folder for `stack` and leave its description there.

    Raises:
        AlreadyRunningError: Another stack holds it.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / _LOCK).open("w") as lock:
        if not _acquire(lock.fileno(), patience=_PATIENCE):
            raise AlreadyRunningError(_read(run_dir))
        _write(run_dir, stack)
        try:
            yield
        finally:
            (run_dir / _STATE).unlink(missing_ok=True)


def find(run_dir: Path) -> RunningStack | None:
    """Find the stack that holds the run folder; None when none runs, whatever file a dead one left."""
    return _read(run_dir) if _is_held(run_dir) else None


def stop(run_dir: Path, timeout: float = 15.0) -> bool:
    """Ask the stack that holds the run folder to stop and wait for it; return whether one ran.

    Raises:
        TimeoutError: It still runs after `timeout` seconds.
    """
    if not _is_held(run_dir):
        (run_dir / _STATE).unlink(missing_ok=True)
        return False
    deadline = time.monotonic() + timeout
    asked = False
    while _is_held(run_dir):
        if not asked and (stack := _read(run_dir)) is not None:
            with suppress(ProcessLookupError):  # it was killed; its processes are about to follow
                os.kill(stack.pid, signal.SIGTERM)
            asked = True
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stack did not stop within {timeout:.0f} s")
        time.sleep(0.05)
    return True


def _acquire(lock: int, patience: float = 0.0) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _is_held(run_dir: Path) -> bool:
    try:
        with (run_dir / _LOCK).open("r") as lock:
            return not _acquire(lock.fileno())
    except FileNotFoundError:
        return False


def _write(run_dir: Path, stack: RunningStack) -> None:
    new = run_dir / f"{_STATE}.new"
    new.write_text(json.dumps(asdict(stack), indent=2) + "\n")
    new.replace(run_dir / _STATE)


def _read(run_dir: Path) -> RunningStack | None:
    try:
        return RunningStack(**json.loads((run_dir / _STATE).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
