"""Notices a service that is there and does not answer at all, be it stopped or stuck.

A service that has died is noticed by its wrapper, and one whose models do not work says so itself. Only silence counts
here: whoever is refused, or meets a certificate that is being renewed, has met somebody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import grpc

from sensorium_client._security import Security
from sensorium_client.stack.health import CHANNEL_OPTIONS, ask
from sensorium_client.stack.settings import Endpoint

__all__ = ["watch"]

_PAUSE_SECONDS = 2.0


def watch(
    endpoints: Sequence[Endpoint], *, patience: float, ended: threading.Event, on_silence: Callable[[str], None]
) -> None:
    """Ask the endpoints, each in a thread of its own, until `ended` is set.

    Args:
        endpoints: Whom to ask.
        patience: Seconds of silence after which one is given up.
        ended: Set when the watch is over.
        on_silence: Gets the name of an endpoint that has been silent for so long; the count then begins anew.
    """
    threads = [
        threading.Thread(target=_watch, args=(each, patience, ended, on_silence), daemon=True) for each in endpoints
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _watch(endpoint: Endpoint, patience: float, ended: threading.Event, on_silence: Callable[[str], None]) -> None:
    heard = time.monotonic()
    while not ended.wait(_PAUSE_SECONDS):
        if _answers(endpoint):
            heard = time.monotonic()
        elif time.monotonic() - heard >= patience:
            on_silence(endpoint.name)
            heard = time.monotonic()


def _answers(endpoint: Endpoint) -> bool:
    """Whether anything comes back, be it a refusal."""
    # A channel of its own each time: certificates may have been renewed, and the process may be another.
    security = Security.from_environment()
    with security.channel(endpoint.address, CHANNEL_OPTIONS) as channel:
        try:
            ask(channel, endpoint.health_name, security.metadata())
        except grpc.RpcError as error:
            return error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    return True
