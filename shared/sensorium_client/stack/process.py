"""A Honcho process that cannot be orphaned.

The chain is: `sensorium up` -> Honcho's wrapper (a fork that reads the output) -> the program, leader of a process
group of its own. Each link learns from the kernel when the one above it is gone: the wrapper then stops the program in
good order, and the program, should the wrapper itself be killed, gets SIGTERM.

The wrapper also starts a program again that has ended by itself: it is a small process without threads of gRPC, which a
fork must not see.
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
from collections.abc import Callable
from dataclasses import dataclass
from subprocess import TimeoutExpired
from typing import Any

from honcho.process import Popen, Process

from sensorium_models.embedded.restarts import RestartBudget

__all__ = ["STOP", "GuardedProcess", "Stopped", "end_group"]

STOP = signal.SIGUSR2
"""Tells a wrapper to stop its program for good."""

_PR_SET_PDEATHSIG = 1
_ORPHANED = signal.SIGUSR1
_STOP_SECONDS = 9.0
_MAX_RESTARTS = 5
_RESTART_WINDOW = 60.0
_RESTART_PAUSE = 0.2
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Stopped:
    """A process that ended without being asked to."""

    name: str
    returncode: int

    def __str__(self) -> str:
        """Say it as a person would."""
        if self.returncode >= 0:
            return f"{self.name} stopped with exit code {self.returncode}"
        return f"{self.name} was ended by signal {signal.Signals(-self.returncode).name}"


class GuardedProcess(Process):  # type: ignore[misc]  # honcho ships no types
    """Runs one command; neither it nor anything in its process group outlives the stack."""

    def __init__(self, cmd: str, *, may_restart: Callable[[], bool] = bool, **options: Any) -> None:
        """Take what Honcho's process takes; the shell is replaced by the command, so signals reach it.

        Args:
            cmd: The command.
            may_restart: Says in the wrapper whether a command that ends by itself is started again.
            options: Those of Honcho's process.
        """
        super().__init__(f"exec {cmd}", **options)
        self._child_ctor = _spawn
        self._owner = os.getpid()
        self._may_restart = may_restart
        self._restarts = RestartBudget(_MAX_RESTARTS, _RESTART_WINDOW)
        self._stopping = False

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run to the end of the command, again and again where that is wanted. Called in the wrapper, by Honcho."""
        signal.signal(STOP, self._on_stop)
        signal.signal(_ORPHANED, self._on_orphaned)
        _signal_at_death_of_parent(_ORPHANED, self._owner)
        self._events = events
        while True:
            returncode = self._run_once(ignore_signals=ignore_signals)
            if not self._goes_on(returncode):
                break
        self._send_message({"returncode": returncode}, type="stop")

    def _run_once(self, *, ignore_signals: bool) -> int:
        self._child = self._child_ctor(self.cmd, env=self.env, cwd=self.cwd)
        if self._stopping:  # it was said while the command was being started
            self._child.terminate()
        self._send_message({"pid": self._child.pid}, type="start")
        if ignore_signals:  # those of a terminal reach the wrapper too, which ends with its command
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for line in iter(self._child.stdout.readline, b""):
            self._send_message(line)
        self._child.stdout.close()
        returncode: int = self._child.wait()
        return returncode

    def _goes_on(self, returncode: int) -> bool:
        if self._stopping or not self._may_restart():
            return False
        if not self._restarts.spend(time.monotonic()):
            self._say(f"{_MAX_RESTARTS} restarts within {_RESTART_WINDOW:g} s did not help, giving up")
            return False
        self._say(f"{Stopped(self.name, returncode)}; starting it again")
        return not self._is_told_to_stop_within(_RESTART_PAUSE)

    def _is_told_to_stop_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)  # an Event's lock is nothing for a signal handler
        return self._stopping

    def _say(self, text: str) -> None:
        self._send_message(f"{text}\n".encode())

    def _on_stop(self, *_: object) -> None:
        self._stopping = True
        if self._child is not None:
            self._child.terminate()

    def _on_orphaned(self, *_: object) -> None:
        self._stopping = True
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
    at_start = functools.partial(_begin_command, os.getpid())
    child = _GroupPopen(command, preexec_fn=at_start, **options)
    # Honcho waits for the end of the output. Children of a command that was killed hold it open: end them.
    threading.Thread(target=child.wait, daemon=True).start()
    return child


def _begin_command(wrapper: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # ignored by a wrapper that starts its command again
        signal.signal(number, signal.SIG_DFL)
    _signal_at_death_of_parent(signal.SIGTERM, wrapper)


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
