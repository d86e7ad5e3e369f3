"""Streams of a configuration and items: each item is a call of its own, and none that fails ends the stream."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.rpc import status_pb2

from sensorium.type.v1 import request_context_pb2
from sensorium_core.call import current_call, deadline_scope, serving
from sensorium_core.concurrency import ordered_window
from sensorium_core.errors import InvalidInputError, UnavailableError, domain_error, to_status
from sensorium_core.limits import Admission
from sensorium_core.validation import validate

R = TypeVar("R")

_LONGEST_ITEM_ID = 256
_LONGEST_REQUEST_ID = 128
# Seconds within which a stream's configuration must come: until then the stream has no place that could be refused.
_CONFIGURATION_WITHIN = 30.0


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of an item: its value when the status is OK, else None."""

    status: status_pb2.Status
    value: R | None


class ItemRunner:
    """Takes the items of streams and runs them within the limits that unary calls have.

    Args:
        admission: the places that streams share with unary calls.
        longest: seconds that an item may take.
    """

    def __init__(self, admission: Admission, longest: float) -> None:
        self._admission = admission
        self._longest = longest

    async def until_drained(self, items: AsyncIterator[R]) -> AsyncGenerator[R, None]:
        """The items of a stream, until it ends or the server does.

        Raises:
            UnavailableError: SERVER_DRAINING, when the server ends first; an idle stream must not hold it up.
        """
        draining = asyncio.create_task(self._admission.draining.wait())
        try:
            while (item := await _next(items, draining)) is not None:
                yield item
        finally:
            draining.cancel()

    async def run(self, request_id: str, work: Callable[[], Awaitable[R]]) -> Outcome[R]:
        """Runs one item as a call with an id and a deadline; its error becomes its status."""
        stream = current_call()
        with serving(stream.part(request_id, time.monotonic() + self._longest)) as call:
            try:
                async with deadline_scope(call), self._admission.slot():
                    return Outcome(status_pb2.Status(), await work())
            except Exception as error:
                failure = domain_error(error)
                call.details["reason"] = failure.reason
                return Outcome(to_status(failure, request_id), None)
            finally:
                stream.absorb(call)


async def _next(items: AsyncIterator[R], draining: asyncio.Task[bool]) -> R | None:
    """The next item; None at the stream's end."""
    item = asyncio.ensure_future(anext(items, None))
    try:
        await asyncio.wait({item, draining}, return_when=asyncio.FIRST_COMPLETED)
        if not item.done():
            raise UnavailableError("The server is about to end; open a new stream.", reason="SERVER_DRAINING")
        return item.result()
    finally:
        item.cancel()
        await asyncio.wait({item})  # a generator that still runs could not be closed


async def configuration(requests: AsyncIterator[Any], empty: Any, within: float = _CONFIGURATION_WITHIN) -> Any:
    """The configuration that a stream must begin with, validated.

    Args:
        requests: messages with a oneof `message`, one field of which is called `config`.
        empty: such a message without content.
        within: seconds after which nothing is waited for any more.

    Raises:
        InvalidInputError: STREAM_ORDER, also when nothing comes; or the configuration breaks a rule.
    """
    try:
        async with asyncio.timeout(within):
            first = await anext(requests, empty)
    except TimeoutError as error:
        text = f"did not come within {within:g} s; send it as soon as the stream is open"
        raise InvalidInputError.field("config", text, reason="STREAM_ORDER") from error
    if first.WhichOneof("message") != "config":
        text = "the first message of a stream must be its configuration"
        raise InvalidInputError.field("config", text, reason="STREAM_ORDER")
    validate(first)
    return first.config


async def answer_items(
    requests: AsyncIterator[Any],
    runner: ItemRunner,
    respond: Callable[[int, Any], Coroutine[Any, Any, R]],
    *,
    field: str,
    window: int,
) -> AsyncGenerator[R, None]:
    """Responses to the messages behind the configuration, in their order, a bounded number under way.

    Args:
        requests: messages with a oneof `message`.
        runner: ends the stream when the server does.
        respond: gets an item's number, from 0, and the item; its errors must be in its response.
        field: name of the oneof's field that holds an item.
        window: items under way.

    Raises:
        InvalidInputError: STREAM_ORDER: a message is no item.
        UnavailableError: SERVER_DRAINING.
    """

    async def items() -> AsyncGenerator[Any, None]:
        async with aclosing(runner.until_drained(requests)) as received:
            async for request in received:
                if request.WhichOneof("message") != field:
                    text = f"every message after the configuration must be of the kind {field!r}"
                    raise InvalidInputError.field(field, text, reason="STREAM_ORDER")
                yield getattr(request, field)

    async with aclosing(ordered_window(items(), respond, window)) as responses:
        async for response in responses:
            yield response


def item_id(given: str) -> str:
    """A caller's name for an item as it is echoed: cut, because it is not checked before the item is."""
    return given[:_LONGEST_ITEM_ID]


def item_context(
    sequence: int, stream: request_context_pb2.RequestContext, item: request_context_pb2.RequestContext
) -> request_context_pb2.RequestContext:
    """An item's context: its own fields, then the stream's; the request id is the call's with the item's number."""
    context = request_context_pb2.RequestContext()
    context.CopyFrom(stream)
    number = f"/{sequence}"
    context.request_id = current_call().request_id[: _LONGEST_REQUEST_ID - len(number)] + number
    context.MergeFrom(item)
    return context
