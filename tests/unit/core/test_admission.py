"""Fair admission: shares of places and of work, quotas, and who is let go on when. No clock but the test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core import admission as admissions
from sensorium_core.admission import Admission
from sensorium_core.call import Call, serving
from sensorium_core.errors import OverloadedError, QuotaExceededError
from sensorium_core.quotas import Meter
from sensorium_core.security.access import Access
from sensorium_core.security.identity import Credential, Identity, IdentityKind
from sensorium_core.security.policy import Policy, Quota, parse
from sensorium_core.telemetry import Metrics
from unit.core.support import sample


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


class Plant:
    """Callers of one admission; notes in which order their calls are worked on."""

    def __init__(self, admission: Admission, quotas: str = "") -> None:
        self.admission = admission
        self.policy = parse_policy(quotas)
        self.began: list[str] = []
        self.running: dict[str, list[asyncio.Event]] = {}
        self.tasks: list[asyncio.Task[None]] = []

    @contextmanager
    def as_(self, name: str) -> Iterator[Call]:
        """Inside a call of an identity."""
        credential = Credential(Identity(name, IdentityKind.API_KEY), lambda: None)
        with serving(Call(access=Access(credential, lambda: self.policy, "/sensorium.x.Y/Z"))) as call:
            yield call

    async def call(self, name: str, times: int = 1) -> None:
        """Begins calls, each of which is worked on until the test ends it."""

        async def work() -> None:
            with self.as_(name):
                async with self.admission.slot():
                    self.began.append(name)
                    end = asyncio.Event()
                    self.running.setdefault(name, []).append(end)
                    await end.wait()

        self.tasks += [asyncio.create_task(work()) for _ in range(times)]
        await settle()

    async def end(self, name: str, times: int = 1) -> None:
        """Ends the oldest of the calls that are worked on."""
        for _ in range(times):
            self.running[name].pop(0).set()
            await settle()

    def at_work(self, name: str) -> int:
        return len(self.running.get(name, ()))

    async def over(self) -> None:
        """Ends everything, and checks that nothing is left of it."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        assert self.admission.in_flight == 0

    def errors(self) -> list[BaseException]:
        return [error for task in self.tasks if task.done() and (error := task.exception())]


def parse_policy(quotas: str) -> Policy:
    return parse(f'[[allow]]\nidentities = ["*"]\nmethods = ["*"]\nmodels = ["*"]\n{quotas}'.encode())


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class TestShares:
    async def test_one_caller_alone_has_the_whole_service(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics, parallel=8, shared=2))
        await plant.call("hog", 20)
        assert plant.at_work("hog") == 8
        assert sample(metrics, "sensorium_waiting_requests") == 12
        await plant.end("hog", 3)
        assert plant.at_work("hog") == 8
        assert plant.admission.in_flight == 17
        await plant.over()
        assert sample(metrics, "sensorium_waiting_requests") == 0

    async def test_a_newcomer_is_worked_on_at_once_and_the_hog_falls_back_to_its_share(
        self, metrics: Metrics, clock: Clock
    ) -> None:
        plant = Plant(Admission(100, metrics, parallel=8, shared=2))
        await plant.call("hog", 40)
        await plant.call("quiet")
        assert plant.at_work("quiet") == 1
        await plant.end("hog", 7)
        assert plant.at_work("hog") == 1  # nothing new of it was begun
        await plant.end("hog")
        assert plant.at_work("hog") == 1
        await plant.over()

    async def test_while_both_call_each_call_of_the_quiet_one_begins_before_any_of_the_hogs_that_wait(
        self, metrics: Metrics, clock: Clock
    ) -> None:
        plant = Plant(Admission(100, metrics, parallel=8, shared=2))
        await plant.call("quiet")
        await plant.end("quiet")
        await plant.call("hog", 40)
        plant.began.clear()
        for _ in range(10):
            await plant.call("quiet")
            await plant.end("hog")
            await plant.end("quiet")
            clock.now += 0.1
        assert plant.began == ["quiet", "hog"] * 10
        await plant.over()

    async def test_the_hog_has_the_service_again_when_the_other_has_gone(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics, parallel=8, shared=2))
        await plant.call("quiet")
        await plant.call("hog", 20)
        assert plant.at_work("hog") == 1
        await plant.end("quiet")
        clock.now += 9
        await plant.end("hog")
        assert plant.at_work("hog") == 1  # the quiet one may be back any moment
        clock.now += 2
        await plant.end("hog")
        assert plant.at_work("hog") == 8
        await plant.over()

    async def test_a_long_call_keeps_its_callers_share(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics, parallel=8, shared=2))
        await plant.call("quiet")
        await plant.call("hog", 5)
        for _ in range(3):
            clock.now += 60
            await plant.end("hog")
            assert plant.at_work("hog") == 1
        await plant.over()

    async def test_weights_divide_the_work(self, metrics: Metrics, clock: Clock) -> None:
        quotas = '[[quota]]\nidentities = ["key:big"]\nweight = 3\n'
        plant = Plant(Admission(100, metrics, parallel=32, shared=8), quotas)
        await plant.call("small")
        await plant.call("big", 20)
        await plant.call("small", 20)
        assert (plant.at_work("small"), plant.at_work("big")) == (2, 6)
        await plant.over()

    async def test_each_of_very_many_callers_has_one_call_at_work(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(1000, metrics, parallel=8, shared=2))
        names = [f"cell-{number}" for number in range(50)]
        for name in names:
            await plant.call(name, 2)
        assert plant.at_work(names[0]) == 2  # begun while it was alone
        assert {plant.at_work(name) for name in names[1:]} == {1}
        await plant.over()

    async def test_without_identities_nobody_waits(self, metrics: Metrics) -> None:
        admission = Admission(50, metrics, parallel=1, shared=1)
        async with admission.slot(), admission.slot(), admission.slot():
            assert admission.in_flight == 3


