"""Named keys of pseudonyms, from a file that the service's configuration names.

The file is TOML: a table for each key with its `secret` in base64 and whether callers may `restore` with it, such as

    [shift-notes]
    secret = "..."     # openssl rand -base64 64
    restore = true     # default: false
"""

import base64
import binascii
import os
import re
import stat
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from sensorium_core.settings import ConfigurationError
from sensorium_text.redaction._pseudonyms import KEY_LENGTHS

_LONGEST_FILE = 1 << 20
_OPEN_TO_OTHERS = stat.S_IWGRP | stat.S_IRWXO
_NAME = re.compile(r"\S.{0,127}")
_LINE = re.compile(r"at line (\d+)")
_log = structlog.get_logger("keys")


@dataclass(frozen=True)
class NamedKey:
    """A key of the configuration: its secret, and whether callers may turn pseudonyms back with it."""

    secret: bytes = field(repr=False)
    may_restore: bool


class NamedKeys:
    """The keys in a file, read again when it changes. While what it holds cannot be used, the former keys stay.

    Args:
        file: TOML; None for no keys.

    Raises:
        ConfigurationError: the file cannot be used.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._version = None if file is None else _version(file)
        self._keys: Mapping[str, NamedKey] = {} if file is None else read_keys(file)

    def get(self, name: str) -> NamedKey | None:
        """The key of that name; None when there is none."""
        with self._lock:
            self._refresh()
            return self._keys.get(name)

    def _refresh(self) -> None:
        if self._file is None:
            return
        version = _version(self._file)
        if version == self._version:
            return
        self._version = version
        try:
            self._keys = read_keys(self._file)
        except ConfigurationError as error:
            _log.error("the changed file of keys cannot be used; the former keys stay", problem=str(error))
        else:
            _log.info("keys read again", count=len(self._keys))


def read_keys(file: Path) -> dict[str, NamedKey]:
    """The keys in a file.

    Raises:
        ConfigurationError: it cannot be read, others than its owner may read it, or it holds something wrong. The
            message names the key and never shows what stands in the file.
    """
    try:
        content: dict[str, Any] = tomllib.loads(_read_private(file))
    except OSError as error:
        raise ConfigurationError(f"the file of keys {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"the file of keys {file} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the file of keys {file} {_problem(error)}") from None
    except RecursionError:
        raise ConfigurationError(f"the file of keys {file} is nested too deep") from None
    return {name: _key(file, name, entry) for name, entry in content.items()}


def _read_private(file: Path) -> str:
    with file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"the file of keys {file} is not a regular file")
        if status.st_mode & _OPEN_TO_OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            raise ConfigurationError(
                f"the file of keys {file} has mode {mode:04o}; only its owner may change it, and only "
                "owner and group may read it: chmod 0640 or stricter"
            )
        content = opened.read(_LONGEST_FILE + 1)
    if len(content) > _LONGEST_FILE:
        raise ConfigurationError(f"the file of keys {file} is larger than {_LONGEST_FILE} bytes")
    return content.decode()


def _problem(error: tomllib.TOMLDecodeError) -> str:
    """What a parser's message says, without what it quotes."""
    line = _LINE.search(str(error))
    place = f" at line {line[1]}" if line else ""
    return f"names a key twice{place}" if "twice" in str(error) else f"is not TOML{place}"


def _key(file: Path, name: str, entry: Any) -> NamedKey:
    def wrong(what: str) -> ConfigurationError:
        return ConfigurationError(f"the file of keys {file}: the key {name!r} {what}")

    if not _NAME.fullmatch(name):
        raise wrong("needs a name of 1 to 128 characters")
    if not isinstance(entry, dict) or not {"secret"} <= entry.keys() <= {"secret", "restore"}:
        raise wrong("is not a table of `secret` and, if wanted, `restore`")
    if not isinstance(entry["secret"], str):
        raise wrong("has a secret that is not text")
    if not isinstance(entry.get("restore", False), bool):
        raise wrong("has a `restore` that is neither true nor false")
    try:
        secret = base64.b64decode("".join(entry["secret"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise wrong("has a secret that is not base64") from None
    if len(secret) not in KEY_LENGTHS:
        raise wrong(f"has a secret of {len(secret)} bytes, not of {', '.join(map(str, KEY_LENGTHS))}")
    return NamedKey(secret, entry.get("restore", False))


def _version(file: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None while it is away."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
