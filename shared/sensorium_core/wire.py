"""Finds out which field makes a message unreadable. Protobuf's own parser only says that the message is."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

# A message is looked at on the event loop, and may have been made to be long.
_MOST_FIELDS = 20_000
_DEEPEST = 32
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class NotUtf8Error(DecodeError):
    """A string of the message is not UTF-8; `field` is its path, such as `texts[3]`."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not UTF-8")
        self.field = field


def not_utf8_field(raw: bytes, descriptor: Any) -> str:
    """Path of the first string that is not UTF-8; empty when there is none among the first 20,000 fields.

    Args:
        raw: a message in the binary format (protobuf.dev, "Encoding"); it may be damaged in other ways, too.
        descriptor: of the message's type.
    """
    return next(_invalid(memoryview(raw), descriptor, "", [_MOST_FIELDS], _DEEPEST), "")


def _invalid(raw: memoryview, descriptor: Any, path: str, budget: list[int], depth: int) -> Iterator[str]:
    seen: dict[int, int] = {}
    for number, content in _fields(raw):
        budget[0] -= 1
        field = descriptor.fields_by_number.get(number)
        if budget[0] < 0 or depth == 0:
            return
        if field is None or content is None:
            continue
        place = seen[number] = seen.get(number, -1) + 1
        name = f"{path}{field.name}[{place}]" if field.is_repeated else f"{path}{field.name}"
        if field.type == FieldDescriptor.TYPE_STRING and not _is_utf8(content):
            yield name
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            yield from _invalid(content, field.message_type, f"{name}.", budget, depth - 1)


def _fields(raw: memoryview) -> Iterator[tuple[int, memoryview | None]]:
    """Number and content of each field, None for a number's; ends where the bytes make no sense."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        kind, content = tag & 7, None
        if kind == _VARINT:
            _, position = _varint(raw, position)
        elif kind == _LENGTH:
            length, position = _varint(raw, position)
            content = raw[position : position + length]
            position += length
        elif kind in {_FIXED64, _FIXED32}:
            position += 8 if kind == _FIXED64 else 4
        else:
            return
        if position > len(raw):
            return
        yield tag >> 3, content


def _varint(raw: memoryview, position: int) -> tuple[int, int]:
    """A number and the position behind it; past the end when it is cut short or too long."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(raw):
            break
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    return 0, len(raw) + 1


def _is_utf8(content: Any) -> bool:
    try:
        str(content, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
