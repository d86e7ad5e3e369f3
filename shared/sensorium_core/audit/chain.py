"""One record of the audit log as a line, and what ties it to the one before.

A line is a JSON object. Its last field, `hash`, is the SHA-256 (RFC 6234), or with a key the HMAC-SHA-256 (RFC 2104),
of all bytes of the object without that field; its `prev` is the hash of the line before. So a line that is changed no
longer fits its own hash, and one that is removed, added or moved no longer fits its neighbours.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NewType

from pydantic_core import to_json

from sensorium_core.reload import ConfigurationError

AuditKey = NewType("AuditKey", bytes)

GENESIS = "0" * 64
"""What comes before the first record."""

_SHORTEST_KEY = 32
_FIELD = b',"hash":"'
_HEX = 64
_TAIL = len(_FIELD) + _HEX + len('"}')


@dataclass(frozen=True)
class Head:
    """The newest record: its number, from 1, and its hash."""

    sequence: int = 0
    hash: str = GENESIS


def seal(record: Mapping[str, Any], before: Head, key: AuditKey | None) -> tuple[bytes, Head]:
    """The line of a record, without its end, and the head that it makes."""
    body = _serialised({"seq": before.sequence + 1, **record, "prev": before.hash})
    digest = _digest(body, key)
    return body[:-1] + _FIELD + digest.encode() + b'"}', Head(before.sequence + 1, digest)


def open_seal(line: bytes, key: AuditKey | None) -> tuple[dict[str, Any], bool] | None:
    """The record of a line and whether its hash fits; None where the line is no record at all."""
    if len(line) <= _TAIL or line[-_TAIL : -_TAIL + len(_FIELD)] != _FIELD:
        return None
    body = line[:-_TAIL] + b"}"
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("seq"), int):
        return None
    stated = str(record.get("hash"))
    return record, hmac.compare_digest(_digest(body, key).encode(), stated.encode("utf-8", "replace"))


def read_key(path: Path) -> AuditKey:
    """The key in a file.

    Raises:
        ConfigurationError: it cannot be read, or is shorter than 32 bytes.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    if len(key) < _SHORTEST_KEY:
        raise ConfigurationError(f"{path}: an audit key has {_SHORTEST_KEY} bytes or more")
    return AuditKey(key)


def _serialised(record: Mapping[str, Any]) -> bytes:
    try:
        return to_json(record)  # five times as fast
    except ValueError:  # half of a surrogate pair, which only the other escapes
        return json.dumps(record, separators=(",", ":")).encode()


def _digest(body: bytes, key: AuditKey | None) -> str:
    return hashlib.sha256(body).hexdigest() if key is None else hmac.new(key, body, hashlib.sha256).hexdigest()
