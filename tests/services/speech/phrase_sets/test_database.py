import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sensorium_core.errors import UnavailableError
from sensorium_speech.phrase_sets import _database
from sensorium_speech.phrase_sets._database import Database, Row, Rows

ONE = Row("one", b"zorbex", "etag", 1, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "phrase_sets.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = Database(path)
    yield made
    made.close()


def put(rows: Rows) -> None:
    rows.put(ONE)


def one(rows: Rows) -> Row | None:
    return rows.get("one")


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    first, second = Database(path), Database(path)
    first.write(put)
    first.close()
    assert second.read(one) == ONE
    second.close()


def test_rows_are_in_the_order_of_their_ids(database: Database) -> None:
    def work(rows: Rows) -> list[str]:
        for key in ("b", "a-1", "c", "a"):
            rows.put(ONE._replace(id=key))
        return [row.id for row in rows.after("a", 2)]

    assert database.write(work) == ["a-1", "b"]
    assert database.read(Rows.count) == 4


def test_a_change_that_fails_changes_nothing(database: Database) -> None:
    def work(rows: Rows) -> None:
        rows.put(ONE)
        raise KeyError

    with pytest.raises(KeyError):
        database.write(work)
    assert database.read(one) is None
    database.write(put)
    assert database.read(one) == ONE


def test_threads_take_turns(database: Database) -> None:
    def add(number: int) -> None:
        database.write(lambda rows: rows.put(ONE._replace(id=str(rows.count()))))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    assert database.read(Rows.count) == 40


def test_the_file_is_written_ahead(database: Database, path: Path) -> None:
    database.write(put)
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def unavailable(database: Database, logs: list[Any], error: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        database.write(put)
    assert caught.value.reason == "PHRASE_SETS_UNAVAILABLE"
    assert caught.value.retry_delay == 5.0
    (entry,) = [entry for entry in logs if entry["event"] == "the database does not work"]
    assert error in entry["error"]
    assert entry["log_level"] == "error"


def test_a_file_that_is_no_database(database: Database, path: Path, logs: list[Any]) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database " * 100)
    unavailable(database, logs, "SQLITE_NOTADB")
    path.unlink()
    database.write(put)  # once it is away, all is well again


def test_a_database_that_broke(database: Database, path: Path, logs: list[Any]) -> None:
    database.write(put)
    database.close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    unavailable(database, logs, "SQLITE_CORRUPT")


def test_a_database_that_another_holds(
    database: Database, path: Path, logs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_database, "_PATIENCE", 0.01)
    database.read(one)
    database.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    unavailable(database, logs, "SQLITE_BUSY")
    other.execute("COMMIT")
    other.close()
    database.write(put)
    assert database.read(one) == ONE


def test_a_full_disk(database: Database, path: Path, logs: list[Any]) -> None:
    database.write(put)
    assert database._connection is not None
    (pages,) = database._connection.execute("PRAGMA page_count").fetchone()
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnavailableError):
        database.write(lambda rows: rows.put(ONE._replace(id="large", content=bytes(100_000))))
    assert "SQLITE_FULL" in logs[-1]["error"]
    assert database.read(one) == ONE
    database.write(lambda rows: rows.put(ONE._replace(id="small")))


def test_a_folder_that_cannot_be_made(tmp_path: Path, logs: list[Any]) -> None:
    (tmp_path / "file").write_text("")
    unavailable(Database(tmp_path / "file" / "phrase_sets.sqlite"), logs, "FileExistsError")


def test_a_layout_of_a_later_release_is_left_alone(path: Path, database: Database, logs: list[Any]) -> None:
    database.write(put)
    database.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 2")
    other.close()
    unavailable(database, logs, "layout 2")


def test_no_content_is_logged(database: Database, path: Path, logs: list[Any]) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database " * 100)
    with pytest.raises(UnavailableError) as caught:
        database.write(put)
    assert "zorbex" not in str(logs) + caught.value.message


def test_a_database_may_be_used_from_any_thread(database: Database) -> None:
    database.write(put)
    found: list[Row | None] = []
    thread = threading.Thread(target=lambda: found.append(database.read(one)))
    thread.start()
    thread.join()
    assert found == [ONE]
