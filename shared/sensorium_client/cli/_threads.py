"""Reads what may make its reader wait, such as a pipe, without holding up the event loop or the end of the process."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

AHEAD = 64
"""How many items may be read before they are wanted."""


async def in_thread(items: Iterator[T]) -> AsyncGenerator[T, None]:
    """The items of an iterator, each as soon as it is there, taken in a thread of its own.

    The thread is a daemon: Ctrl-C ends a process that waits for a line of a pipe.
    """
    reader = _Reader(items, asyncio.get_running_loop())
    threading.Thread(target=reader.run, name="reader", daemon=True).start()
    try:
        while (entry := await reader.next()) is not None:
            if isinstance(entry, _Failure):
                raise entry.error
            yield entry[0]
    finally:
        reader.give_up()


class _Failure:
    def __init__(self, error: Exception) -> None:
        self.error = error


_Entry: TypeAlias = tuple[T] | _Failure | None
"""An item, what the iterator raised, or None for its end."""


class _Reader(Generic[T]):
    def __init__(self, items: Iterator[T], loop: asyncio.AbstractEventLoop) -> None:
        self._items = items
        self._loop = loop
        self._entries: queue.Queue[_Entry[T]] = queue.Queue(AHEAD)
        self._news = asyncio.Event()
        self._given_up = False

    def run(self) -> None:
        """What the thread does."""
        last: _Entry[T] = None
        try:
            for item in self._items:
                self._put((item,))
                if self._given_up:
                    return
        except Exception as error:  # whatever it is, it belongs to the one who wants the items
            last = _Failure(error)
        self._put(last)

    async def next(self) -> _Entry[T]:
        while True:
            self._news.clear()
            with suppress(queue.Empty):
                return self._entries.get_nowait()
            await self._news.wait()

    def give_up(self) -> None:
        """Let the thread end when it next has something."""
        self._given_up = True
        with suppress(queue.Empty):
            while True:
                self._entries.get_nowait()

    def _put(self, entry: _Entry[T]) -> None:
        self._entries.put(entry)
        if not self._news.is_set():  # one that is set after this was put is cleared before the next look
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._news.set)
