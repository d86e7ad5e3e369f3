"""Phrase sets that are kept: contents under ids, with etags (AIP-154)."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sensorium_core.call import Stage
from sensorium_core.errors import AlreadyExistsError, ConflictError, FullError, NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_speech.phrase_sets._database import Database, Row, Rows


@dataclass(frozen=True)
class Page:
    """Rows in the order of their ids, and whether there are more behind them."""

    rows: tuple[Row, ...]
    more: bool


class PhraseSetStore:
    """Keeps contents. An async context manager.

    Args:
        path: of the database.
        most: contents that are kept.
        work: where the database is read and written.
    """

    def __init__(self, path: Path, most: int, work: BoundedExecutor) -> None:
        self._database = Database(path)
        self._most = most
        self._work = work

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    async def get(self, key: str) -> Row:
        """The content of an id.

        Raises:
            NotFoundError: PHRASE_SET_NOT_FOUND.
            UnavailableError: the database does not work.
        """
        return await self._work.run(Stage.PREPROCESS, self._database.read, lambda rows: _existing(rows, key))

    async def page(self, after: str, count: int) -> Page:
        """Up to `count` contents whose ids come after one.

        Raises:
            UnavailableError: the database does not work.
        """
        found = await self._work.run(Stage.PREPROCESS, self._database.read, lambda rows: rows.after(after, count + 1))
        return Page(tuple(found[:count]), len(found) > count)

    async def create(self, key: str, content: bytes) -> Row:
        """Keeps a content under a new id.

        Raises:
            AlreadyExistsError: PHRASE_SET_EXISTS.
            FullError: PHRASE_SETS_FULL.
            UnavailableError: the database does not work.
        """

        def work(rows: Rows) -> Row:
            if rows.get(key) is not None:
                text = f"there is a phrase set {key!r} already; choose another id or update that set"
                raise AlreadyExistsError(text, reason="PHRASE_SET_EXISTS")
            if rows.count() >= self._most:
                text = f"the service keeps {self._most} phrase sets, which is as many as it may; delete one first"
                raise FullError(text, reason="PHRASE_SETS_FULL", metadata={"limit_phrase_sets": str(self._most)})
            row = _row(key, content)
            rows.put(row)
            return row

        return await self._work.run(Stage.PREPROCESS, self._database.write, work)

    async def replace(self, key: str, content: bytes, etag: str) -> Row:
        """Puts a content in the place of the one that has the etag.

        Raises:
            NotFoundError: PHRASE_SET_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            UnavailableError: the database does not work.
        """

        def work(rows: Rows) -> Row:
            before = _existing(rows, key, etag)
            row = _row(key, content, before)
            rows.put(row)
            return row

        return await self._work.run(Stage.PREPROCESS, self._database.write, work)

    async def delete(self, key: str, etag: str = "") -> None:
        """Removes a content, with whatever etag where none is given.

        Raises:
            NotFoundError: PHRASE_SET_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            UnavailableError: the database does not work.
        """

        def work(rows: Rows) -> None:
            _existing(rows, key, etag)
            rows.remove(key)

        await self._work.run(Stage.PREPROCESS, self._database.write, work)


def _existing(rows: Rows, key: str, etag: str = "") -> Row:
    row = rows.get(key)
    if row is None:
        raise NotFoundError(f"there is no phrase set {key!r}", reason="PHRASE_SET_NOT_FOUND")
    if etag and etag != row.etag:
        text = "the phrase set was changed meanwhile; read it again and change that"
        raise ConflictError(text, reason="ETAG_MISMATCH")
    return row


def _row(key: str, content: bytes, before: Row | None = None) -> Row:
    now = time.time_ns()
    created = now if before is None else before.created_ns
    return Row(key, content, secrets.token_hex(8), created, max(now, created))
