"""The files of one service's audit log: found again after a restart, continued, rotated; nothing is overwritten."""

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path

from sensorium_core.audit.chain import Head, open_seal
from sensorium_core.reload import ConfigurationError

LONGEST_LINE = 1 << 20
"""Bytes; more than any record can have."""


class AuditFiles:
    """The newest file, open for appending, and the head beside it.

    Files are named after their first record: `vision-000000000001.jsonl`. `vision.head` holds the number and hash of
    the newest record that is surely on the disk.

    Args:
        folder: made where it is missing.
        service: begins the names of the files.
        max_bytes: size at which a file is followed by the next.

    Raises:
        ConfigurationError: the folder cannot be used, or another process writes there.

    Attributes:
        head: the newest record.
        torn: bytes of a record that was not written to its end before, and is taken off.
        lost: first and last of the records that the head knew and that are gone; None when all are there.
    """

    def __init__(self, folder: Path, service: str, max_bytes: int) -> None:
        self._folder = folder
        self._service = service
        self._max_bytes = max_bytes
        self._file = -1
        self._size = 0
        self._synced = True
        self.torn = 0
        self.lost: tuple[int, int] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(folder / f"{service}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.head = self._continue()
        except BlockingIOError as error:
            os.close(self._lock)
            raise ConfigurationError(f"{folder}: another process writes the audit log of {service} there") from error
        except OSError as error:
            raise ConfigurationError(f"{folder}: {error.strerror}") from error

    def append(self, lines: bytes, head: Head) -> None:
        """Writes whole lines, of which `head` is the last; a file that is full is followed by another first.

        Raises:
            OSError: nothing was written, or all that was is taken back.
        """
        if self._file < 0 or self._size >= self._max_bytes:
            self._next()
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._file, lines[written:])
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(lines)
        self._synced = False
        self.head = head

    def sync(self) -> None:
        """Returns when all that was appended is on the disk.

        Raises:
            OSError: it may not be.
        """
        if not self._synced:
            os.fdatasync(self._file)
            fresh = self._head_file.with_suffix(".head.new")
            fresh.write_text(json.dumps({"seq": self.head.sequence, "hash": self.head.hash}))
            fresh.replace(self._head_file)
            self._synced = True

    def close(self) -> None:
        """Closes the files and lets others write there."""
        if self._file >= 0:
            os.close(self._file)
        os.close(self._lock)

    @property
    def _head_file(self) -> Path:
        return self._folder / f"{self._service}.head"

    def _continue(self) -> Head:
        """Opens the newest file, and takes off it a line that was not written to its end."""
        existing = sorted(self._folder.glob(f"{self._service}-*.jsonl"))
        if existing:
            self._file = os.open(existing[-1], os.O_RDWR | os.O_APPEND)
            tail = _tail(existing[-1])
            self.torn = len(tail) - tail.rfind(b"\n") - 1
            self._size = os.fstat(self._file).st_size - self.torn
            os.ftruncate(self._file, self._size)
        # The newest file is empty when the disk was full in the moment in which it was made.
        heads = (_last(_tail(path)) for path in reversed(existing))
        head = next((each for each in heads if each.sequence), Head())
        known = read_head(self._head_file)
        if known.sequence > head.sequence:  # records are gone: the gap stays visible, because the numbers go on
            self.lost = (head.sequence + 1, known.sequence)
            return known
        return head

    def _next(self) -> None:
        path = self._folder / f"{self._service}-{self.head.sequence + 1:012d}.jsonl"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        if self._file >= 0:
            self.sync()
            os.close(self._file)
        self._file, self._size = file, 0
        folder = os.open(self._folder, os.O_RDONLY)
        with suppress(OSError):  # not every file system can
            os.fsync(folder)
        os.close(folder)


def read_head(path: Path) -> Head:
    """The head in a file; that of an empty log where there is none."""
    try:
        stated = json.loads(path.read_text())
        return Head(int(stated["seq"]), str(stated["hash"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Head()


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_LINE))
        return file.read()


def _last(lines: bytes) -> Head:
    for line in reversed(lines.splitlines()):
        opened = open_seal(line, None)  # whether it fits is for the verification to say, which has the key
        if opened is not None:
            record, _ = opened
            return Head(record["seq"], str(record["hash"]))
    return Head()
