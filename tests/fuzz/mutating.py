"""Changes messages with knowledge of their types, after libprotobuf-mutator."""

from __future__ import annotations

import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fuzz.target import damaged

_TEXTS = (
    "",
    "a",
    "\0",
    " ",
    "x" * 300,
    "😀é漢\u202e\ufeff",
    "{slot}",
    "(a|b)*c",
    "phraseSets/abcd",
    "en",
    "zh-CN",
    "Kara +49 731 5551234",
)
_INTEGERS = (0, 1, 2, 5, 255, 256, 2**31 - 1)
_FLOATS = (0.0, 1.0, -1.0, 0.5, 3e38, float("nan"), float("inf"), 1e-38)


def change(message: Message, chance: random.Random, depth: int = 6) -> None:
    """Changes a field somewhere in the message."""
    if not message.DESCRIPTOR.fields:
        return
    field: Any = chance.choice(list(message.DESCRIPTOR.fields))
    if field.type == FieldDescriptor.TYPE_MESSAGE and depth:
        _change_message(message, field, chance, depth)
    elif chance.random() < 0.1:
        message.ClearField(field.name)
    elif field.is_repeated and not field.message_type:
        getattr(message, field.name).extend(_value(field, chance) for _ in range(chance.choice((1, 1, 3, 40))))
    elif not field.message_type:
        value = getattr(message, field.name)
        if isinstance(value, str | bytes) and value and chance.random() < 0.7:
            raw = damaged(value.encode() if isinstance(value, str) else value, chance)
            setattr(message, field.name, raw.decode(errors="ignore") if isinstance(value, str) else raw)
        else:
            setattr(message, field.name, _value(field, chance))


def _change_message(message: Message, field: Any, chance: random.Random, depth: int) -> None:
    if field.message_type.GetOptions().map_entry:
        return
    if not field.is_repeated:
        if chance.random() < 0.1:
            message.ClearField(field.name)
            return
        inner = getattr(message, field.name)
        inner.SetInParent()
        change(inner, chance, depth - 1)
        return
    items = getattr(message, field.name)
    if items and chance.random() < 0.6:
        change(chance.choice(list(items)), chance, depth - 1)
    elif items and chance.random() < 0.3:
        del items[chance.randrange(len(items))]
    elif items and chance.random() < 0.5:
        items.add().CopyFrom(chance.choice(list(items)))
    else:
        change(items.add(), chance, depth - 1)


def _value(field: Any, chance: random.Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            text = chance.choice(_TEXTS)
            return text if field.type == FieldDescriptor.TYPE_STRING else text.encode()
        case FieldDescriptor.CPPTYPE_BOOL:
            return chance.random() < 0.5
        case FieldDescriptor.CPPTYPE_ENUM:
            return chance.choice([*(each.number for each in field.enum_type.values), 99, -1])
        case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
            return chance.choice(_FLOATS)
        case _:
            return chance.choice(_INTEGERS)
