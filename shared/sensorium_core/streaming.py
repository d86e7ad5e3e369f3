"""Items of a request stream: each is a call of its own, and none that fails ends the stream."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.rpc import status_pb2

from sensorium_core.call import Call, current_call, deadline_scope, serving
from sensorium_core.errors import UnavailableError, domain_error, to_status
from sensorium_core.limits import Admission

R = TypeVar("R")


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
        deadline = time.monotonic() + self._longest
        call = Call(stream.method, request_id, deadline if stream.deadline is None else min(deadline, stream.deadline))
        with serving(call):
            try:
                with self._admission.slot():
                    async with deadline_scope(call):
                        return Outcome(status_pb2.Status(), await work())
            except Exception as error:
                return Outcome(to_status(domain_error(error), request_id), None)


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
