"""How a service holds the way to another server: for as long as it lives, through all that happens to its peer.

The channel is made anew when certificates are rotated, while calls on the one before finish.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import grpc
import structlog

from sensorium_core.reload import Reloaded
from sensorium_core.security.settings import SecuritySettings
from sensorium_core.security.tls import TlsMaterial, channel_credentials, follow
from sensorium_core.telemetry import Metrics

# Reconnecting is quick, so that a restarted server is used within a second; keepalive finds a peer that is gone without
# a word; what is retried, and when, is decided where it is known what a call does.
PEER_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)
# A handshake on a busy machine takes longer than a plain connection may.
_TLS_OPTIONS = (("grpc.min_reconnect_backoff_ms", 2_000),)
_WORTH_A_WORD = 10.0
_log = structlog.get_logger("peers")


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


def peer_tls(settings: SecuritySettings, peer: str, metrics: Metrics) -> ClientTls | None:
    """TLS of the way to a peer, such as `triton`, as its settings say; None for plain text.

    Raises:
        ConfigurationError: a certificate cannot be used.
    """
    files = settings.peer_files(peer)
    if files is None:
        return None
    server_name: str = getattr(settings, f"{peer}_server_name")
    return ClientTls(follow(peer, files, metrics), settings.reload_interval, server_name)


@dataclass(eq=False)
class _Link:
    """A channel and the stub on it; a context manager around each call on them."""

    channel: grpc.aio.Channel
    stub: Any
    let_go: "Callable[[_Link], None]"
    calls: int = 0
    retired: bool = False

    def __enter__(self) -> Any:
        self.calls += 1
        return self.stub

    def __exit__(self, *_: object) -> None:
        self.calls -= 1
        self.let_go(self)


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
        self._options = dict(options)
        self._make_stub = make_stub
        self._tls = tls
        self._newest: _Link | None = None
        self._renewing: asyncio.Task[None] | None = None
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

    def stub(self) -> AbstractContextManager[Any]:
        """The stub for one call, which keeps its channel open until the block ends."""
        assert self._newest is not None
        return self._newest

    def _link(self) -> _Link:
        if self._tls is None:
            channel = grpc.aio.insecure_channel(self._address, list(self._options.items()))
        else:
            options = self._options | dict(_TLS_OPTIONS)
            if self._tls.server_name:
                options["grpc.ssl_target_name_override"] = self._tls.server_name
            credentials = channel_credentials(self._tls.source.value)
            channel = grpc.aio.secure_channel(self._address, credentials, list(options.items()))
        return _Link(channel, self._make_stub(channel), self._let_go)

    def _renew(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()  # newer certificates are there already
        self._renewing = self._spawn(self._replace())

    async def _replace(self) -> None:
        # Calls change over when the new connection stands: should the server refuse it, the old one goes on.
        link = self._link()
        try:
            if not await _connects(link.channel, _WORTH_A_WORD):
                _log.warning("no connection with the new certificate yet; the old one is used", address=self._address)
                await link.channel.channel_ready()
        except asyncio.CancelledError:
            await link.channel.close()
            raise
        before, self._newest = self._newest, link
        if before is not None:
            before.retired = True
            self._let_go(before)

    def _let_go(self, link: _Link) -> None:
        if link.retired and not link.calls:
            self._spawn(link.channel.close())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _connects(channel: grpc.aio.Channel, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await channel.channel_ready()
    except TimeoutError:
        return False
    return True
