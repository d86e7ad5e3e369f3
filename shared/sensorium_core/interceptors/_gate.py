"""Lets a server end without a call lost between its caller and itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

_TICK = 0.02
_QUIET_TICKS = 5
_LONGEST_SETTLING = 1.0


class DrainGate(grpc.aio.ServerInterceptor):
    """Holds back new calls for the moment in which the server begins to stop, then lets them run.

    A stopping server drops, as CANCELLED, every call that has reached the machine but not yet the event loop. While
    the gate is closed callers who wait for an answer send nothing new, so that soon nothing is on its way. Health and
    reflection pass.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._arrived = 0

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Waits while the gate is closed; called by grpc."""
        if handler_call_details.method.startswith("/sensorium."):
            self._arrived += 1
            await self._open.wait()
        return await continuation(handler_call_details)

    async def close(self) -> None:
        """Closes the gate and returns when no more calls arrive, after one second at the latest."""
        self._open.clear()
        end, quiet, seen = time.monotonic() + _LONGEST_SETTLING, 0, self._arrived
        while quiet < _QUIET_TICKS and time.monotonic() < end:
            await asyncio.sleep(_TICK)
            quiet, seen = (quiet + 1 if self._arrived == seen else 0), self._arrived

    def open(self) -> None:
        """Lets the calls run that wait."""
        self._open.set()
