"""What the processes write: all of it into files, and onto the console what a person needs."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from honcho.printer import Message, Printer

from sensorium_client.stack.log_file import LogFile

__all__ = ["Line", "LogPrinter", "parse"]

_TAIL = 12
_IMPORTANT = frozenset({"warning", "error", "critical"})
_NOT_FIELDS = frozenset({"event", "message", "level", "timestamp", "logger", "exception", "severity", "time"})
_GLOG = re.compile(r"^(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ +(?P<where>\S+?)\] ?(?P<text>.*)$")
_GLOG_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "critical"}
_EXCEPTION = re.compile(r"^[\w.]*(Error|Exception|Exit|Interrupt)\b(: |$)")


@dataclass(frozen=True)
class Line:
    """A line of output, made readable."""

    level: str | None
    """debug, info, warning, error or critical; None where the line does not say."""
    text: str

    @property
    def is_error(self) -> bool:
        """Whether it tells of a failure."""
        return self.level in {"error", "critical"} or (self.level is None and bool(_EXCEPTION.match(self.text)))


def parse(raw: str) -> Line:
    """Read a line of output: JSON as the services log, Triton's own format, or plain text."""
    if raw.startswith("{"):
        try:
            return _from_json(json.loads(raw))
        except ValueError:
            return Line(None, raw)
    if (match := _GLOG.match(raw)) is not None:
        return Line(_GLOG_LEVELS[match["level"]], match["text"].strip('"'))
    return Line(None, raw)


def _from_json(record: dict[str, Any]) -> Line:
    level = str(record.get("level", record.get("severity", "info"))).lower()
    event = str(record.get("event", record.get("message", "")))
    fields = "  ".join(f"{key}={value}" for key, value in record.items() if key not in _NOT_FIELDS)
    exception = str(record.get("exception") or "").strip().splitlines()[-1:]
    return Line(level, ": ".join((event, *exception)) + (f"  {fields}" if fields else ""))


class LogPrinter(Printer):  # type: ignore[misc]  # honcho ships no types
    """Honcho's printer: what a process writes goes to `<directory>/<name>.log`, what matters also to the console.

    Warnings, errors and plain text matter. The file of the run before is kept as `<name>.log.1`.
    """

    def __init__(
        self, directory: Path, names: Iterable[str], say: Callable[[str], None], *, verbose: bool = False
    ) -> None:
        """Open the files of the processes `names`; print through `say`, which may be called from any thread.

        Raises:
            OSError: A file cannot be written.
        """
        super().__init__()
        self._say = say
        self._verbose = verbose
        self._tails: dict[str, deque[Line]] = {name: deque(maxlen=_TAIL) for name in names}
        directory.mkdir(parents=True, exist_ok=True)
        self._files = {name: LogFile(directory / f"{name}.log", say) for name in self._tails}

    def write(self, message: Message) -> None:
        """Take one line of a process's output."""
        raw = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        raw = raw.rstrip()
        self._files[message.name].write(raw)
        line = parse(raw)
        if not line.text.strip():
            return
        self._tails[message.name].append(line)
        # Services log JSON: what one writes as plain text is a traceback, and the launcher of Triton speaks to people.
        if self._verbose or line.level is None or line.level in _IMPORTANT:
            mark = f"{line.level}: " if line.level in _IMPORTANT else ""
            self._say(f"{message.name.ljust(self.width)} | {mark}{line.text}")

    def last_words(self, name: str) -> str | None:
        """Why a process ended, in its own words: of its last lines the newest error, else the newest plain text."""
        newest_first = [*reversed(self._tails[name])]
        candidates = [line for line in newest_first if line.is_error] or [
            line for line in newest_first if line.level is None
        ]
        return candidates[0].text.strip() if candidates else None

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
