"""The rules that a contract declares, applied to a message. They are written once, in the proto."""

from functools import cache

import protovalidate
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from sensorium_core.errors import FieldViolation, InvalidInputError, MessageTooLargeError

_MOST_LIST_ITEMS = 1000
_validator = protovalidate.Validator()


def validate(message: Message) -> None:
    """Checks a message against the rules in its proto.

    Raises:
        InvalidInputError: reason INVALID_ARGUMENT, with every field that breaks a rule; of a message with very long
            lists only the first, because to find them all would take seconds.
    """
    first_only = _has_lists(message.DESCRIPTOR) and _list_items(message) > _MOST_LIST_ITEMS
    violations = [
        FieldViolation(_path(violation.proto.field), violation.proto.message)
        for violation in _validator.collect_violations(message, fail_fast=first_only)
    ]
    if violations:
        text = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
        raise InvalidInputError(text, reason="INVALID_ARGUMENT", violations=violations)


def check_size(message: Message, limit: int, size: int | None = None) -> None:
    """Refuses a message of more than `limit` bytes; `size` spares finding out, which takes serialising it.

    Raises:
        MessageTooLargeError: it names the largest field.
    """
    size = message.ByteSize() if size is None else size
    if size > limit:
        text = f"the message has {size} bytes, at most {limit} are taken"
        violations = [FieldViolation(_culprit(message, size), text)]
        metadata = {"limit_bytes": str(limit), "size_bytes": str(size)}
        raise MessageTooLargeError(text, reason="MESSAGE_TOO_LARGE", violations=violations, metadata=metadata)


@cache
def _has_lists(kind: Descriptor) -> bool:
    """Whether messages of a type hold lists, at any depth; to look into one that cannot takes longer."""
    found, todo = set[str](), [kind]
    while todo:
        each = todo.pop()
        if any(field.is_repeated for field in each.fields):
            return True
        if each.full_name not in found:
            found.add(each.full_name)
            todo += [field.message_type for field in each.fields if field.message_type is not None]
    return False


def _list_items(message: Message) -> int:
    count = 0
    for field, value in message.ListFields():
        if isinstance(value, Message):
            count += _list_items(value)
        elif field.is_repeated:
            count += len(value)
    return count


def _path(field_path: protovalidate.FieldPathPb | None) -> str:
    parts = []
    for element in field_path.elements if field_path else ():
        subscript = element.subscript
        parts.append(f"{element.field_name}[{subscript.value}]" if subscript else str(element.field_name))
    return ".".join(parts)


def _culprit(message: Message, size: int) -> str:
    """Path of the field to blame: that of bytes, found without copying them, unless the rest is most of the message."""
    path = _bytes_field(message)
    holder = path.partition(".")[0]
    others = (value for field, value in message.ListFields() if field.name != holder and isinstance(value, Message))
    rest = sum(value.ByteSize() for value in others)
    return path if path and 2 * rest < size else _largest_field(message)


def _bytes_field(message: Message) -> str:
    """Path of the first field of bytes that is set."""
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        if field.type == FieldDescriptor.TYPE_BYTES:
            return str(field.name)
        if field.type == FieldDescriptor.TYPE_MESSAGE and field.has_presence:
            inner = _bytes_field(getattr(message, field.name))
            if inner:
                return f"{field.name}.{inner}"
    return ""


def _largest_field(message: Message) -> str:
    sizes = {
        field.name: sum(map(_size, value if field.is_repeated else [value])) for field, value in message.ListFields()
    }
    if not sizes:
        return ""
    name = max(sizes, key=lambda key: sizes[key])
    value = getattr(message, name)
    inner = _largest_field(value) if isinstance(value, Message) else ""
    return f"{name}.{inner}" if inner else name


def _size(value: object) -> int:
    """Bytes of a value, roughly: those of a number do not matter beside texts."""
    if isinstance(value, Message):
        return int(value.ByteSize())
    return len(value) if isinstance(value, bytes | str) else 1
