"""Texts from arguments, and from files and standard input line by line, as the lines come."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sensorium_client import InvalidInputError, MessageTooLargeError, SensoriumError
from sensorium_client._errors import ErrorDetails
from sensorium_client._message import invalid
from sensorium_client.cli._options import STDIN

MAX_LINE_BYTES = 16 * 2**20
"""No text that the service takes is longer, even in JSON with every character escaped."""
_CHUNK_BYTES = 64 * 2**10
_BOM = "\ufeff"
_JSON_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Line:
    """A text, and where it is from; or what is wrong with it."""

    name: str
    """What a person calls it, such as `log.txt:12`."""
    text: str = ""
    error: SensoriumError | None = None
    before: str = ""
    """What stands before the text in its file and is no part of it: a byte order mark."""
    after: str = "\n"
    """What ends the line in its file."""
    from_file: bool = True

    @property
    def blank(self) -> bool:
        """Whether there is nothing to send."""
        return self.error is None and not self.text.strip()


@dataclass(frozen=True)
class Form:
    """How the lines of files are read."""

    json: bool | None = None
    """Whether each line is a JSON object; None to tell by the file's suffix."""
    field: str = "text"
    """Of the object, which has the text."""

    def reader(self, file: str) -> Callable[[str, bytes], Line]:
        """Reads a line of a file, given its name and its bytes."""
        by_json = Path(file).suffix.lower() in _JSON_SUFFIXES if self.json is None else self.json
        return functools.partial(_json_line, field=self.field) if by_json else _plain_line


def argument_lines(texts: Sequence[str]) -> list[Line]:
    """Texts that were given as arguments."""
    return [Line(f"argument {number}", text, from_file=False) for number, text in enumerate(texts, 1)]


def file_lines(files: Sequence[str], form: Form) -> Iterator[Line]:
    """The lines of files, read as they are wanted; a file that cannot be read is a line with an error."""
    for file in files:
        name, read = file_name(file), form.reader(file)
        try:
            with opened(file) as chunk:
                for number, raw in enumerate(split_lines(chunk), 1):
                    yield read(f"{name}:{number}", raw) if raw is not None else _too_long(f"{name}:{number}")
        except OSError as failure:
            yield Line(name, error=unreadable(name, failure))


def file_name(file: str) -> str:
    """What a person calls a file."""
    return "standard input" if file == STDIN else file


@contextmanager
def opened(file: str) -> Iterator[Callable[[int], bytes | None]]:
    """A function that reads some bytes of a file or of standard input, as soon as there are any.

    Raises:
        OSError: it cannot be opened.
    """
    if file != STDIN:
        with Path(file).open("rb", buffering=0) as source:
            yield source.read
        return
    # Without the buffer: a thread that waits in it holds a lock, without which Python cannot end.
    yield getattr(sys.stdin.buffer, "raw", sys.stdin.buffer).read


def split_lines(read: Callable[[int], bytes | None]) -> Iterator[bytes | None]:
    """Lines with their ends; None for one that is longer than `MAX_LINE_BYTES`, which is not kept.

    Args:
        read: gives up to so many bytes, none at the end.
    """
    parts: list[bytes] = []
    size = 0

    def line(end: bytes) -> bytes | None:
        return b"".join((*parts, end)) if size <= MAX_LINE_BYTES else None

    while chunk := read(_CHUNK_BYTES):
        first, *rest = chunk.split(b"\n")
        size += len(first)
        parts.append(first)
        if size > MAX_LINE_BYTES:
            parts.clear()
        if rest:
            yield line(b"\n")
            yield from (middle + b"\n" for middle in rest[:-1])
            parts, size = [rest[-1]], len(rest[-1])
    if size:
        yield line(b"")


def decoded(name: str, raw: bytes) -> str:
    """The text of a line or file.

    Raises:
        InvalidInputError: TEXT_NOT_UTF8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as failure:
        text = f"{name} is not UTF-8: byte 0x{raw[failure.start]:02x} in position {failure.start}"
    raise InvalidInputError(text, details=ErrorDetails(reason="TEXT_NOT_UTF8"))


def unreadable(name: str, failure: OSError) -> InvalidInputError:
    """The error for a file that cannot be read."""
    details = ErrorDetails(reason="FILE_UNREADABLE", metadata={"path": name})
    return InvalidInputError(f"cannot read {name}: {failure.strerror}", details=details)


def _plain_line(name: str, raw: bytes) -> Line:
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    after = raw[len(body) :].decode()
    try:
        text = decoded("the line", body)
    except InvalidInputError as error:
        return Line(name, error=error, after=after)
    bare = text.removeprefix(_BOM)
    return Line(name, bare, before=text[: len(text) - len(bare)], after=after)


def _json_line(name: str, raw: bytes, field: str) -> Line:
    try:
        text = decoded("the line", raw).removeprefix(_BOM)
        return Line(name, _field_of(text, field) if text.strip() else "", after="\n")
    except InvalidInputError as error:
        return Line(name, error=error)


def _field_of(text: str, field: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("line", "is no JSON", "JSON_LINE_INVALID") from None
    value = found.get(field) if isinstance(found, dict) else None
    if not isinstance(value, str):
        raise invalid("line", f"is no JSON object with a string {field!r}", "JSON_LINE_INVALID")
    return value


def _too_long(name: str) -> Line:
    text = f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB"
    return Line(name, error=MessageTooLargeError(text, details=ErrorDetails(reason="MESSAGE_TOO_LARGE")))
