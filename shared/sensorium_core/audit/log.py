"""Takes records from the event loop and writes them in a thread.

Records wait in a queue for a moment and are written together; `sync` bounds how long what was written may stay in the
memory of the system. When the disk is full, or away, what waits is kept and tried again, and what has no more room in
the queue is counted; the first record afterwards says how many there were.
"""

import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from sensorium_core.audit.chain import AuditKey, Head, seal
from sensorium_core.audit.files import AuditFiles
from sensorium_core.telemetry import Metrics, utc

_MOST_WAITING = 20_000
_MOST_TOGETHER = 1_000
_PAUSE = 0.05
_PAUSE_AFTER_FAILURE = 0.5
_HEAD_TOLD_EVERY = 300.0
_LONGEST_END = 5.0
_log = structlog.get_logger("audit")

Record = dict[str, Any]


@dataclass(frozen=True)
class AuditSettings:
    """Where and how to write.

    Attributes:
        folder: for the files.
        service: begins their names, such as `vision`.
        max_bytes: size at which a file is followed by the next.
        key: makes the hashes ones that nobody without it can make; None for plain hashes.
        sync: seconds that what was written may stay in the memory of the system; 0 syncs every time.
    """

    folder: Path
    service: str
    max_bytes: int = 64 * 1024 * 1024
    key: AuditKey | None = None
    sync: float = 1.0


class AuditLog:
    """The audit log of one service; a context manager.

    Making one opens the files.

    Raises:
        ConfigurationError: the files cannot be used.
    """

    def __init__(self, settings: AuditSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._files = AuditFiles(settings.folder, settings.service, settings.max_bytes)
        self._waiting: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._dropped = 0
        self._pending: list[Record] = []
        self._failing = False
        self._ending = threading.Event()
        self._synced = time.monotonic()
        self._told = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    @property
    def working(self) -> bool:
        """Whether what is recorded now will be written: the disk takes it, and the queue has room."""
        return not self._failing and self._waiting.qsize() < _MOST_WAITING

    def record(self, **fields: Any) -> None:
        """Notes a record; returns at once."""
        if self._waiting.qsize() >= _MOST_WAITING:
            self._dropped += 1
            self._metrics.audit_dropped.inc()
            return
        self._put(fields)

    def _put(self, record: Record) -> None:
        record["time"] = time.time()
        self._waiting.put(record)

    def __enter__(self) -> Self:
        self._put({"event": "opened", **self._recovered()})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put({"event": "closed"})
        self._ending.set()
        self._thread.join(_LONGEST_END)
        if self._thread.is_alive() or self._failing:
            _log.error("the audit log could not be closed", records_not_written=self._waiting.qsize())
        if not self._thread.is_alive():
            self._files.close()

    def _recovered(self) -> Record:
        """What the restart has found, for the first record."""
        found: Record = {}
        if self._files.torn:
            found["torn_bytes"] = self._files.torn
            _log.warning("a record was not written to its end and is taken off", bytes=self._files.torn)
        if self._files.lost is not None:
            found["missing"] = list(self._files.lost)
            _log.error("records are gone from the audit log", first=self._files.lost[0], last=self._files.lost[1])
        return found

    def _run(self) -> None:
        while True:
            ending = self._ending.wait(_PAUSE_AFTER_FAILURE if self._failing else _PAUSE)
            done = self._write_waiting()
            if ending and (done or self._failing):
                return

    def _write_waiting(self) -> bool:
        """Writes some of what waits; whether nothing is left."""
        try:
            self._write(self._collect())
            self._sync()
        except OSError as error:
            self._fail(error)
            return False
        self._recover()
        return not self._pending and self._waiting.empty()

    def _collect(self) -> list[Record]:
        """What to write now; it stays pending until it is written."""
        if self._dropped and not self._pending:
            count, self._dropped = self._dropped, 0
            self._pending.append({"event": "lost", "time": time.time(), "records": count})
        while len(self._pending) < _MOST_TOGETHER and not self._waiting.empty():
            self._pending.append(self._waiting.get_nowait())
        return self._pending

    def _write(self, records: list[Record]) -> None:
        if not records:
            return
        head, lines = self._files.head, []
        for record in records:
            line, head = seal(self._dressed(record), head, self._settings.key)
            lines.append(line + b"\n")
        self._files.append(b"".join(lines), head)
        self._metrics.audit_records.inc(len(records))
        self._pending = []

    def _dressed(self, record: Record) -> Record:
        return {**record, "time": utc(record["time"]), "service": self._settings.service}

    def _sync(self) -> None:
        now = time.monotonic()
        if now - self._synced >= self._settings.sync or self._ending.is_set():
            self._files.sync()
            self._synced = now
        if now - self._told >= _HEAD_TOLD_EVERY or self._ending.is_set():
            self._told = now
            tell_head(self._files.head)

    def _fail(self, error: OSError) -> None:
        if not self._failing:
            _log.error("the audit log cannot be written", problem=error.strerror)
        self._failing = True
        self._metrics.audit_failing.set(1)

    def _recover(self) -> None:
        if self._failing:
            _log.info("the audit log is written again")
        self._failing = False
        self._metrics.audit_failing.set(0)


def tell_head(head: Head) -> None:
    """Puts the newest hash into the service's own log: who has that, can tell an audit log that was made anew."""
    _log.info("audit head", sequence=head.sequence, hash=head.hash)
