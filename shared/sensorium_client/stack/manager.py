"""Honcho's manager with an order of stopping: the services first, what they lean on after them."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection
from multiprocessing.connection import wait as wait_for_any
from typing import Any

from honcho.manager import Manager
from honcho.printer import Message, Printer

from sensorium_client.stack.process import STOP, GuardedProcess, Stopped, end_group

__all__ = ["StackManager", "Stopped"]


class StackManager(Manager):  # type: ignore[misc]  # honcho ships no types
    """Runs the processes until one ends, a signal comes or `stop` is called; then stops all of them.

    After `keep_up`, one that ends is started again, unless that happens too often.

    Honcho tells every process at once and kills what is left after five seconds. Here the services are told first and
    have `first_seconds`, so that the calls in flight still find Triton; the processes named in `last` are told when the
    services have gone and must be gone `all_seconds` after the request to stop.
    """

    def __init__(
        self,
        printer: Printer,
        *,
        last: Collection[str] = (),
        first_seconds: float = 4.4,
        all_seconds: float = 9.7,
        say: Callable[[str], None] = print,
    ) -> None:
        """Prepare; nothing is started before `loop`."""
        # Honcho forks; the default differs from Python 3.14 on.
        multiprocessing.set_start_method("fork", force=True)
        super().__init__(printer)
        self._keeps_up = multiprocessing.RawValue("b", 0)  # the wrappers see it
        self._process_ctor = functools.partial(GuardedProcess, may_restart=lambda: bool(self._keeps_up.value))
        self._terminating: bool = False
        self._last = frozenset(last)
        self._first_seconds = first_seconds
        self._all_seconds = all_seconds
        self._say = say
        self._waker, self._wake = multiprocessing.Pipe(duplex=False)
        self._watcher = threading.Thread(target=self._watch_over, daemon=True)
        self._in_background: list[Callable[[], None]] = []
        self.stopping = threading.Event()
        """Set as soon as the stop has begun."""
        self.first_stopped: Stopped | None = None
        self.reason: str | None = None

    def run_beside(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread as soon as every process was forked: a fork must not see threads of gRPC."""
        self._in_background.append(work)

    def keep_up(self) -> None:
        """From now on start again what ends: it has worked, so that its end is no mistake of the set-up."""
        self._keeps_up.value = 1

    def kill_process(self, name: str) -> None:
        """End a process and its children at once; one that is kept up is started again."""
        if not self.stopping.is_set():
            self._kill(name)

    def stop(self, reason: str) -> None:
        """Stop everything because of `reason`. May be called from any thread."""
        self.reason = reason
        self.terminate()

    def terminate(self) -> None:
        """Ask for the stop and return at once: Honcho calls this in its loop and in its signal handler."""
        if self._terminating:
            return
        self._terminating = True
        self.first_stopped = next(
            (
                Stopped(name, process["returncode"])
                for name, process in self._processes.items()
                if process.get("returncode") is not None
            ),
            None,
        )
        self._wake.send_bytes(b"stop")

    def kill(self) -> None:
        """Do nothing: Honcho calls this when five seconds have passed, but `_stop_in_order` has the clock."""

    def _system_print(self, data: str) -> None:
        """Drop Honcho's own remarks; it makes some of them in its signal handler, where printing is unsafe."""

    def loop(self) -> None:
        """Run the processes; return when all of them are gone."""
        try:
            super().loop()
        finally:  # should it fail, the processes are stopped all the same
            self.terminate()
            if self._watcher.is_alive():
                self._watcher.join()

    def _start(self) -> None:
        signal.signal(signal.SIGHUP, lambda *_: self.terminate())
        super()._start()
        self._watcher.start()
        for work in self._in_background:
            threading.Thread(target=work, daemon=True).start()

    def _watch_over(self) -> None:
        wrappers = {record["process"].sentinel: name for name, record in self._processes.items()}
        waiting: set[Any] = {self._waker, *wrappers}
        while self._waker not in (ready := wait_for_any(list(waiting))):
            waiting.difference_update(ready)
            for sentinel in ready:
                self._account_for(wrappers[sentinel])
        self._stop_in_order()

    def _stop_in_order(self) -> None:
        self.stopping.set()
        start = time.monotonic()
        self._stop_all([name for name in self._processes if name not in self._last], start + self._first_seconds)
        self._stop_all([name for name in self._processes if name in self._last], start + self._all_seconds)

    def _stop_all(self, names: list[str], deadline: float) -> None:
        for name in names:
            wrapper = self._processes[name]["process"]
            if wrapper.is_alive():
                os.kill(wrapper.pid, STOP)
        for name in names:
            wrapper = self._processes[name]["process"]
            wrapper.join(max(0.0, deadline - time.monotonic()))
            if wrapper.is_alive():
                self._say(f"{name} did not stop in time and is killed")
                self._kill(name)
                wrapper.join(1.0)
                wrapper.kill()
            self._account_for(name)

    def _kill(self, name: str) -> None:
        record = self._processes[name]
        if (pid := record.get("pid")) is not None and "returncode" not in record:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _account_for(self, name: str) -> None:
        """Wait for a wrapper that ended; if it could not tell Honcho's loop so itself, do that for it."""
        record = self._processes[name]
        wrapper = record["process"]
        wrapper.join()
        if wrapper.exitcode == 0:
            return
        if "pid" in record:
            end_group(record["pid"])
        else:
            self._tell("start", name, {"pid": wrapper.pid})
        self._tell("stop", name, {"returncode": wrapper.exitcode})

    def _tell(self, kind: str, name: str, data: dict[str, int]) -> None:
        self.events.put(Message(type=kind, data=data, time=self._clock.now(), name=name, colour=None))
