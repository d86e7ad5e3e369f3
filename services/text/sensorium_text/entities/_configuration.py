"""Patterns and gazetteers of the service's configuration: a TOML or JSON file, read once at start.

    [[patterns]]
    name = "work order"
    pattern = 'WO-[0-9]{6}'

    [[gazetteers]]
    name = "machine"
    case_sensitive = false          # the default
    entries = ["Press 4", { name = "Oven 2", synonyms = ["curing oven", "二号炉"] }]

A gazetteer may instead name a `file` beside this one: one entry a line, synonyms behind it with tabs between.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium_core.errors import InvalidInputError
from sensorium_core.patterns import compile_pattern
from sensorium_core.settings import ConfigurationError
from sensorium_text.domain import EntityPattern, Gazetteer, GazetteerEntry

# Bytes of one file: some 500,000 names, half a gigabyte once compiled.
_LONGEST_FILE = 16 << 20
_LONGEST_NAME = 64
_LONGEST_ENTRY = 256


@dataclass(frozen=True)
class ConfiguredEntities:
    """What is always looked for."""

    patterns: tuple[EntityPattern, ...] = ()
    gazetteers: tuple[Gazetteer, ...] = ()


def read_entities(file: Path | None) -> ConfiguredEntities:
    """The patterns and gazetteers of a file; none where there is no file.

    Raises:
        ConfigurationError: it cannot be read or holds something wrong; the message names file and key, and what would
            be right.
    """
    if file is None:
        return ConfiguredEntities()
    content = _parsed(file)
    _check_keys(file, "the file", content, frozenset({"patterns", "gazetteers"}))
    patterns = _list(file, "patterns", content)
    gazetteers = _list(file, "gazetteers", content)
    return ConfiguredEntities(
        tuple(_pattern(file, f"patterns[{place}]", each) for place, each in enumerate(patterns)),
        tuple(_gazetteer(file, f"gazetteers[{place}]", each) for place, each in enumerate(gazetteers)),
    )


def _parsed(file: Path) -> Mapping[str, Any]:
    written = _read(file)
    try:
        content = json.loads(written) if file.suffix == ".json" else tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise ConfigurationError(f"the file of entities {file} is not {kind}: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"the file of entities {file} holds no table of `patterns` and `gazetteers`")
    return content


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(f"the file of entities {file} cannot be read: {error.strerror}") from error
    if len(content) > _LONGEST_FILE:
        raise ConfigurationError(f"the file of entities {file} is larger than {_LONGEST_FILE} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"the file of entities {file} is not UTF-8") from error


def _pattern(file: Path, key: str, given: Any) -> EntityPattern:
    _check_keys(file, key, given, frozenset({"name", "pattern"}))
    name = _text(file, f"{key}.name", given.get("name"), _LONGEST_NAME)
    written = _text(file, f"{key}.pattern", given.get("pattern"), 4096)
    try:
        return EntityPattern(name, compile_pattern(written, f"{key}.pattern"))
    except InvalidInputError as error:
        raise ConfigurationError(f"the file of entities {file}: {error.message}") from error


def _gazetteer(file: Path, key: str, given: Any) -> Gazetteer:
    _check_keys(file, key, given, frozenset({"name", "case_sensitive", "entries", "file"}))
    name = _text(file, f"{key}.name", given.get("name"), _LONGEST_NAME)
    case_sensitive = given.get("case_sensitive", False)
    if not isinstance(case_sensitive, bool):
        raise _wrong(file, f"{key}.case_sensitive", "must be true or false")
    if ("entries" in given) == ("file" in given):
        raise _wrong(file, key, "needs either `entries` or a `file`")
    entries = _entries(file, key, given) if "entries" in given else _entries_of_file(file, key, given["file"])
    if not entries:
        raise _wrong(file, key, "has no entry")
    return Gazetteer(name, entries, case_sensitive)


def _entries(file: Path, key: str, given: Mapping[str, Any]) -> tuple[GazetteerEntry, ...]:
    return tuple(
        _entry(file, f"{key}.entries[{place}]", each) for place, each in enumerate(_list(file, "entries", given, key))
    )


def _entry(file: Path, key: str, given: Any) -> GazetteerEntry:
    if isinstance(given, str):
        return GazetteerEntry(_text(file, key, given, _LONGEST_ENTRY), ())
    _check_keys(file, key, given, frozenset({"name", "synonyms"}))
    synonyms = _list(file, "synonyms", given, key)
    return GazetteerEntry(
        _text(file, f"{key}.name", given.get("name"), _LONGEST_ENTRY),
        tuple(_text(file, f"{key}.synonyms[{place}]", each, _LONGEST_ENTRY) for place, each in enumerate(synonyms)),
    )


def _entries_of_file(file: Path, key: str, given: Any) -> tuple[GazetteerEntry, ...]:
    path = file.parent / _text(file, f"{key}.file", given, 4096)
    entries = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        name, *synonyms = (part.strip() for part in line.split("\t"))
        if any(len(part) > _LONGEST_ENTRY for part in (name, *synonyms)):
            raise ConfigurationError(
                f"the file of entities {path}, line {number}: a name is longer than {_LONGEST_ENTRY}"
            )
        if name:
            entries.append(GazetteerEntry(name, tuple(filter(None, synonyms))))
    return tuple(entries)


def _list(file: Path, key: str, given: Mapping[str, Any], parent: str = "") -> list[Any]:
    found = given.get(key, [])
    if not isinstance(found, list):
        raise _wrong(file, f"{parent}.{key}".lstrip("."), "must be a list")
    return found


def _text(file: Path, key: str, given: Any, longest: int) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > longest:
        raise _wrong(file, key, f"must be text of 1 to {longest} characters")
    return given


def _check_keys(file: Path, key: str, given: Any, known: frozenset[str]) -> None:
    if not isinstance(given, dict):
        raise _wrong(file, key, f"must be a table of {', '.join(sorted(known))}")
    unknown = sorted(given.keys() - known)
    if unknown:
        raise _wrong(file, key, f"has the unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def _wrong(file: Path, key: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"the file of entities {file}: {key} {problem}")
