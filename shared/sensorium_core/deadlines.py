"""Ends what takes too long, for next to nothing while it does not.

`asyncio.timeout` makes a timer of the event loop for each call and destroys it at the call's end, which in uvloop costs
a turn of the loop. Nearly all calls end long before their deadline: so here all of a loop share one timer, and what has
ended is forgotten when the timer comes to it.
"""

import asyncio
import heapq
import itertools
import time
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary

_FEW = 64
# A timer that comes a little early finds nothing to do.
_LATE = 0.001


class Deadline:
    """A block that ends with TimeoutError when a moment has passed; a context manager, inside a task.

    Args:
        moment: on the monotonic clock; None for no deadline.
    """

    __slots__ = ("_alarms", "_cancelling", "_rang", "_task", "ended", "moment")

    def __init__(self, moment: float | None) -> None:
        self.moment = moment
        self.ended = False
        self._rang = False

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def __enter__(self) -> Self:
        if self.moment is not None:
            task = asyncio.current_task()
            assert task is not None
            self._task = task
            self._cancelling = task.cancelling()
            self._alarms = _alarms_of(task.get_loop())
            self._alarms.set(self, self.moment, task.get_loop())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.moment is None:
            return
        self.ended = True
        self._alarms.forget()
        # A cancellation that somebody else has asked for, too, stays one.
        if self._rang and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def ring(self) -> None:
        """The moment has come."""
        self._rang = True
        self._task.cancel()


class _Alarms:
    """The deadlines of one loop, the next first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Deadline]] = []
        self._numbers = itertools.count()
        self._ended = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")

    def set(self, deadline: Deadline, moment: float, loop: asyncio.AbstractEventLoop) -> None:
        """Rings the deadline at a moment, unless it has ended by then."""
        heapq.heappush(self._waiting, (moment, next(self._numbers), deadline))
        if moment < self._due:
            self._wake_at(moment, loop)

    def forget(self) -> None:
        """One has ended; the list is cleared up once most of it has."""
        self._ended += 1
        if self._ended > _FEW and 2 * self._ended > len(self._waiting):
            self._waiting = [each for each in self._waiting if not each[2].ended]
            heapq.heapify(self._waiting)
            self._ended = 0

    def _wake_at(self, moment: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = moment
        self._timer = loop.call_later(max(0.0, moment - time.monotonic()) + _LATE, self._look)

    def _look(self) -> None:
        self._timer, self._due = None, float("inf")
        now = time.monotonic()
        while self._waiting:
            moment, _, deadline = self._waiting[0]
            if not deadline.ended and moment > now:
                self._wake_at(moment, asyncio.get_running_loop())
                return
            heapq.heappop(self._waiting)
            if deadline.ended:
                self._ended -= 1
            else:
                deadline.ring()


_ALARMS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Alarms] = WeakKeyDictionary()


def _alarms_of(loop: asyncio.AbstractEventLoop) -> _Alarms:
    alarms = _ALARMS.get(loop)
    if alarms is None:
        alarms = _ALARMS[loop] = _Alarms()
    return alarms
