"""Phrases that are given on the command line: themselves, the name of a kept set, or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import typer
from google.protobuf import json_format

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client import Phrase, PhraseSet

_KEPT = "phraseSets/"
_HINT = "--phrases"
_SUFFIXES = (".json", ".txt")


def wanted_sets(given: Sequence[str] | None) -> list[PhraseSet | str]:
    """The phrase sets that are given: kept ones by name, others by value; phrases make one set.

    Raises:
        typer.BadParameter: a file cannot be read, or is no phrase set.
    """
    phrases: list[Phrase | str] = []
    sets: list[PhraseSet | str] = []
    for text in given or ():
        if text.startswith(_KEPT):
            sets.append(text)
        elif _is_file(text):
            found = read_set(Path(text))
            bare = found == PhraseSet(found.phrases)
            phrases += found.phrases if bare else ()
            sets += [] if bare else [found]
        else:
            phrases += _split(text)
    return [*([PhraseSet(tuple(phrases))] if phrases else []), *sets]


def wanted_set(given: Sequence[str] | None) -> PhraseSet:
    """The one phrase set that is given, to be kept.

    Raises:
        typer.BadParameter: there are several, or one that is kept already, or a file cannot be read.
    """
    found = wanted_sets(given)
    if not found:
        return PhraseSet(())
    if len(found) > 1 or isinstance(found[0], str):
        raise typer.BadParameter("give phrases, or one file with a phrase set", param_hint=_HINT)
    return found[0]


def read_set(file: Path) -> PhraseSet:
    """The phrase set of a file: protobuf's JSON mapping, or a phrase a line, where # begins a comment.

    Raises:
        typer.BadParameter: it cannot be read.
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".json":
            return PhraseSet.from_proto(json_format.Parse(content, pb.PhraseSet()))
    except (OSError, UnicodeError, json_format.ParseError, RecursionError) as failure:
        raise typer.BadParameter(f"cannot read {file}: {failure}", param_hint=_HINT) from None
    lines = (line.partition("#")[0].strip() for line in content.splitlines())
    return PhraseSet(tuple(Phrase(line) for line in lines if line))


def _is_file(text: str) -> bool:
    """Whether a text is meant as a file: one that is there, or that is called like one."""
    return Path(text).is_file() or text.lower().endswith(_SUFFIXES)


def _split(text: str) -> Iterable[str]:
    return (part.strip() for part in text.split(",") if part.strip())
