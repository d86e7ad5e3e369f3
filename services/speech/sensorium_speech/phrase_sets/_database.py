"""Named contents in SQLite. Calls block: they run in threads, one at a time."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from sensorium_core.errors import UnavailableError

R = TypeVar("R")

_log = structlog.get_logger("phrase_sets")

# The layout of the tables, counted in the file; a newer one is left alone.
_LAYOUT = 1
# Seconds that another process may hold the file.
_PATIENCE = 2.0
_RETRY_SECONDS = 5.0
_TABLE = """
CREATE TABLE IF NOT EXISTS phrase_sets (
    id TEXT PRIMARY KEY NOT NULL,
    content BLOB NOT NULL,
    etag TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    updated_ns INTEGER NOT NULL
) WITHOUT ROWID
"""
_COLUMNS = "id, content, etag, created_ns, updated_ns"


class Row(NamedTuple):
    """A content under its id; times in nanoseconds since 1970."""

    id: str
    content: bytes
    etag: str
    created_ns: int
    updated_ns: int


class Database:
    """The file, opened when it is first needed and anew after it has failed.

    Args:
        path: of the file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._close()

    def read(self, work: Callable[["Rows"], R]) -> R:
        """Does something with the rows as they are at one moment.

        Raises:
            UnavailableError: PHRASE_SETS_UNAVAILABLE.
        """
        return self._within("BEGIN", work)

    def write(self, work: Callable[["Rows"], R]) -> R:
        """Changes rows, all or nothing.

        Raises:
            UnavailableError: PHRASE_SETS_UNAVAILABLE.
        """
        return self._within("BEGIN IMMEDIATE", work)

    def _within(self, begin: str, work: Callable[["Rows"], R]) -> R:
        with self._lock:
            try:
                connection = self._connection or self._open()
                self._connection = connection
                with _transaction(connection, begin):
                    return work(Rows(connection))
            except (sqlite3.Error, OSError) as error:
                self._close()
                _log.error("the database does not work", path=str(self._path), error=_name(error))
                text = "The phrase sets cannot be read or written now; the service's log has the cause."
                raise UnavailableError(text, reason="PHRASE_SETS_UNAVAILABLE", retry_delay=_RETRY_SECONDS) from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # what was promised survives a power cut
            with _transaction(connection, "BEGIN IMMEDIATE"):
                _lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Rows:
    """The rows within a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many there are."""
        (count,) = self._connection.execute("SELECT count(*) FROM phrase_sets").fetchone()
        return int(count)

    def get(self, key: str) -> Row | None:
        """The one of an id."""
        found = self._connection.execute(f"SELECT {_COLUMNS} FROM phrase_sets WHERE id = ?", (key,))  # noqa: S608  # constant
        row = found.fetchone()
        return None if row is None else Row(*row)

    def after(self, key: str, count: int) -> list[Row]:
        """Those whose ids follow, in their order."""
        text = f"SELECT {_COLUMNS} FROM phrase_sets WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608  # constant
        return [Row(*row) for row in self._connection.execute(text, (key, count))]

    def put(self, row: Row) -> None:
        """Adds a row or takes the place of the one of its id."""
        text = f"INSERT OR REPLACE INTO phrase_sets ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # constant
        self._connection.execute(text, row)

    def remove(self, key: str) -> None:
        """Removes a row."""
        self._connection.execute("DELETE FROM phrase_sets WHERE id = ?", (key,))


def _lay_out(connection: sqlite3.Connection) -> None:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout > _LAYOUT:
        raise sqlite3.DatabaseError(f"the file has layout {layout}, this release knows {_LAYOUT}")
    if layout < _LAYOUT:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _name(error: Exception) -> str:
    """What failed, without anything that was written: SQLite's name of the error, such as SQLITE_BUSY."""
    return getattr(error, "sqlite_errorname", None) or f"{type(error).__name__}: {error}"