class TestPlaces:
    async def test_a_hog_leaves_places_for_others(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(16, metrics, parallel=4, shared=2))
        await plant.call("hog", 20)
        assert plant.admission.in_flight == 14
        assert [type(error) for error in plant.errors()] == [OverloadedError] * 6
        await plant.call("quiet", 2)
        assert plant.at_work("quiet") == 1
        assert plant.admission.in_flight == 16
        await plant.over()
        assert sample(metrics, "sensorium_rejected_total", reason="admission") == 6

    async def test_places_that_are_freed_go_to_those_below_their_share(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(16, metrics, parallel=4, shared=2))
        await plant.call("hog", 14)
        await plant.call("quiet")
        await plant.end("hog", 4)
        await plant.call("hog")
        assert [type(error) for error in plant.errors()] == [OverloadedError]
        await plant.call("quiet", 5)
        assert len(plant.errors()) == 1
        await plant.over()


class TestWaiting:
    async def test_a_cancelled_wait_leaves_no_trace(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics, parallel=1, shared=1))
        await plant.call("hog", 3)
        plant.tasks[1].cancel()
        await settle()
        assert plant.admission.in_flight == 2
        await plant.end("hog")
        assert plant.at_work("hog") == 1
        await plant.over()

    async def test_a_turn_that_comes_in_the_moment_of_the_cancellation_goes_to_the_next(
        self, metrics: Metrics, clock: Clock
    ) -> None:
        plant = Plant(Admission(100, metrics, parallel=1, shared=1))
        await plant.call("hog", 3)
        plant.running["hog"].pop(0).set()
        await asyncio.sleep(0)  # the first call ends and gives its turn to the second, which has not woken yet
        plant.tasks[1].cancel()
        await settle()
        assert plant.at_work("hog") == 1
        await plant.end("hog")
        assert plant.admission.in_flight == 0

    async def test_an_error_ends_the_turn(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics, parallel=1, shared=1))
        with plant.as_("a"):
            for _ in range(3):
                with pytest.raises(KeyError):
                    async with plant.admission.slot():
                        raise KeyError
        assert plant.admission.in_flight == 0


