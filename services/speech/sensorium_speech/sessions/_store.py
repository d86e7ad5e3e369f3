"""The sessions of this process, each until it is discarded or nobody has named it for a while."""

import asyncio
import secrets
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import structlog

from sensorium_core.call import current_call
from sensorium_core.errors import FieldViolation, NotFoundError
from sensorium_core.security.identity import Identity
from sensorium_speech.domain import AudioFormat
from sensorium_speech.listening import Places
from sensorium_speech.sessions._session import Answer, Session

_log = structlog.get_logger("sessions")


@dataclass(eq=False)
class _Entry:
    session: Session[Any]
    owner: Identity | None
    idle_timeout: float
    release: Callable[[], None]
    users: int = 0
    timer: asyncio.TimerHandle | None = None


class SessionStore:
    """An async context manager; its sessions end with it.

    Args:
        places: that sessions and streams share.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._entries: dict[str, _Entry] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._entries):
            self._remove(name)
        await asyncio.gather(*self._ending)

    def __len__(self) -> int:
        return len(self._entries)

    def open(
        self,
        audio_format: AudioFormat,
        answer: Answer[Any],
        key: Callable[[Any], tuple[Hashable, bool]],
        idle_timeout: float,
    ) -> str:
        """Opens a session and gives its name.

        Args:
            audio_format, answer, key: as for Session.
            idle_timeout: seconds without use after which the session expires.

        Raises:
            OverloadedError: all places are taken.
        """
        release = self._places.take()
        name = f"sessions/{secrets.token_hex(16)}"
        entry = _Entry(Session(name, audio_format, answer, key), _caller(), idle_timeout, release)
        self._entries[name] = entry
        self._wait(entry)
        return name

    @contextmanager
    def using(self, name: str) -> Iterator[Session[Any]]:
        """A session of the caller's own; it does not expire in the block.

        Raises:
            NotFoundError: SESSION_NOT_FOUND, also when it is another's.
        """
        entry = self._own(name)
        if entry is None:
            text = "there is no such session; it may have expired, or live in another process"
            violations = [FieldViolation("session", text)]
            raise NotFoundError(f"session: {text}", reason="SESSION_NOT_FOUND", violations=violations)
        entry.users += 1
        if entry.timer is not None:
            entry.timer.cancel()
        try:
            yield entry.session
        finally:
            entry.users -= 1
            if name in self._entries and not entry.users:
                self._wait(entry)

    def discard(self, name: str) -> None:
        """Forgets a session of the caller's own and its results; one that does not exist is no error."""
        if self._own(name) is not None:
            self._remove(name)

    def _own(self, name: str) -> _Entry | None:
        entry = self._entries.get(name)
        return entry if entry is not None and entry.owner == _caller() else None

    def _wait(self, entry: _Entry) -> None:
        entry.timer = asyncio.get_running_loop().call_later(entry.idle_timeout, self._expire, entry)

    def _expire(self, entry: _Entry) -> None:
        _log.info("session expired", idle_seconds=entry.idle_timeout)
        self._remove(entry.session.name)

    def _remove(self, name: str) -> None:
        entry = self._entries.pop(name)
        if entry.timer is not None:
            entry.timer.cancel()
        entry.release()
        ending = asyncio.create_task(entry.session.discard())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _caller() -> Identity | None:
    """Who calls; None where nobody has to say so."""
    access = current_call().access
    return access.identity if access else None
