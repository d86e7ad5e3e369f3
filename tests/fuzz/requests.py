"""Requests as bytes: read, held against the contract, and answered; a refusal must be one that can travel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import DecodeError, Message

from fuzz.mutating import change
from fuzz.target import Target, damaged
from sensorium_core.errors import SensoriumError, malformed_error, to_status
from sensorium_core.interceptors._base import _reader
from sensorium_core.validation import check_size, validate

# Trailers of HTTP/2 that callers take have 8 KiB.
_MOST_STATUS_BYTES = 6_000


def requests(service: Any, answer: Callable[[Any], None], samples: Sequence[Message]) -> Target:
    """A target whose inputs are a byte that picks a method of the service, and the bytes of its request."""
    descriptor = next(iter(service.DESCRIPTOR.services_by_name.values()))
    types: list[type[Message]] = [getattr(service, method.input_type.name) for method in descriptor.methods]
    readers = [_reader(each.FromString) for each in types]

    def run(data: bytes) -> None:
        if not data:
            return
        number = data[0] % len(types)
        try:
            message = readers[number](data[1:])
        except DecodeError as error:
            _check_refusal(malformed_error(error))
            return
        try:
            check_size(message, 1 << 20)
            validate(message)
            answer(message)
        except SensoriumError as error:
            _check_refusal(error)

    def seeds() -> list[bytes]:
        names = [each.DESCRIPTOR.full_name for each in types]
        return [
            bytes([names.index(each.DESCRIPTOR.full_name)]) + each.SerializeToString()
            for each in (*samples, *(kind() for kind in types))
            if each.DESCRIPTOR.full_name in names
        ]

    def mutate(data: bytes, chance: random.Random) -> bytes:
        number = data[0] % len(types) if data else 0
        message = types[number]()
        try:
            message.ParseFromString(data[1:])
        except DecodeError:
            return bytes([number]) + damaged(data[1:], chance)
        for _ in range(chance.choice((1, 1, 2, 4))):
            change(message, chance)
        return bytes([number]) + message.SerializeToString()

    return Target(run, seeds, seconds=3.0, mutate=mutate)


def _check_refusal(error: SensoriumError) -> None:
    assert error.reason.isupper()
    assert error.reason != "INTERNAL"
    assert to_status(error, "id").ByteSize() <= _MOST_STATUS_BYTES


_loop: list[asyncio.AbstractEventLoop] = []


def finish(work: Awaitable[None]) -> None:
    """Waits for work."""
    if not _loop:
        _loop.append(asyncio.new_event_loop())
    _loop[0].run_until_complete(work)
