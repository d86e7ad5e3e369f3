"""A Honcho process that cannot be orphaned.

The chain is: `sensorium up` -> Honcho's wrapper (a fork that reads the output) -> the program, leader of a process
group of its own. Each link learns from the kernel when the one above it is gone: the wrapper then stops the program in
good order, and the program, should the wrapper itself be killed, gets SIGTERM.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import sys
import threading
import time
from subprocess import TimeoutExpired
from typing import Any

from honcho.process import Popen, Process

__all__ = ["GuardedProcess", "end_group"]

_PR_SET_PDEATHSIG = 1
_ORPHANED = signal.SIGUSR1
_STOP_SECONDS = 9.0


class GuardedProcess(Process):  # type: ignore[misc]  # honcho ships no types
    """Runs one command; neither it nor anything in its process group outlives the stack."""

    def __init__(self, cmd: str, **options: Any) -> None:
        """Take what Honcho's process takes; the shell is replaced by the command, so signals reach it."""
        super().__init__(f"exec {cmd}", **options)
        self._child_ctor = _spawn
        self._owner = os.getpid()

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run to the end of the command. Called in the wrapper process, by Honcho."""
        signal.signal(_ORPHANED, self._on_orphaned)
        _signal_at_death_of_parent(_ORPHANED, self._owner)
        super().run(events, ignore_signals)

    def _on_orphaned(self, *_: object) -> None:
        # In a thread, because this one must go on reading the output: a program that logs into a full pipe never stops.
        threading.Thread(target=self._stop_and_exit, daemon=True).start()

    def _stop_and_exit(self) -> None:
        if self._child is not None:
            self._child.terminate()
            with contextlib.suppress(TimeoutExpired):
                self._child.wait(_STOP_SECONDS)
            end_group(self._child.pid, grace=0.0)
        # Not sys.exit: nobody reads the event queue any more, and it would wait for its reader.
        os._exit(1)


class _GroupPopen(Popen):  # type: ignore[misc]  # honcho ships no types
    """A command that counts as ended when its whole process group has."""

    def wait(self, timeout: float | None = None) -> int:
        returncode: int = super().wait(timeout)
        end_group(self.pid)
        return returncode


def _spawn(command: str, **options: Any) -> _GroupPopen:
    at_start = functools.partial(_signal_at_death_of_parent, signal.SIGTERM, os.getpid())
    child = _GroupPopen(command, preexec_fn=at_start, **options)
    # Honcho waits for the end of the output. Children of a command that was killed hold it open: end them.
    threading.Thread(target=child.wait, daemon=True).start()
    return child


def _signal_at_death_of_parent(signum: signal.Signals, parent: int) -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signum))
    if os.getppid() != parent:  # it went before we asked
        os.kill(os.getpid(), signum)


def end_group(group: int, *, grace: float = 5.0) -> None:
    """End what is left of a process group: ask, and after `grace` seconds kill."""
    for signum, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 1.0)):
        deadline = time.monotonic() + seconds
        try:
            os.killpg(group, signum)
            while time.monotonic() < deadline:
                os.killpg(group, 0)
                time.sleep(0.02)
        except (ProcessLookupError, PermissionError):  # nobody is left
            return
