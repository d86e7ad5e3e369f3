from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from sensorium_client.cli._threads import AHEAD, in_thread


async def test_items_come_in_their_order() -> None:
    assert [item async for item in in_thread(iter(range(1000)))] == list(range(1000))


async def test_an_item_does_not_wait_for_the_next() -> None:
    more = threading.Event()

    def slow() -> Iterator[int]:
        yield 0
        more.wait(10)
        yield 1

    items = in_thread(slow())
    assert await anext(items) == 0
    waiting = asyncio.create_task(anext(items))
    await asyncio.sleep(0)
    assert not waiting.done()
    more.set()
    assert await waiting == 1


async def test_what_the_iterator_raises_comes_after_its_items() -> None:
    def broken() -> Iterator[int]:
        yield 0
        raise LookupError("disk gone")

    items = in_thread(broken())
    assert await anext(items) == 0
    with pytest.raises(LookupError, match="disk gone"):
        await anext(items)


async def test_no_more_is_read_than_is_wanted_soon_and_the_thread_ends() -> None:
    taken = 0
    ended = threading.Event()

    def endless() -> Iterator[int]:
        nonlocal taken
        try:
            while True:
                taken += 1
                yield taken
        finally:
            ended.set()

    source = endless()
    async with aclosing(in_thread(source)) as items:
        assert await anext(items) == 1
    del source
    assert await asyncio.to_thread(ended.wait, 10)
    assert taken <= AHEAD + 3
