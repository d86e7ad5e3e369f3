"""The channel to a server, made anew when certificates are rotated, while calls on the one before finish."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from sensorium_core.reload import Reloaded
from sensorium_core.security.tls import TlsMaterial, channel_credentials


@dataclass(frozen=True)
class ClientTls:
    """TLS of a client.

    Attributes:
        source: certificates, which may be rotated.
        interval: seconds between looks at their files.
        server_name: the name expected in the server's certificate, where it is not the one in the address.
    """

    source: Reloaded[TlsMaterial]
    interval: float = 1.0
    server_name: str = ""


@dataclass(eq=False)
class _Link:
    channel: grpc.aio.Channel
    stub: Any
    calls: int = 0
    retired: bool = False


class Links:
    """The way to one server.

    Args:
        address: a gRPC target.
        options: of the channel.
        make_stub: makes the stub on a channel.
        tls: None for plain text.
    """

    def __init__(
        self,
        address: str,
        options: Sequence[tuple[str, Any]],
        make_stub: Callable[[grpc.aio.Channel], Any],
        tls: ClientTls | None,
    ) -> None:
        self._address = address
        self._options = list(options)
        self._make_stub = make_stub
        self._tls = tls
        self._newest: _Link | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Makes the first channel; nothing is connected before the first call."""
        self._newest = self._link()
        if self._tls is not None:
            self._tls.source.on_change(self._renew)
            self._spawn(self._tls.source.watch(self._tls.interval))

    async def close(self) -> None:
        """Closes all channels; calls under way are cancelled."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._newest is not None:
            await self._newest.channel.close()

    @contextmanager
    def stub(self) -> Iterator[Any]:
        """The stub for one call, which keeps its channel open until the block ends."""
        link = self._newest
        assert link is not None
        link.calls += 1
        try:
            yield link.stub
        finally:
            link.calls -= 1
            self._let_go(link)

    def _link(self) -> _Link:
        options = list(self._options)
        if self._tls is None:
            channel = grpc.aio.insecure_channel(self._address, options)
        else:
            if self._tls.server_name:
                options.append(("grpc.ssl_target_name_override", self._tls.server_name))
            channel = grpc.aio.secure_channel(self._address, channel_credentials(self._tls.source.value), options)
        return _Link(channel, self._make_stub(channel))

    def _renew(self) -> None:
        before, self._newest = self._newest, self._link()
        if before is not None:
            before.retired = True
            self._let_go(before)

    def _let_go(self, link: _Link) -> None:
        if link.retired and not link.calls:
            self._spawn(link.channel.close())

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
