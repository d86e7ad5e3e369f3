"""A log file that a full disk does not end: what has no room is counted, and the file says how much that was."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["LogFile"]

_MAX_BYTES = 50_000_000


class LogFile:
    """Lines of one process. The file of the run before, or the one that was full, is kept as `<name>.1`.

    Args:
        path: of the file; its folder is there.
        say: tells a person that lines are being lost, and that they no longer are.
        max_bytes: size at which a new file is begun.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: Path, say: Callable[[str], None], *, max_bytes: int = _MAX_BYTES) -> None:
        self._path = path
        self._say = say
        self._max_bytes = max_bytes
        self._lost = 0
        self._file: int | None = None
        self._size = 0
        if path.exists() and path.stat().st_size:
            self._put_aside()
        self._open()

    def write(self, line: str) -> None:
        """Add a line, or count it as lost."""
        try:
            if self._size >= self._max_bytes:
                self.close()
                self._put_aside()
            if self._file is None:
                self._open()
            self._append((*self._note(), line))
        except OSError as error:
            if not self._lost:
                self._say(f"{self._path} cannot be written ({error.strerror}); what is logged meanwhile is lost")
            self._lost += 1
            return
        if self._lost:
            self._say(f"{self._path} is written again; {self._lost} lines are lost")
            self._lost = 0

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _note(self) -> tuple[str, ...]:
        return (f"{self._lost} lines had no room on the disk",) if self._lost else ()

    def _append(self, lines: tuple[str, ...]) -> None:
        assert self._file is not None
        data = b"".join(f"{line}\n".encode("utf-8", "replace") for line in lines)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            with suppress(OSError):  # no half of a line
                os.ftruncate(self._file, self._size)
            raise
        self._size += written

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = os.fstat(self._file).st_size

    def _put_aside(self) -> None:
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._size = 0
