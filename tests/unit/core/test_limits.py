"""Admission, the memory budget and the executor."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.call import Call, Stage, serving
from sensorium_core.errors import DeadlineExceededError, OverloadedError
from sensorium_core.limits import Admission, BoundedExecutor, MemoryBudget
from sensorium_core.telemetry import Metrics
from unit.core.support import Gate, sample, until


class TestAdmission:
    async def test_places_are_taken_and_freed(self, metrics: Metrics) -> None:
        admission = Admission(2, metrics)
        async with admission.slot(), admission.slot():
            assert admission.in_flight == 2
            with pytest.raises(OverloadedError) as caught:
                await admission.slot().__aenter__()
            assert caught.value.retry_delay == pytest.approx(0.1)
        assert (admission.in_flight, sample(metrics, "sensorium_in_flight_requests")) == (0, 0)
        assert sample(metrics, "sensorium_rejected_total", reason="admission") == 1

    async def test_an_error_frees_the_place(self, metrics: Metrics) -> None:
        admission = Admission(1, metrics)
        with pytest.raises(KeyError):
            async with admission.slot():
                raise KeyError
        assert admission.in_flight == 0

    @pytest.mark.parametrize(("seconds", "told"), [(1.0, (0.1, 1.0)), (1000.0, (5.0, 5.0))])
    async def test_the_told_delay_grows_with_the_time_that_requests_take(
        self, metrics: Metrics, monkeypatch: pytest.MonkeyPatch, seconds: float, told: tuple[float, float]
    ) -> None:
        clock = Clock()
        monkeypatch.setattr(time, "monotonic", clock)
        admission = Admission(1, metrics)
        async with admission.slot():
            clock.now += seconds
        async with admission.slot():
            with pytest.raises(OverloadedError) as caught:
                await admission.slot().__aenter__()
        assert told[0] <= (caught.value.retry_delay or 0) <= told[1]

    async def test_those_who_are_turned_away_are_told_to_come_back_one_after_the_other(
        self, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = Clock()
        monkeypatch.setattr(time, "monotonic", clock)
        admission = Admission(8, metrics)
        places = [await admission.enter() for _ in range(8)]
        for _ in range(100):  # it answers fifty a second
            clock.now += 0.02
            admission.leave(places.pop(0))
            places.append(await admission.enter())

        async def told() -> float:
            with pytest.raises(OverloadedError) as caught:
                await admission.enter()
            return caught.value.retry_delay or 0

        first = await told()
        assert [await told() - first for _ in range(3)] == pytest.approx([0.02, 0.04, 0.06])
        clock.now += 0.06
        assert await told() == pytest.approx(first + 0.02), "as time passes, their turns come nearer"
        assert max([await told() for _ in range(1000)]) == pytest.approx(5.0)
        clock.now += 60.0
        assert await told() == pytest.approx(first), "nobody waits for those who have had their turn"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TestMemoryBudget:
    async def test_what_fits_enters_at_once_and_the_rest_in_its_order(self, metrics: Metrics) -> None:
        budget, order = MemoryBudget(10, metrics), []

        async def use(name: str, size: int, gate: Gate) -> None:
            async with budget.hold(size):
                order.append(name)
                await gate()

        first, rest = Gate(), Gate()
        tasks = [asyncio.create_task(use("a", 8, first))]
        await first.reached()
        tasks += [asyncio.create_task(use(name, size, rest)) for name, size in (("b", 5), ("c", 2), ("d", 4))]
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == ["a"]  # c would fit, and does not overtake b
        assert sample(metrics, "sensorium_in_flight_bytes") == 8
        first.open.set()
        await rest.reached(2)
        assert order == ["a", "b", "c"]
        rest.open.set()
        await asyncio.gather(*tasks)
        assert order == ["a", "b", "c", "d"]
        assert sample(metrics, "sensorium_in_flight_bytes") == 0

    async def test_more_than_the_whole_is_served_alone(self, metrics: Metrics) -> None:
        budget = MemoryBudget(10, metrics)
        async with budget.hold(100):
            waiting = asyncio.create_task(_hold(budget, 1))
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting

    async def test_a_wait_ends_with_the_deadline(self, metrics: Metrics) -> None:
        budget = MemoryBudget(10, metrics)
        async with budget.hold(10):
            with serving(Call(deadline=time.monotonic() + 0.01)), pytest.raises(DeadlineExceededError):
                await _hold(budget, 1)
        await _is_whole(budget, metrics)

    async def test_a_call_past_its_deadline_takes_nothing(self, metrics: Metrics) -> None:
        budget = MemoryBudget(10, metrics)
        async with budget.hold(10):
            with serving(Call(deadline=time.monotonic() - 1)), pytest.raises(DeadlineExceededError):
                await _hold(budget, 1)
        await _is_whole(budget, metrics)

    async def test_a_cancelled_wait_lets_those_behind_it_go_on(self, metrics: Metrics) -> None:
        budget, gate = MemoryBudget(10, metrics), Gate()
        async with budget.hold(4):
            large = asyncio.create_task(_hold(budget, 9))
            small = asyncio.create_task(_hold(budget, 6, gate))
            await asyncio.sleep(0)
            large.cancel()
            await gate.reached()
        gate.open.set()
        await small
        with pytest.raises(asyncio.CancelledError):
            await large
        await _is_whole(budget, metrics)

    async def test_one_that_is_cancelled_in_the_moment_it_gets_room_gives_it_back(self, metrics: Metrics) -> None:
        budget = MemoryBudget(10, metrics)
        async with budget.hold(10):
            waiting = asyncio.create_task(_hold(budget, 10))
            await asyncio.sleep(0)
        waiting.cancel()  # it has its room, and has not run since
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await _is_whole(budget, metrics)

    async def test_an_error_in_the_block_frees_the_bytes(self, metrics: Metrics) -> None:
        budget = MemoryBudget(10, metrics)
        with pytest.raises(KeyError):
            async with budget.hold(10):
                raise KeyError
        await _is_whole(budget, metrics)


async def _hold(budget: MemoryBudget, size: int, gate: Gate | None = None) -> None:
    async with budget.hold(size):
        if gate is not None:
            await gate()


async def _is_whole(budget: MemoryBudget, metrics: Metrics) -> None:
    assert sample(metrics, "sensorium_in_flight_bytes") == 0
    async with asyncio.timeout(1), budget.hold(10):
        pass


@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 5), st.integers(0, 4), st.booleans()), min_size=1, max_size=20
    )
)
def test_a_budget_is_never_passed_and_nobody_starves(requests: list[tuple[int, int, int, bool]]) -> None:
    """Each request: its size, loop turns it comes later, loop turns it holds, whether it is cancelled on its way."""
    limit, metrics = 10, Metrics()

    async def run() -> None:
        budget, held = MemoryBudget(limit, metrics), []

        async def use(size: int, delay: int, turns: int) -> None:
            for _ in range(delay):
                await asyncio.sleep(0)
            async with budget.hold(size):
                held.append(size)
                try:
                    assert sum(held) <= limit or len([one for one in held if one]) == 1
                    assert sum(held) <= sample(metrics, "sensorium_in_flight_bytes")
                    for _ in range(turns):
                        await asyncio.sleep(0)
                finally:
                    held.remove(size)

        tasks = [asyncio.create_task(use(size, delay, turns)) for size, delay, turns, _ in requests]
        for _ in range(3):
            await asyncio.sleep(0)
        for task, (_, _, _, cancelled) in zip(tasks, requests, strict=True):
            if cancelled:
                task.cancel()
        async with asyncio.timeout(5):
            results = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [result for result in results if isinstance(result, Exception)]
        assert sample(metrics, "sensorium_in_flight_bytes") == 0

    asyncio.run(run())


class TestBoundedExecutor:
    @pytest.fixture
    def executor(self, metrics: Metrics) -> Iterator[BoundedExecutor]:
        with BoundedExecutor(1, 2, metrics) as executor:
            yield executor

    async def test_work_runs_in_a_thread_and_its_time_counts(self, executor: BoundedExecutor) -> None:
        with serving(Call()) as call:
            name = await executor.run(Stage.PREPROCESS, lambda: threading.current_thread().name)
        assert name.startswith("sensorium-work")
        assert list(call.stages) == [Stage.PREPROCESS]

    async def test_arguments_and_errors_pass(self, executor: BoundedExecutor) -> None:
        assert await executor.run(Stage.DECODE, int, "ff", base=16) == 255
        with pytest.raises(ValueError, match="invalid literal"):
            await executor.run(Stage.DECODE, int, "no number")

    async def test_one_job_too_many_is_turned_away(self, executor: BoundedExecutor, metrics: Metrics) -> None:
        go = threading.Event()
        jobs = [asyncio.create_task(executor.run(Stage.DECODE, go.wait)) for _ in range(3)]
        await until(lambda: sample(metrics, "sensorium_executor_depth") == 3)
        with pytest.raises(OverloadedError) as caught:
            await executor.run(Stage.DECODE, go.wait)
        assert caught.value.reason == "OVERLOADED"
        assert sample(metrics, "sensorium_rejected_total", reason="executor") == 1
        go.set()
        assert await asyncio.gather(*jobs) == [True] * 3
        await until(lambda: sample(metrics, "sensorium_executor_depth") == 0)
        assert await executor.run(Stage.DECODE, go.wait)

    async def test_a_cancelled_job_that_waits_never_runs(self, executor: BoundedExecutor, metrics: Metrics) -> None:
        ran: list[str] = []
        go = threading.Event()
        first = asyncio.create_task(executor.run(Stage.DECODE, go.wait))
        second = asyncio.create_task(executor.run(Stage.DECODE, ran.append, "second"))
        await until(lambda: sample(metrics, "sensorium_executor_depth") == 2)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        await until(lambda: sample(metrics, "sensorium_executor_depth") == 1)
        go.set()
        await first
        await executor.run(Stage.DECODE, ran.append, "third")
        assert ran == ["third"]

    async def test_a_cancelled_job_that_runs_keeps_its_place(self, executor: BoundedExecutor, metrics: Metrics) -> None:
        began, go = threading.Event(), threading.Event()

        def work() -> None:
            began.set()
            go.wait()

        job = asyncio.create_task(executor.run(Stage.DECODE, work))
        await until(began.is_set)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert sample(metrics, "sensorium_executor_depth") == 1
        go.set()
        await until(lambda: sample(metrics, "sensorium_executor_depth") == 0)
