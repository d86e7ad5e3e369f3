"""Finds what was done to an audit log: records removed, changed, added, moved, or cut off at its end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sensorium_core.audit.chain import GENESIS, AuditKey, Head, open_seal
from sensorium_core.audit.files import LONGEST_LINE, read_head
from sensorium_core.reload import ConfigurationError


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes:
        place: file and line, such as `vision-000000000001.jsonl:17`.
        problem: what is wrong there, with the number of the record.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.place}: {self.problem}"


@dataclass
class Report:
    """What a verification has found.

    Attributes:
        records: how many lines were records.
        head: the newest record.
        findings: what is wrong; empty for a log that is whole.
        remarks: what is right and worth knowing, such as a process that was killed.
    """

    records: int = 0
    head: Head = field(default_factory=Head)
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)


def verify(
    files: Iterable[Path],
    key: AuditKey | None = None,
    *,
    partial: bool = False,
    expected: Head | None = None,
    heads: Iterable[Path] = (),
) -> Report:
    """Verifies the files of one service's log, in the order of their names.

    Args:
        files: all of them; the head beside them is looked at too.
        key: what the log was made with.
        partial: the oldest files are elsewhere.
        expected: a head that was noted elsewhere: it must be among the records.
        heads: further heads to look at, where the files they lie beside may all be gone.

    Raises:
        ConfigurationError: a file cannot be read.
    """
    ordered = sorted(files, key=lambda path: path.name)
    known = {path.name: head for path in {*_head_files(ordered), *heads} if (head := read_head(path)).sequence}
    if expected is not None:
        known["the head that was expected"] = expected
    check = _Check(key, known, partial=partial)
    for path in ordered:
        for number, line in enumerate(_lines(path), 1):
            check.take(f"{path.name}:{number}", line)
    check.end(ordered[-1].name if ordered else "no files")
    return check.report


class _Check:
    def __init__(self, key: AuditKey | None, known: dict[str, Head], *, partial: bool) -> None:
        self.report = Report()
        self._key = key
        self._known = known
        self._partial = partial
        self._hashes = dict.fromkeys((head.sequence for head in known.values()), "")
        self._open = False

    def take(self, place: str, line: bytes) -> None:
        before = self.report.head
        opened = open_seal(line.removesuffix(b"\n"), self._key)
        if opened is None or not line.endswith(b"\n"):
            self._found(place, f"is no record, or one that was cut, after record {before.sequence}")
            return
        record, fits = opened
        sequence, stated = record["seq"], str(record["hash"])
        self.report.records += 1
        if not fits:
            self._found(place, f"record {sequence} was changed, or made with another key")
        self._check_order(place, before, sequence, str(record.get("prev")))
        self._remark(place, record.get("event"), record)
        if sequence > before.sequence:
            self.report.head = Head(sequence, stated)
            if sequence in self._hashes:
                self._hashes[sequence] = stated

    def _check_order(self, place: str, before: Head, sequence: int, previous: str) -> None:
        first = self.report.records == 1
        if first and self._partial and sequence > 1:
            return
        if sequence > before.sequence + 1:
            missing = f"records {before.sequence + 1} to {sequence - 1} are missing"
            self._found(place, f"{missing} before record {sequence}")
        elif sequence <= before.sequence:
            self._found(place, f"record {sequence} is out of order: it stands behind record {before.sequence}")
        elif previous != (GENESIS if first else before.hash):
            self._found(place, f"record {sequence} does not follow the record before it, which was replaced")

    def _remark(self, place: str, event: object, record: dict[str, object]) -> None:
        if event == "opened":
            if self._open:
                self._note(place, "the service was killed before; its last records may never have been written")
            if isinstance(record.get("torn_bytes"), int):
                self._note(place, f"a record of {record['torn_bytes']} bytes was not written to its end")
        if event == "lost" and isinstance(record.get("records"), int):
            self._note(place, f"{record['records']} records had no room while the log could not be written")
        self._open = event != "closed"

    def end(self, last: str) -> None:
        for name, head in self._known.items():
            if head.sequence > self.report.head.sequence:
                missing = f"records {self.report.head.sequence + 1} to {head.sequence}"
                self._found(last, f"{missing}, which {name} knows of, are missing at the end")
            elif self._hashes[head.sequence] not in ("", head.hash):
                self._found(name, f"record {head.sequence} is not the one in the log")

    def _found(self, place: str, problem: str) -> None:
        self.report.findings.append(Finding(place, problem))

    def _note(self, place: str, text: str) -> None:
        self.report.remarks.append(Finding(place, text))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            # A line beyond any record's length comes in parts, which are none.
            while line := file.readline(LONGEST_LINE):
                yield line
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error


def _head_files(files: list[Path]) -> set[Path]:
    return {path.with_name(f"{path.name.rpartition('-')[0]}.head") for path in files}
