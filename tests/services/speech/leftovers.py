"""What many streams and sessions leave behind."""

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable

from unit.core.support import until


def own_tasks() -> list[str]:
    """What runs, but for this test and grpc's own, which are compiled."""
    names = [str(task.get_coro()) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return [name for name in names if "cython" not in name]


async def memory_taken(many: Callable[[int], Awaitable[None]], few: int, count: int) -> int:
    """Bytes that `count` of something leave behind after a `few`, once no task of theirs runs any more."""
    tracemalloc.start()
    try:
        await many(few)
        before, _ = tracemalloc.get_traced_memory()
        await many(count)
        await until(lambda: not own_tasks())
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before