class TestMemory:
    async def test_callers_that_have_gone_are_forgotten(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics))
        for number in range(100):
            with plant.as_(f"cell-{number}"):
                async with plant.admission.slot():
                    clock.now += 20
        assert len(plant.admission._parties) < 10
        assert len(plant.admission._active) <= 2

    async def test_callers_remembered_are_bounded(
        self, metrics: Metrics, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(admissions, "_MOST_PARTIES", 5)
        plant = Plant(Admission(100, metrics))
        for number in range(50):
            with plant.as_(f"cell-{number}"):
                async with plant.admission.slot():
                    clock.now += 11
        assert len(plant.admission._parties) <= 6


class TestCrowds:
    async def test_a_few_calls_are_no_crowd_and_a_service_without_places_always_is(
        self, metrics: Metrics, clock: Clock
    ) -> None:
        assert Admission(0, metrics).is_crowded()
        plant = Plant(Admission(100, metrics, parallel=32))
        await plant.call("a", 7)
        assert not plant.admission.is_crowded()
        await plant.call("a")
        assert plant.admission.is_crowded()
        await plant.over()

    async def test_to_check_takes_no_place_and_no_quota(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(4, metrics), '[[quota]]\nidentities = ["*"]\nrequests_per_second = 4')
        with plant.as_("a"):
            for _ in range(10):
                plant.admission.check()
        assert plant.admission.in_flight == 0
        await plant.call("a", 4)
        with plant.as_("a"), pytest.raises(QuotaExceededError):
            plant.admission.check()
        with plant.as_("b"), pytest.raises(OverloadedError):
            plant.admission.check()
        with serving(Call()), pytest.raises(OverloadedError):
            plant.admission.check()
        await plant.over()


class TestQuotas:
    async def refusal(self, plant: Plant, name: str, size: int = 0) -> QuotaExceededError:
        with plant.as_(name), pytest.raises(QuotaExceededError) as caught:
            await plant.admission.slot(size).__aenter__()
        return caught.value

    async def use(self, plant: Plant, name: str, times: int = 1, size: int = 0) -> None:
        with plant.as_(name):
            for _ in range(times):
                async with plant.admission.slot(size):
                    pass

    async def test_requests_per_second(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics), '[[quota]]\nidentities = ["*"]\nrequests_per_second = 4')
        await self.use(plant, "a", 4)
        refused = await self.refusal(plant, "a")
        assert (refused.reason, refused.retry_delay) == ("QUOTA_REQUESTS", 0.25)
        assert refused.metadata == {"requests_per_second": "4"}
        await self.use(plant, "b", 4)  # has a quota of its own
        clock.now += 0.25
        await self.use(plant, "a")
        await self.refusal(plant, "a")
        clock.now += 100
        await self.use(plant, "a", 4)
        await self.refusal(plant, "a")
        assert sample(metrics, "sensorium_rejected_total", reason="quota_requests") == 3

    async def test_a_burst_and_a_rate_below_one(self, metrics: Metrics, clock: Clock) -> None:
        quotas = '[[quota]]\nidentities = ["key:a"]\nrequests_per_second = 1\nburst = 10\n'
        quotas += '[[quota]]\nidentities = ["key:b"]\nrequests_per_second = 0.1'
        plant = Plant(Admission(100, metrics), quotas)
        await self.use(plant, "a", 10)
        assert (await self.refusal(plant, "a")).retry_delay == 1
        await self.use(plant, "b")
        assert (await self.refusal(plant, "b")).retry_delay == pytest.approx(10)

    async def test_concurrent_calls(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics), '[[quota]]\nidentities = ["*"]\nconcurrent_calls = 2')
        await plant.call("a", 3)
        (error,) = plant.errors()
        assert isinstance(error, QuotaExceededError)
        assert (error.reason, error.retry_delay) == ("QUOTA_CONCURRENCY", 0.1)
        await plant.end("a")
        await plant.call("a")
        assert len(plant.errors()) == 1
        await plant.over()

    async def test_bytes_per_minute(self, metrics: Metrics, clock: Clock) -> None:
        plant = Plant(Admission(100, metrics), '[[quota]]\nidentities = ["*"]\nbytes_per_minute = 600')
        await self.use(plant, "a", size=500)
        await self.use(plant, "a", size=700)  # more than is left, and than a whole minute's
        refused = await self.refusal(plant, "a", 1)
        assert refused.reason == "QUOTA_BYTES"
        assert refused.retry_delay == pytest.approx(60.1)
        clock.now += 60.1
        await self.use(plant, "a", size=1)

    async def test_the_bytes_of_a_stream_count_and_its_items_are_refused_before_it_ends(
        self, metrics: Metrics, clock: Clock
    ) -> None:
        plant = Plant(Admission(100, metrics), '[[quota]]\nidentities = ["*"]\nbytes_per_minute = 600')
        with plant.as_("a") as call:
            call.meter = plant.admission.meter()
            call.receive(500)
            async with plant.admission.slot():
                pass
            call.receive(200)
            with pytest.raises(QuotaExceededError) as caught:
                await plant.admission.slot().__aenter__()
            assert caught.value.reason == "QUOTA_BYTES"
            call.receive(600)
            with pytest.raises(QuotaExceededError):
                call.receive(1)

    async def test_a_refused_call_takes_nothing(self, metrics: Metrics, clock: Clock) -> None:
        quotas = '[[quota]]\nidentities = ["*"]\nrequests_per_second = 2\nbytes_per_minute = 60'
        plant = Plant(Admission(100, metrics), quotas)
        await self.use(plant, "a", 2, size=10)
        for _ in range(10):
            await self.refusal(plant, "a", 1000)
        clock.now += 1
        await self.use(plant, "a", 2)

    async def test_another_policy_with_the_same_quota_gives_nothing_back(self, metrics: Metrics, clock: Clock) -> None:
        quotas = '[[quota]]\nidentities = ["*"]\nrequests_per_second = 2'
        plant = Plant(Admission(100, metrics), quotas)
        await self.use(plant, "a", 2)
        plant.policy = parse_policy(quotas)
        await self.refusal(plant, "a")
        plant.policy = parse_policy(quotas.replace("2", "3"))
        await self.use(plant, "a", 3)
        await self.refusal(plant, "a")
        plant.policy = parse_policy("")
        await self.use(plant, "a", 100)


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 300)), max_size=60))
def test_no_quota_is_passed_over_a_longer_time(steps: list[tuple[float, int]]) -> None:
    """Whatever the pattern: no more than the burst and what the time gives; of bytes one message more."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock)
        meter = Meter(Quota(requests_per_second=2, burst=3, bytes_per_minute=600))
        start, requests, sent = clock.now, 0, 0
        for pause, size in steps:
            clock.now += pause
            try:
                meter.check(0, 0.1)
            except QuotaExceededError:
                continue
            meter.take(size)
            requests, sent = requests + 1, sent + size
        passed = clock.now - start
        assert requests <= 3 + 2 * passed + 1e-6
        assert sent <= 600 + 10 * passed + 300 + 1e-6


class TestDeadlines:
    EACH = 0.05

    async def _busy(self, admission: Admission, clock: Clock, places: int, **call: Call) -> None:
        """Work of which `places` are always under way, and one ends in each `EACH` seconds."""
        with serving(call.get("call", Call())):
            held = [await admission.enter() for _ in range(places)]
            for _ in range(50):
                clock.now += self.EACH
                admission.leave(held.pop(0))
                held.append(await admission.enter())

    async def test_a_call_that_would_be_late_is_refused_at_once(self, metrics: Metrics, clock: Clock) -> None:
        admission = Admission(100, metrics)
        await self._busy(admission, clock, 20)  # a second's work
        with serving(Call(deadline=clock.now + 1)), pytest.raises(OverloadedError, match="deadline"):
            await admission.enter()
        with serving(Call(deadline=clock.now + 3)):
            await admission.enter()
        assert sample(metrics, "sensorium_rejected_total", reason="deadline") == 1

    async def test_a_quiet_caller_is_not_refused_for_the_work_of_another(self, metrics: Metrics, clock: Clock) -> None:
        admission = Admission(100, metrics, parallel=100, shared=2)
        plant = Plant(admission)
        with plant.as_("hog") as call:
            await self._busy(admission, clock, 20, call=call)
        with plant.as_("quiet") as call:
            call.deadline = clock.now + 1
            await admission.enter()
