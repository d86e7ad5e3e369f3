"""Light load on all services, every call of it accounted for.

A call ends in one of four ways: a right answer, a right answer after retries of the SDK, an error of the documentation,
or something that must not be.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos.calls import Kind, WrongAnswerError
from sensorium_client import RetryPolicy, SensoriumError, SpeechClient, TextClient, VisionClient
from sensorium_client._sync import SyncClient

DEADLINE = 20.0
"""Seconds that a caller allows; the SDK's retries are within."""
_LATE = 5.0
_AFTER_FAILURE = 0.25
_TRIAL = 8.0
_BETWEEN_TRIALS = 0.1
_CLIENTS: Mapping[str, type[SyncClient]] = {"vision": VisionClient, "speech": SpeechClient, "text": TextClient}
_ERRORS = Path(__file__).parents[2] / "docs" / "errors.md"


def documented() -> set[tuple[str, str]]:
    """The pairs of status and reason in the table of docs/errors.md; the reason is empty where a failure has none."""
    found, status = set(), ""
    for line in _ERRORS.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != 4 or not re.fullmatch(r"[A-Z_]*", cells[0]):
            continue
        status = cells[0] or status
        reasons = re.findall(r"\b[A-Z][A-Z_]+\b", cells[1])
        found |= {(status, reason) for reason in reasons or [""]}
    return found


@dataclass
class Seen:
    """What callers have met since the last `reset`."""

    right: Counter[str] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed_kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, kind: str, took: float, problem: str, error: tuple[str, str] | None, *, retried: bool) -> None:
        """Account for a call."""
        self.slowest = max(self.slowest, took)
        if problem:
            self.wrong.append(problem)
        if error is not None:
            self.failed[error] += 1
            self.failed_kinds[kind] += 1
        elif not problem:
            (self.retried if retried else self.right)[kind] += 1


class Traffic:
    """Callers, one thread each, until `stop`."""

    def __init__(self, addresses: Mapping[str, str], kinds: Sequence[Kind]) -> None:
        self._addresses = addresses
        self.kinds = list(kinds)
        self._seen = Seen()
        self._documented = documented()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to call."""
        for kind in self.kinds:
            self._begin(kind)

    def add(self, kind: Kind) -> None:
        """Begin with another kind of call as well."""
        self.kinds.append(kind)
        self._begin(kind)

    def _begin(self, kind: Kind) -> None:
        thread = threading.Thread(target=self._run, args=(kind,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> list[str]:
        """Call no more; names of the callers whose last call has no end."""
        self._stopped.set()
        end = time.monotonic() + DEADLINE + _LATE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return [kind.name for kind, thread in zip(self.kinds, self._threads, strict=True) if thread.is_alive()]

    def take(self) -> Seen:
        """What was seen since the last time."""
        with self._lock:
            seen, self._seen = self._seen, Seen()
        return seen

    def overdue(self) -> list[str]:
        """Callers whose call under way should have ended long ago."""
        now = time.monotonic()
        return [
            kind.name for kind in self.kinds if (began := kind.began) is not None and now - began > DEADLINE + _LATE
        ]

    def until_right(self, seconds: float) -> dict[str, float | None]:
        """Seconds from now until a new call of each kind is answered rightly; None where that takes too long."""
        start, found = time.monotonic(), dict[str, float | None]()
        threads = [
            threading.Thread(target=self._try_until_right, args=(kind, start, seconds, found)) for kind in self.kinds
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def _try_until_right(self, kind: Kind, start: float, seconds: float, found: dict[str, float | None]) -> None:
        found[kind.name] = None
        with _CLIENTS[kind.service](self._addresses[kind.service], deadline=_TRIAL, retry=RetryPolicy(1)) as client:
            while found[kind.name] is None and time.monotonic() - start < seconds:
                if self._one(kind, client, _TRIAL):
                    found[kind.name] = time.monotonic() - start
                else:
                    time.sleep(_BETWEEN_TRIALS)

    def _run(self, kind: Kind) -> None:
        with _CLIENTS[kind.service](self._addresses[kind.service], deadline=DEADLINE) as client:
            while not self._stopped.is_set():
                kind.began = time.monotonic()
                ended_well = self._one(kind, client, DEADLINE)
                kind.began = None
                self._stopped.wait(kind.pause if ended_well else _AFTER_FAILURE)

    def _one(self, kind: Kind, client: SyncClient, deadline: float) -> bool:
        """Make a call and account for it; whether its answer was right."""
        retries: list[float] = []

        def wait(seconds: float) -> None:
            retries.append(seconds)
            time.sleep(seconds)

        client.sleep = wait
        began = time.monotonic()
        problem, error = "", None
        try:
            kind.call(client, deadline)
        except SensoriumError as caught:
            error = (str(caught.code.name), caught.reason)
        except WrongAnswerError as caught:
            problem = f"{kind.name}: wrong answer: {caught}"
        except Exception as caught:  # a caller meets the errors of the SDK and no others
            problem = f"{kind.name}: {type(caught).__name__}: {caught}"
        took = time.monotonic() - began
        if took > deadline + _LATE:
            problem = problem or f"{kind.name}: a call with a deadline of {deadline:g} s took {took:.1f} s"
        if error is not None and error not in self._documented:
            problem = f"{kind.name}: {' '.join(error)} is not documented"
        with self._lock:
            self._seen.note(kind.name, took, problem, error, retried=bool(retries))
        return not (problem or error)


@contextmanager
def traffic(addresses: Mapping[str, str], kinds: Sequence[Kind]) -> Iterator[Traffic]:
    """Traffic while the block runs."""
    callers = Traffic(addresses, kinds)
    callers.start()
    try:
        yield callers
    finally:
        endless = callers.stop()
        assert not endless, f"calls without an end: {endless}"
