"""Lets a server end without a call lost between its caller and itself."""

import asyncio
import time
from collections.abc import Awaitable

_TICK = 0.02
_QUIET_TICKS = 5
_LONGEST_SETTLING = 1.0


class DrainGate:
    """Holds back new calls for the moment in which the server begins to stop, then lets them run.

    A stopping server drops, as CANCELLED, every call that has reached the machine but not yet the event loop. While
    the gate is closed callers who wait for an answer send nothing new, so that soon nothing is on its way. Health and
    reflection pass.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._arrived = 0

    def arrive(self, method: str) -> Awaitable[object] | None:
        """Notes a call; gives what it has to wait for, which is nothing while the gate is open."""
        if not method.startswith("/sensorium."):
            return None
        self._arrived += 1
        return None if self._open.is_set() else self._open.wait()

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
