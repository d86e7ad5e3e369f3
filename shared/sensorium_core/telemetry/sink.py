"""Where log lines go. Lines of calls are rendered and written by a thread, many at a time.

To render a line in the midst of a call, with everything that it needs to be fetched into the processor's caches first,
takes as long as several of the interceptors; a hundred lines one after the other take a fraction of that each.
"""

import atexit
import queue
import threading
from collections.abc import MutableMapping
from typing import Any, TextIO

from pydantic_core import to_json

Event = MutableMapping[str, Any]

# How long a line may wait for others. A process that is killed loses what waited.
_GATHERING = 0.05
# Lines beyond this many wait for nobody: whoever writes one writes them all.
_MOST_WAITING = 10_000


class LogSink:
    """A structlog logger that takes events; debug and info wait for a moment, what is worse is written at once.

    Lines stay in their order. What waits is written when the process ends. A stream that cannot be written, such as a
    file on a full disk, fails nobody's call: its lines are lost, and the first one afterwards says how many.

    Args:
        stream: where lines go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._writing = threading.Lock()
        self.lost = 0
        """Lines that could not be written since the last that could."""
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self.flush)

    def info(self, event: Event) -> None:
        """Takes an event that may wait."""
        self._waiting.put(event)
        if not self._wake.is_set():
            self._wake.set()
        if self._waiting.qsize() > _MOST_WAITING:
            self.flush()

    debug = info

    def error(self, event: Event) -> None:
        """Writes an event at once, and before it those that wait."""
        self._waiting.put(event)
        self.flush()

    warning = critical = error

    def flush(self) -> None:
        """Writes what waits."""
        with self._writing:
            lines = []
            while not self._waiting.empty():
                lines.append(render(self._waiting.get_nowait()))
            if lines:
                self._write(lines)

    def _write(self, lines: list[str]) -> None:
        lost = [render({"event": "log lines lost", "level": "warning", "lines": self.lost})] if self.lost else []
        try:
            self._stream.write("".join([*lost, *lines]))
            self._stream.flush()
        except (OSError, ValueError):  # no room, nobody reads, or closed
            self.lost += len(lines)
        else:
            self.lost = 0

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wake.wait()
            pause.wait(_GATHERING)
            self._wake.clear()
            self.flush()


def render(event: Event) -> str:
    """The line of an event, with its end."""
    return to_json(event, fallback=repr).decode() + "\n"
