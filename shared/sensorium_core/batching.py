"""Puts items of many calls into common requests, by shape.

Triton batches requests that stand next to each other in its queue and have one shape. Items of varying width or length
rarely do: so they wait here, sorted by shape, while the model is busy, and leave in requests of one shape each.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from sensorium_core.call import Call, Stage, current_call, deadline_scope, serving

if TYPE_CHECKING:
    from sensorium_core.telemetry.spans import Span

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(eq=False)
class _Entry(Generic[Item, Result]):
    item: Item
    call: Call
    result: asyncio.Future[Result]
    since: float = field(default_factory=time.monotonic)
    batch: "_Batch[Item, Result] | None" = None


@dataclass(eq=False)
class _Batch(Generic[Item, Result]):
    entries: Sequence[_Entry[Item, Result]]
    task: asyncio.Task[None] | None = None

    @property
    def calls(self) -> list[Call]:
        """The calls that the entries belong to, each once."""
        return list({id(entry.call): entry.call for entry in self.entries}.values())

    def settle(self, results: Sequence[Result]) -> None:
        """Gives each entry that is still waited for its result."""
        for entry, result in zip(self.entries, results, strict=True):
            if not entry.result.done():
                entry.result.set_result(result)

    def fail(self, error: Exception) -> None:
        """Fails each entry that is still waited for."""
        for entry in self.entries:
            if not entry.result.done():
                entry.result.set_exception(error)

    def leave(self) -> None:
        """Cancels the request when nobody waits for any of its entries."""
        if self.task is not None and all(entry.result.done() for entry in self.entries):
            self.task.cancel()


class ShapeBatcher(Generic[Key, Item, Result]):
    """Collects items under keys and runs those of one key together.

    An item leaves at once, with those that come in the same turn of the event loop, while fewer than `running` requests
    are under way. Later ones wait, bounded by what their calls may hold; the key whose first item has waited longest
    goes next. Nothing is delayed to fill a batch. One more request than `running` is under way when it is full: it
    could not grow here, and lies ready when the model has finished the one before.

    Args:
        run: makes one request of a key's items and gives a result for each, in order.
        largest: how many items of a key a request may hold; what it raises fails the key's items.
        running: requests under way at a time. With one, what a model instance waits for the next is a round trip, and
            requests are so much larger that all costs less than with a second one behind it.
    """

    def __init__(
        self,
        run: Callable[[Key, Sequence[Item]], Awaitable[Sequence[Result]]],
        largest: Callable[[Key], int],
        running: int = 1,
    ) -> None:
        self._run = run
        self._largest = largest
        self._running = running
        self._under_way = 0
        self._waiting: OrderedDict[Key, list[_Entry[Item, Result]]] = OrderedDict()
        self._starting = False

    async def submit(self, key: Key, item: Item) -> Result:
        """The item's result, computed together with others of its key.

        Raises:
            SensoriumError: the request that it was part of failed, or the call's deadline passed.
        """
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        entry = _Entry(item, current_call(), result)
        async with deadline_scope(entry.call):  # first of all: an item that comes too late is not begun with
            self._waiting.setdefault(key, []).append(entry)
            try:
                if not self._starting and self._may_leave(key):
                    self._starting = True
                    asyncio.get_running_loop().call_soon(self._start)
                return await result
            finally:
                self._forget(key, entry)

    def _start(self) -> None:
        self._starting = False
        # On behalf of all who wait: what is asked for here must not fail because of what one of them may do.
        with serving(Call(request_id="")):
            self._start_batches()

    def _may_leave(self, key: Key) -> bool:
        """Whether a request of the key's items may leave now."""
        if self._under_way == self._running:
            return len(self._waiting[key]) >= self._largest(key)
        return self._under_way < self._running

    def _start_batches(self) -> None:
        while self._waiting:
            key = next(iter(self._waiting))
            try:
                if not self._may_leave(key):
                    return
                most = self._largest(key)
            except Exception as error:  # such as a model that has not been seen yet: nobody is left waiting
                _Batch(self._waiting.pop(key)).fail(error)
                continue
            entries = self._waiting.pop(key)
            if entries[most:]:
                self._waiting[key] = entries[most:]  # at the end: other keys have items that wait for longer now
            batch = _Batch(entries[:most])
            for entry in batch.entries:
                entry.batch = batch
            self._under_way += 1
            batch.task = asyncio.create_task(self._work(key, batch))
            batch.task.add_done_callback(self._ended)  # which is called for a task that ends before it begins, too

    async def _work(self, key: Key, batch: _Batch[Item, Result]) -> None:
        calls = batch.calls
        spans = _spans(calls)
        shared = Call(calls[0].method, calls[0].request_id, _latest_deadline(calls), span=next(iter(spans), None))
        for call in calls:
            waited = max(shared.started - entry.since for entry in batch.entries if entry.call is call)
            call.spend(Stage.TRITON_QUEUE, waited)
        try:
            with serving(shared):
                batch.settle(await self._run(key, [entry.item for entry in batch.entries]))
        except Exception as error:  # handed to every call that waits
            batch.fail(error)
        finally:
            for span in spans:
                span.end()
            for call in calls:
                call.models.update(shared.models)
                for stage, seconds in shared.stages.items():
                    call.spend(stage, seconds)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._under_way -= 1
        self._start()

    def _forget(self, key: Key, entry: _Entry[Item, Result]) -> None:
        if entry.batch is not None:
            entry.batch.leave()
        elif entry in (entries := self._waiting.get(key, [])):
            entries.remove(entry)
            if not entries:
                del self._waiting[key]


def _latest_deadline(calls: Sequence[Call]) -> float | None:
    deadlines = [call.deadline for call in calls]
    known = [deadline for deadline in deadlines if deadline is not None]
    return max(known) if len(known) == len(deadlines) else None


def _spans(calls: Sequence[Call]) -> "list[Span]":
    spans = [call.span for call in calls if call.span]
    spans.sort(key=lambda span: not span.sampled)  # the work goes on in a trace that is kept, if there is one
    return spans[0].batch(spans[1:]) if spans else []
