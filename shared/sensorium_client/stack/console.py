"""The console of `sensorium up`: lines from several threads, and one line that says what is being waited for."""

from __future__ import annotations

import contextlib
import threading
import time

from rich.console import Console, RenderableType
from rich.status import Status

__all__ = ["StackConsole"]

_REPEAT_SECONDS = 5.0
_WIDTH_IN_FILES = 120


class StackConsole:
    """Prints from any thread. On a terminal progress is a line that changes; elsewhere it is a line now and then."""

    def __init__(self, console: Console | None = None) -> None:
        """Print to `console`, or to standard output."""
        self._console = console or Console(highlight=False, soft_wrap=True)
        if not self._console.is_terminal:
            self._console.width = _WIDTH_IN_FILES
        self._lock = threading.RLock()
        self._status: Status | None = None
        self._last_progress = ("", float("-inf"))
        self._ended = False

    def say(self, line: str, style: str | None = None) -> None:
        """Print a line as it is."""
        with self._lock:
            if not self._ended:
                self._print(line, style)

    def show(self, renderable: RenderableType) -> None:
        """Print a table or the like."""
        with self._lock:
            if not self._ended:
                self._print(renderable, None)

    def progress(self, doing: str, seconds: float | None = None) -> None:
        """Say what is being done, and for how long."""
        with self._lock:
            if self._ended:
                return
            line = doing if seconds is None else f"{doing} {seconds:.0f} s"
            if self._console.is_terminal:
                self._spin(line)
                return
            before, when = self._last_progress
            now = time.monotonic()
            if doing != before or now - when > _REPEAT_SECONDS:
                self._last_progress = (doing, now)
                self._print(line, None)

    def progress_done(self) -> None:
        """Take the changing line away."""
        with self._lock:
            if self._status is not None:
                self._status.stop()
                self._status = None

    def end(self, last_line: str, style: str | None = None) -> None:
        """Print the last line; whatever another thread still has to say is dropped."""
        with self._lock:
            self.progress_done()
            self._print(last_line, style)
            self._ended = True

    def _spin(self, text: str) -> None:
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def _print(self, what: RenderableType, style: str | None) -> None:
        # The terminal may be gone, or the reader of a pipe; the stack still has to be stopped in good order.
        with contextlib.suppress(OSError):
            self._console.print(what, style=style, markup=False)
