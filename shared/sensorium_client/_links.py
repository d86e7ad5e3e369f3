"""The channel of a client; made anew for new calls when its certificates are replaced, while older calls finish."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc

from sensorium_client._call import Service, Stubs
from sensorium_client._errors import InvalidInputError
from sensorium_client._security import Security, State

Channel = TypeVar("Channel")
_LOOK_EVERY = 1.0


@dataclass(eq=False)
class _Link(Generic[Channel]):
    channel: Channel
    stubs: Stubs
    state: State
    calls: int = 0
    retired: bool = False


class Links(Generic[Channel]):
    """The way to a service. Threads may share it.

    Args:
        service: what the stubs are for.
        security: of the channel.
        credentials: in the place of what `security` says.
        open_channel: makes a channel from credentials; None for plain text.
        close: ends one.
    """

    def __init__(
        self,
        service: Service,
        security: Security,
        credentials: grpc.ChannelCredentials | None,
        open_channel: Callable[[grpc.ChannelCredentials | None], Channel],
        close: Callable[[Channel], Any],
    ) -> None:
        self._service = service
        self._security = security
        self._credentials = credentials
        self._open = open_channel
        self._close = close
        self._newest: _Link[Channel] | None = None
        self._lock = threading.Lock()
        self._looked = 0.0

    @contextmanager
    def stubs(self) -> Iterator[Stubs]:
        """The stubs for one call, whose channel stays open until the block ends.

        Raises:
            InvalidInputError: a certificate cannot be read.
        """
        with self._lock:
            link = self._current()
            link.calls += 1
        try:
            yield link.stubs
        finally:
            with self._lock:
                link.calls -= 1
                over = link.retired and not link.calls
            if over:
                self._close(link.channel)

    @property
    def channel(self) -> Channel | None:
        """The channel of new calls; None before the first."""
        return self._newest.channel if self._newest else None

    def _current(self) -> _Link[Channel]:
        link, now = self._newest, time.monotonic()
        if link is None:
            link = self._newest = self._link(self._security.state())
        elif self._credentials is None and now - self._looked >= _LOOK_EVERY:
            self._looked = now
            link = self._renewed(link)
        return link

    def _renewed(self, link: _Link[Channel]) -> _Link[Channel]:
        state = self._security.state()
        if state == link.state:
            return link
        try:
            fresh = self._link(state)
        except InvalidInputError:  # half of a rotation: the old channel does until the rest is there
            return link
        link.retired = True
        if not link.calls:
            self._close(link.channel)
        self._newest = fresh
        return fresh

    def _link(self, state: State) -> _Link[Channel]:
        channel = self._open(self._credentials or self._security.credentials())
        return _Link(channel, Stubs(channel, self._service), state)
