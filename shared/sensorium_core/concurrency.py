"""Two ways to do several things at once, both bounded and both without a task left behind."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
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
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as errors:
        first = errors.exceptions[0]
    else:
        return tuple(task.result() for task in tasks)
    raise first  # outside of the handler, so that it keeps its own cause and gets no group as its context


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
