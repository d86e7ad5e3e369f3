"""API keys: made, shown once, checked, expired, revoked."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.reload import ConfigurationError
from sensorium_core.security import keys
from sensorium_core.security.identity import Identity, IdentityKind
from sensorium_core.security.keys import KeyFile, KeyVerifier
from sensorium_core.telemetry import Metrics
from unit.core.support import until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.sqlite"


@pytest.fixture
def file(path: Path) -> KeyFile:
    return KeyFile(path)


def reason_of(verifier: KeyVerifier, key: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        verifier.verify(key)
    return caught.value.reason


def test_a_key_proves_its_name(file: KeyFile, path: Path, metrics: Metrics) -> None:
    made = [file.create("packing"), file.create("packing"), file.create("press 7")]
    assert len(set(made)) == 3
    verifier = KeyVerifier(path, metrics)
    assert [verifier.verify(key).identity.name for key in made] == ["packing", "packing", "press 7"]
    assert verifier.verify(made[0]).identity == Identity("packing", IdentityKind.API_KEY)


def test_the_file_holds_no_key_and_is_for_its_owner_alone(file: KeyFile, path: Path) -> None:
    _, key_id, secret = file.create("packing").split("_", 2)
    content = path.read_bytes()
    assert key_id.encode() in content
    assert secret.encode() not in content
    assert len(secret) == 43  # 256 bits
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = (record.hash for record in (*file.list(), *KeyFile(path).list()))
    assert first == second


def test_equal_secrets_have_other_hashes(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: "the same")
    file.create("a")
    file.create("b")
    one, other = file.list()
    assert one.hash != other.hash
    assert one.matches("the same")
    assert not one.matches("another")


@pytest.mark.parametrize(
    "wrong", ["", "sns_", "sns__", "sns_0123456789ab_x", "{id}", "sns_{id}", "sns_{id}_", "\ud800"]
)
def test_what_is_no_key_is_unknown(file: KeyFile, path: Path, metrics: Metrics, wrong: str) -> None:
    key = file.create("packing")
    key_id = key.split("_")[1]
    assert reason_of(KeyVerifier(path, metrics), wrong.format(id=key_id)) == "API_KEY_UNKNOWN"
    assert reason_of(KeyVerifier(path, metrics), key + "x") == "API_KEY_UNKNOWN"
    assert reason_of(KeyVerifier(path, metrics), key[:-1]) == "API_KEY_UNKNOWN"


def test_an_expired_key_proves_nothing(file: KeyFile, path: Path, metrics: Metrics) -> None:
    key = file.create("packing", lifetime=60)
    now = [time.time()]
    verifier = KeyVerifier(path, metrics, lambda: now[0])
    credential = verifier.verify(key)
    now[0] += 60
    assert reason_of(verifier, key) == "API_KEY_EXPIRED"
    with pytest.raises(UnauthenticatedError):
        credential.check()


async def test_a_service_learns_of_new_and_revoked_keys(file: KeyFile, path: Path, metrics: Metrics) -> None:
    first = file.create("packing")
    verifier = KeyVerifier(path, metrics)
    credential = verifier.verify(first)
    watching = asyncio.create_task(verifier.records.watch(0.005))
    second = file.create("press")
    await until(lambda: len(verifier.records.value) == 2)
    assert verifier.verify(second).identity.name == "press"
    assert file.revoke(first.split("_")[1])
    await until(lambda: verifier.records.generation >= 3)
    assert reason_of(verifier, first) == "API_KEY_REVOKED"
    assert reason_of(verifier, first + "x") == "API_KEY_UNKNOWN"  # what became of a key is told to its owner only
    with pytest.raises(UnauthenticatedError) as caught:
        credential.check()
    assert caught.value.reason == "API_KEY_REVOKED"
    watching.cancel()


def test_a_key_is_revoked_once(file: KeyFile) -> None:
    key_id = file.create("packing").split("_")[1]
    assert [file.revoke(key_id), file.revoke(key_id), file.revoke("nothing")] == [True, False, False]
    assert file.list()[0].revoked is not None


@pytest.mark.parametrize("name", ["", "x" * 257, "line\nbreak", "\x1b[31m"])
def test_a_name_must_be_one(file: KeyFile, name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        file.create(name)


def test_keys_are_bounded(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_MOST_KEYS", 2)
    file.create("a")
    file.create("b")
    with pytest.raises(ValueError, match="there are 2 keys already"):
        file.create("c")


def test_a_file_that_is_none_is_refused_with_what_makes_one(tmp_path: Path, metrics: Metrics) -> None:
    with pytest.raises(ConfigurationError, match=r"missing: unable to open database file; `sensorium keys create`"):
        KeyVerifier(tmp_path / "missing", metrics)
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(ConfigurationError, match=r"text: file is not a database"):
        KeyVerifier(tmp_path / "text", metrics)
    with pytest.raises(ConfigurationError, match="file is not a database"):
        KeyFile(tmp_path / "text").create("a")


def test_a_table_that_holds_what_is_no_key_is_refused(path: Path, metrics: Metrics) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE api_keys (id, name, salt, hash, created, expires, revoked)")
        database.execute("INSERT INTO api_keys VALUES ('a', 'b', zeroblob(40), x'', 1.0, NULL, NULL)")
    with pytest.raises(ConfigurationError, match="it holds what is no key"):
        KeyVerifier(path, metrics)


def test_a_writer_that_holds_the_file_does_not_end_a_service(file: KeyFile, path: Path, metrics: Metrics) -> None:
    key = file.create("packing")
    verifier = KeyVerifier(path, metrics)
    with sqlite3.connect(path) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        path.touch()
        assert verifier.records.look() is False
        verifier.verify(key)
        writer.rollback()
    assert verifier.records.look() is True
