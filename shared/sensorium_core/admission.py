"""Who is let in, how much of it is worked on at a time, and whose turn it is.

Without identities, admission counts: so many requests, and no more. With identities it is fair as well. As long as one
identity calls, it has the whole service. As soon as a second one does, each has its share: of the places, so that the
newcomer finds some, and of the work, so that the newcomer's calls are begun at once instead of behind a hundred others.
What is beyond an identity's share of the work waits for that identity's own calls to end.

A request that could not be answered within its caller's deadline, at the pace at which the service answers, is turned
away at once: to work on it would take the time of others who still can be.
"""

import asyncio
import os
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from sensorium_core.call import Call, current_call
from sensorium_core.errors import OverloadedError, QuotaExceededError
from sensorium_core.pace import CROWD, Pace
from sensorium_core.quotas import Meter
from sensorium_core.security.policy import Quota
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry import Metrics

# A caller that called so recently is expected to call again: its share stays free.
_ACTIVE_SECONDS = 10.0
# Meters and counts of callers that have not called for so long are forgotten; by then their quotas are whole again.
_REMEMBERED_SECONDS = 120.0
_MOST_PARTIES = 10_000
# Longer than this nobody is told to stay away.
_LONGEST_DELAY = 5.0
# One caller alone leaves this part of the places to whoever comes next.
_RESERVED = 8


def admission_of(settings: ServiceSettings, metrics: Metrics) -> "Admission":
    """The admission that the settings ask for."""
    return Admission(settings.max_in_flight, metrics, parallel=settings.parallel_calls, shared=settings.shared_calls)


class _Party:
    """One identity, and what it has going."""

    __slots__ = ("admitted", "meter", "running", "seen", "waiting")

    def __init__(self, quota: Quota) -> None:
        self.meter = Meter(quota)
        self.admitted = 0
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.seen = 0.0


class Place:
    """A place that a request has taken.

    Attributes:
        party: whose; None where nobody has to say who calls.
        since: when, on the monotonic clock.
    """

    __slots__ = ("party", "since")

    def __init__(self, party: _Party | None) -> None:
        self.party = party
        self.since = time.monotonic()


