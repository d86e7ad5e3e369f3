"""Two ways to do several things at once, both bounded and both without a task left behind."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
U = TypeVar("U")
V = TypeVar("V")
W = TypeVar("W")


@overload
async def together(first: Coroutine[Any, Any, R], second: Coroutine[Any, Any, S], /) -> tuple[R, S]: ...
@overload
async def together(
    first: Coroutine[Any, Any, R], second: Coroutine[Any, Any, S], third: Coroutine[Any, Any, T], /
) -> tuple[R, S, T]: ...
@overload
async def together(
    first: Coroutine[Any, Any, R],
    second: Coroutine[Any, Any, S],
    third: Coroutine[Any, Any, T],
    fourth: Coroutine[Any, Any, U],
    fifth: Coroutine[Any, Any, V],
    sixth: Coroutine[Any, Any, W],
    /,
) -> tuple[R, S, T, U, V, W]: ...
@overload
async def together(*work: Coroutine[Any, Any, R]) -> tuple[R, ...]: ...
async def together(*work: Coroutine[Any, Any, Any]) -> tuple[Any, ...]:
    """Runs coroutines side by side and gives their results in order.

    The first error cancels the others and is raised itself, not inside a group.
    """
    if len(work) == 1:  # a task of its own would only cost
        return (await work[0],)
    # A TaskGroup of Python before 3.13 cancels the task it runs in when one of its own fails, and leaves that counted:
    # a timeout around it that passes later would end as a cancellation, which nobody asked for and nobody is told of.
    tasks = [asyncio.create_task(one) for one in work]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        errors = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    finally:
        await _ended(tasks)
    first = next(filter(None, errors), None)
    if first is not None:
        raise first
    return tuple(task.result() for task in tasks)


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancels tasks and returns when all have ended, however often the waiting is cancelled meanwhile."""
    cancelled: asyncio.CancelledError | None = None
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in tasks:
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as lost
    if cancelled is not None:
        raise cancelled


async def ordered_window(
    items: AsyncIterator[T], work: Callable[[int, T], Coroutine[Any, Any, R]], window: int
) -> AsyncGenerator[R, None]:
    """Works on a stream of items, up to `window` of them at a time, and gives the results in the items' order.

    An item counts until its result has been taken: a slow reader stops the reading of items, and memory stays bounded.

    Args:
        items: read one ahead of the work at most. Their error is raised after the results of the items before it.
        work: gets the item's number, from 0, and the item. Its errors end the whole stream: it should return them.
        window: items under way.
    """
    places = asyncio.Semaphore(window)
    results: asyncio.Queue[asyncio.Task[R] | None] = asyncio.Queue()
    failures: list[BaseException] = []

    async def read(group: asyncio.TaskGroup) -> None:
        number = 0
        try:
            await places.acquire()
            async for item in items:
                results.put_nowait(group.create_task(work(number, item)))
                number += 1
                await places.acquire()
        except Exception as error:
            failures.append(error)
        results.put_nowait(None)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(read(group))
            while (result := await results.get()) is not None:
                yield await result
                places.release()
    except BaseExceptionGroup as errors:
        failures.insert(0, errors.exceptions[0])
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()  # it may be suspended, and would otherwise end in a task of its own, some time later
    if failures:
        raise failures[0]
