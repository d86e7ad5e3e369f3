"""API keys: made once, shown once, kept as salted hashes in a SQLite file, and checked from memory.

A key is `sns_<id>_<secret>`. The secret has 256 random bits, so there is nothing to guess: a slow hash, which protects
the passwords that people choose, would protect nothing here and cost each call milliseconds. The salt keeps equal
secrets apart, and the id tells which hash to compare with.
"""

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.reload import ConfigurationError, Reloaded
from sensorium_core.security.identity import Credential, Identity, IdentityKind, is_name
from sensorium_core.telemetry import Metrics

PREFIX = "sns_"
_PERSON = b"sensorium key"
_MOST_KEYS = 100_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    created REAL NOT NULL, expires REAL, revoked REAL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key.

    Attributes:
        id: the part of the key that is no secret.
        name: of the identity that it proves.
        salt, hash: of its secret.
        created, expires, revoked: seconds since the epoch; None for never.
    """

    id: str
    name: str
    salt: bytes
    hash: bytes
    created: float
    expires: float | None
    revoked: float | None

    def matches(self, secret: str) -> bool:
        """Whether the secret is this key's, in constant time."""
        return hmac.compare_digest(_hash(secret, self.salt), self.hash)


class KeyFile:
    """The file of keys, for those who make and revoke them. It is made where it is missing, for its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self, name: str, lifetime: float | None = None) -> str:
        """Makes a key for an identity, which may have several, and gives it; it can never be shown again.

        Args:
            name: of the identity.
            lifetime: seconds until the key expires; None for no end.

        Raises:
            ValueError: no name for an identity, or there are too many keys.
            ConfigurationError: the file cannot be used.
        """
        if not is_name(name):
            raise ValueError("a name has 1 to 256 printable characters")
        key_id, secret, salt, now = (
            secrets.token_hex(6),
            secrets.token_urlsafe(32),
            secrets.token_bytes(16),
            time.time(),
        )
        row = (key_id, name, salt, _hash(secret, salt), now, None if lifetime is None else now + lifetime, None)
        with self._open() as database:
            if database.execute("SELECT count(*) FROM api_keys").fetchone()[0] >= _MOST_KEYS:
                raise ValueError(f"there are {_MOST_KEYS} keys already")
            database.execute("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return f"{PREFIX}{key_id}_{secret}"

    def list(self) -> list[KeyRecord]:
        """All keys, the oldest first.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        with self._open() as database:
            return sorted(_records(database), key=lambda record: record.created)

    def revoke(self, key_id: str) -> bool:
        """Makes a key worthless from now on; whether there was one of that id that was not.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        with self._open() as database:
            text = "UPDATE api_keys SET revoked = ? WHERE id = ? AND revoked IS NULL"
            return database.execute(text, (time.time(), key_id)).rowcount == 1

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=5.0)) as database, database:
                database.execute(_SCHEMA)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"{self._path}: {error}") from error


class KeyVerifier:
    """Checks keys against a file that is followed: a new key works, and a revoked one stops, within its interval.

    Args:
        path: the file.
        metrics: counts reloads.
        clock: seconds since the epoch.

    Raises:
        ConfigurationError: the file cannot be used.
    """

    def __init__(self, path: Path, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.records: Reloaded[Mapping[str, KeyRecord]] = Reloaded("api_keys", [path], lambda: read(path), metrics)

    def verify(self, key: str) -> Credential:
        """The credential of a key.

        Raises:
            UnauthenticatedError: API_KEY_UNKNOWN, API_KEY_EXPIRED or API_KEY_REVOKED.
        """
        key_id, _, secret = key.removeprefix(PREFIX).partition("_")
        record = self.records.value.get(key_id)
        if record is None or not record.matches(secret):
            raise _unknown()
        credential = Credential(Identity(record.name, IdentityKind.API_KEY), lambda: self._check(record))
        credential.check()
        return credential

    def _check(self, record: KeyRecord) -> None:
        now = self.records.value.get(record.id)
        if now is None or now.hash != record.hash:
            raise _unknown()
        if now.revoked is not None:
            raise UnauthenticatedError("The API key was revoked.", reason="API_KEY_REVOKED")
        if now.expires is not None and self._clock() >= now.expires:
            raise UnauthenticatedError("The API key has expired.", reason="API_KEY_EXPIRED")


def read(path: Path) -> dict[str, KeyRecord]:
    """All keys of a file, by id.

    Raises:
        ConfigurationError: the file cannot be used.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            return {record.id: record for record in _records(database)}
    except sqlite3.Error as error:
        raise ConfigurationError(f"{path}: {error}; `sensorium keys create` makes one") from error


def _records(database: sqlite3.Connection) -> list[KeyRecord]:
    """All keys.

    Raises:
        sqlite3.Error: the file holds something else.
    """
    text = "SELECT id, name, salt, hash, created, expires, revoked FROM api_keys LIMIT ?"
    return [_record(*row) for row in database.execute(text, (_MOST_KEYS,))]


def _record(*row: Any) -> KeyRecord:
    # SQLite takes any value in any column of a table that was not made by us.
    key_id, name, salt, digest, *times = row
    is_key = isinstance(key_id, str) and is_name(name) and isinstance(digest, bytes)
    is_salt = isinstance(salt, bytes) and len(salt) <= hashlib.blake2b.SALT_SIZE
    if not (is_key and is_salt and all(time is None or isinstance(time, float) for time in times)):
        raise sqlite3.DataError("it holds what is no key")
    return KeyRecord(*row)


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=32, salt=salt, person=_PERSON).digest()


def _unknown() -> UnauthenticatedError:
    return UnauthenticatedError("The API key is not known.", reason="API_KEY_UNKNOWN")