class Admission:
    """Lets at most `limit` requests in at a time and rejects the rest.

    The delay that a rejected caller is told grows from the time requests have taken lately, and with the number of
    those who were told to come back before.

    Args:
        limit: requests and items of streams that are worked on or wait.
        metrics: gets the counts.
        parallel: requests of one identity that are worked on at a time while no other identity calls.
        shared: the same of all identities together while several do; each has its part by its weight, one at least.
    """

    def __init__(self, limit: int, metrics: Metrics, *, parallel: int = 32, shared: int = os.cpu_count() or 2) -> None:
        self._limit = limit
        self._metrics = metrics
        self._parallel = parallel
        self._shared = shared
        self._in_flight = 0
        metrics.in_flight.set_function(lambda: self._in_flight)  # asked when it is read, not told with each call
        self._typical_seconds = 0.1
        self._pace = Pace(time.monotonic)
        self._last_turn = 0.0
        self._draining = asyncio.Event()
        self._parties: OrderedDict[Hashable, _Party] = OrderedDict()
        self._active: OrderedDict[Hashable, _Party] = OrderedDict()
        self._weight = 0.0

    @property
    def draining(self) -> asyncio.Event:
        """Set once the server ends: streams finish what is under way and take nothing more."""
        return self._draining

    @property
    def in_flight(self) -> int:
        """Requests admitted and not finished."""
        return self._in_flight

    def is_crowded(self) -> bool:
        """Whether so many requests are in flight that the next may well be turned away."""
        return self._in_flight >= min(CROWD, self._limit)

    def check(self) -> None:
        """Raises what `enter` would raise at this moment, and takes nothing."""
        call = current_call()
        if call.access is None:
            self._check_all(call)
        else:
            self._check_party(self._party(call.access.identity, call.access.quota), call)

    @asynccontextmanager
    async def slot(self, size: int = 0) -> AsyncIterator[None]:
        """`enter` and `leave` around the block."""
        place = await self.enter(size)
        try:
            yield
        finally:
            self.leave(place)

    async def enter(self, size: int = 0) -> "Place":
        """Takes a place for one request of the current call's identity, and returns when it is its turn.

        Args:
            size: bytes of the request, for the identity's quota; those of stream messages were counted as they came.

        Raises:
            OverloadedError: all places are taken, or the identity's share of them; or an answer would come too late.
            QuotaExceededError: the identity has used up its quota.
        """
        call = current_call()
        access = call.access
        if access is None:
            self._check_all(call)
            self._count(+1)
            return Place(None)
        party = self._party(access.identity, access.quota)
        self._admit(party, size, call)
        place = Place(party)
        most = self._most_running(party)
        if not party.waiting and party.running < most:
            party.running += 1
            return place
        try:
            await self._turn(party)
        except BaseException:
            self._give_back(place)
            raise
        return place

    def leave(self, place: "Place") -> None:
        """Gives a place back, to whoever is next."""
        party = place.party
        if party is not None:
            party.running -= 1
            if party.waiting:
                self._begin_waiting(party)
        self._give_back(place)

    def meter(self) -> Callable[[int], None] | None:
        """What counts the bytes of the current call's stream; None where nobody has a quota."""
        access = current_call().access
        if access is None:
            return None

        def count(size: int) -> None:
            self._party(access.identity, access.quota).meter.receive(size)  # anew: meanwhile it may have been forgotten

        return count

    def _check_all(self, call: Call) -> None:
        self._check_places(self._limit)
        self._check_pace(call, self._in_flight)

    def _check_places(self, most: int, held: int | None = None) -> None:
        if (self._in_flight if held is None else held) >= most or self._in_flight >= self._limit:
            self._metrics.rejected.labels("admission").inc()
            raise OverloadedError(
                "The service has as many requests in flight as it takes.", retry_delay=self._next_turn()
            )

    def _check_pace(self, call: Call, before: float) -> None:
        """Refuses a call that has so many before it that it would be late."""
        if call.deadline is not None and self._pace.is_late(before, call.deadline - time.monotonic()):
            self._metrics.rejected.labels("deadline").inc()
            text = "The service has too much to do to answer within the deadline."
            raise OverloadedError(text, retry_delay=self._next_turn())

    def _admit(self, party: _Party, size: int, call: Call) -> None:
        self._check_party(party, call)
        party.meter.take(size)
        party.admitted += 1
        self._count(+1)

    def _check_party(self, party: _Party, call: Call) -> None:
        try:
            party.meter.check(party.admitted, self._delay())
        except QuotaExceededError as error:
            self._metrics.rejected.labels(error.reason.lower()).inc()
            raise
        most = self._limit - self._limit // _RESERVED
        share = most if len(self._active) < 2 else min(most, self._share(party, self._limit))
        self._check_places(share, party.admitted)
        alone = len(self._active) < 2
        self._check_pace(call, self._in_flight if alone else party.admitted * self._weight / party.meter.quota.weight)

    async def _turn(self, party: _Party) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        party.waiting.append(turn)
        self._metrics.waiting.inc()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was its turn in the moment in which the call ended
                party.running -= 1
                self._begin_waiting(party)
            elif turn in party.waiting:
                party.waiting.remove(turn)
            raise
        finally:
            self._metrics.waiting.dec()

    def _begin_waiting(self, party: _Party) -> None:
        most = self._most_running(party)
        while party.waiting and party.running < most:
            turn = party.waiting.popleft()
            if not turn.done():
                party.running += 1
                turn.set_result(None)

    def _most_running(self, party: _Party) -> int:
        if len(self._active) > 1:
            self._retire_idle()
        return self._parallel if len(self._active) < 2 else self._share(party, self._shared)

    def _share(self, party: _Party, whole: int) -> int:
        return max(1, int(whole * party.meter.quota.weight / self._weight))

    def _party(self, identity: Hashable, quota: Quota) -> _Party:
        party = self._parties.get(identity)
        if party is None:
            party = self._parties[identity] = _Party(quota)
        if identity not in self._active:
            party.meter.change(quota)
            self._active[identity] = party
            self._weight += quota.weight
        elif party.meter.quota is not quota:
            self._weight += quota.weight - party.meter.quota.weight
            party.meter.change(quota)
        party.seen = time.monotonic()
        if len(self._parties) > 1:
            self._parties.move_to_end(identity)
            self._active.move_to_end(identity)
            self._forget_old(party.seen)
        return party

    def _retire_idle(self) -> None:
        """Looks at the party that was seen first, whether it is still expected to call."""
        now = time.monotonic()
        identity, party = next(iter(self._active.items()))
        if now - party.seen <= _ACTIVE_SECONDS:
            return
        if party.admitted:
            party.seen = now
            self._active.move_to_end(identity)
            return
        del self._active[identity]
        self._weight = sum(each.meter.quota.weight for each in self._active.values())
        if len(self._active) == 1:
            (left,) = self._active.values()
            self._begin_waiting(left)

    def _forget_old(self, now: float) -> None:
        """Looks at the party that was seen first of all, whether it is worth remembering."""
        if len(self._active) > 1:
            self._retire_idle()
        identity, party = next(iter(self._parties.items()))
        old = now - party.seen > _REMEMBERED_SECONDS or len(self._parties) > _MOST_PARTIES
        if old and identity not in self._active:
            del self._parties[identity]

    def _count(self, by: int) -> None:
        self._in_flight += by

    def _give_back(self, place: "Place") -> None:
        if place.party is not None:
            place.party.admitted -= 1
        self._pace.note_end(self._in_flight)
        self._count(-1)
        self._typical_seconds += 0.1 * (time.monotonic() - place.since - self._typical_seconds)

    def _delay(self) -> float:
        return min(_LONGEST_DELAY, max(0.1, self._typical_seconds))

    def _next_turn(self) -> float:
        """Seconds until a caller that is turned away should come back: each one after those told before.

        So they come as fast as the service answers, and not all at once, to be turned away again.
        """
        now = time.monotonic()
        self._last_turn = min(max(self._last_turn, now + self._delay()) + self._pace.seconds, now + _LONGEST_DELAY)
        return self._last_turn - now
