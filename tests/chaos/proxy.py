"""A TCP proxy that misbehaves as networks do: it delays, falls silent, cuts and refuses."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_CHUNK = 1 << 16
_MOST_HELD = 256
_LONGEST_END = 5.0


@dataclass(eq=False)
class FaultProxy:
    """Stands between the services and Triton.

    Attributes:
        port: of 127.0.0.1, where it listens.
        target: `host:port`, where it passes everything on to.
        delay: seconds that each byte is on its way, in each direction.
    """

    port: int
    target: str
    delay: float = 0.0
    _silent: bool = False
    _refusing: bool = False
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _audible: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def fall_silent(self) -> None:
        """Nothing gets through any more, and nobody is told: as when a cable is pulled."""
        self._silent = True
        self._loop.call_soon_threadsafe(self._audible.clear)

    def cut(self) -> None:
        """Resets all connections, and resets new ones at once: as when a firewall's rule changes."""
        self._refusing = True
        self._loop.call_soon_threadsafe(self._reset)

    def heal(self) -> None:
        """Lets all through again. What was on its way when it fell silent arrives late, as TCP does it."""
        self.delay, self._silent, self._refusing = 0.0, False, False
        self._loop.call_soon_threadsafe(self._audible.set)

    def _reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, ready: threading.Event) -> None:
        """Serve until `_ended` is set."""
        self._loop = asyncio.get_running_loop()
        self._audible.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        ready.set()
        async with server:
            await self._ended.wait()
            self._reset()
            async with asyncio.timeout(_LONGEST_END):
                while self._writers:  # noqa: ASYNC110 - each goes with its connection
                    await asyncio.sleep(0.01)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._refusing:
                return
            host, _, port = self.target.rpartition(":")
            with contextlib.suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection(host, int(port))
                self._writers.add(far_writer)
                try:
                    await _first(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))
                finally:
                    self._writers.discard(far_writer)
                    far_writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bytes in their order, each `delay` after it came."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MOST_HELD)

        async def take_in() -> None:
            while data := await reader.read(_CHUNK):
                await under_way.put((loop.time() + self.delay, data))

        async def let_out() -> None:
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._audible.wait()
                writer.write(data)
                await writer.drain()

        with contextlib.suppress(ConnectionError):
            await _first(take_in(), let_out())


async def _first(*works: object) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def running_proxy(port: int, target: str) -> Iterator[FaultProxy]:
    """A proxy in a thread of its own."""
    proxy = FaultProxy(port, target)
    ready = threading.Event()

    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(ready)), daemon=True)
    thread.start()
    assert ready.wait(10), "the proxy did not start"
    try:
        yield proxy
    finally:
        proxy._loop.call_soon_threadsafe(proxy._ended.set)
        thread.join(10)
