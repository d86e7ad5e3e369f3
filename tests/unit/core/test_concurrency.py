"""Doing several things at once, bounded, and with no task left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.concurrency import ordered_window, together
from unit.core.support import Gate, until


async def running_tasks() -> int:
    return len(asyncio.all_tasks()) - 1


async def value(result: object) -> object:
    await asyncio.sleep(0)
    return result


async def failing(error: BaseException) -> None:
    await asyncio.sleep(0)
    raise error


class TestTogether:
    async def test_results_come_in_order(self) -> None:
        assert await together(value(1), value("two"), value(None)) == (1, "two", None)
        assert await together() == ()

    async def test_the_work_runs_side_by_side(self) -> None:
        gate = Gate()
        waiting = asyncio.gather(gate.reached(3), together(gate(), gate(), gate()), self._open_at(gate, 3))
        await asyncio.wait_for(waiting, 5)

    async def _open_at(self, gate: Gate, count: int) -> None:
        await gate.reached(count)
        await asyncio.sleep(0)
        gate.open.set()

    async def test_the_first_error_is_raised_and_cancels_the_rest(self) -> None:
        gate = Gate()
        with pytest.raises(KeyError, match="one"):
            await together(gate(), failing(KeyError("one")), gate())
        assert [type(error) for error in gate.ended] == [asyncio.CancelledError] * 2
        assert await running_tasks() == 0

    async def test_an_error_keeps_its_cause_and_gets_no_group(self) -> None:
        async def fail() -> None:
            raise ValueError("effect") from OSError("cause")

        with pytest.raises(ValueError, match="effect") as caught:
            await together(fail(), value(1))
        assert repr(caught.value.__cause__) == "OSError('cause')"
        assert not isinstance(caught.value.__context__, BaseExceptionGroup)

    async def test_nested_errors_come_out_plain(self) -> None:
        with pytest.raises(KeyError):
            await together(together(failing(KeyError()), value(1)), value(2))

    async def test_cancelling_it_cancels_the_work(self) -> None:
        gate = Gate()
        task = asyncio.create_task(together(gate(), gate()))
        await gate.reached(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(gate.ended) == 2
        assert await running_tasks() == 0

    async def test_a_deadline_around_it_is_a_timeout(self) -> None:
        gate = Gate()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await together(gate(), gate())
        assert gate.waiting == 0

    async def test_a_deadline_that_passes_after_an_error_is_a_timeout(self) -> None:
        async def fail_and_wait() -> None:
            async with asyncio.timeout(0.01):
                with pytest.raises(KeyError):
                    await together(failing(KeyError()), value(1))
                await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await fail_and_wait()

    async def test_work_that_takes_its_time_to_end_is_waited_for(self) -> None:
        gate, last = Gate(), asyncio.Event()

        async def slow_to_end() -> None:
            try:
                await gate()
            finally:
                await last.wait()

        task = asyncio.create_task(together(slow_to_end(), slow_to_end()))
        await gate.reached(2)
        task.cancel()
        await until(lambda: gate.waiting == 0)
        last.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await running_tasks() == 0


class Source:
    """A stream of numbers that counts what was read of it and knows whether it was closed."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.read = 0
        self.closed = False

    async def items(self) -> AsyncIterator[int]:
        try:
            for number in range(self.count):
                self.read += 1
                yield number
            if self.error is not None:
                raise self.error
        finally:
            await asyncio.sleep(0)
            self.closed = True


@given(
    st.lists(st.integers(0, 6), max_size=25),
    st.integers(1, 6),
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
)
def test_a_window_keeps_order_and_bound(delays: list[int], window: int, reading: list[int]) -> None:
    async def run() -> None:
        source, running, most = Source(len(delays)), 0, 0

        async def work(number: int, item: int) -> int:
            nonlocal running, most
            assert number == item
            running += 1
            most = max(most, running)
            for _ in range(delays[item]):
                await asyncio.sleep(0)
            running -= 1
            return item * 10

        results: list[int] = []
        async for result in ordered_window(source.items(), work, window):
            results.append(result)
            # what was read and not yet taken, the one in the reader's hand included
            assert source.read - len(results) < window
            for _ in range(reading[len(results) % len(reading)]):
                await asyncio.sleep(0)
        assert results == [number * 10 for number in range(len(delays))]
        assert most <= window
        assert source.closed
        assert await running_tasks() == 0

    asyncio.run(run())


class TestOrderedWindow:
    async def test_a_slow_reader_stops_the_reading_of_items(self) -> None:
        source, gate = Source(100), Gate()
        gate.open.set()

        async def work(number: int, item: int) -> int:
            await gate()
            return item

        async with aclosing(ordered_window(source.items(), work, 3)) as results:
            assert await anext(results) == 0
            await until(lambda: source.read == 3 and gate.waiting == 0)
            for _ in range(50):
                await asyncio.sleep(0)
            assert source.read == 3
            assert await anext(results) == 1
        assert source.closed

    async def test_closing_it_early_cancels_the_work_and_closes_the_source(self) -> None:
        source, gate = Source(100), Gate()

        async def work(number: int, item: int) -> int:
            if item:
                await gate()
            return item

        async with aclosing(ordered_window(source.items(), work, 4)) as results:
            assert await anext(results) == 0
            await gate.reached(3)
        assert [type(error) for error in gate.ended] == [asyncio.CancelledError] * 3
        assert source.closed
        assert await running_tasks() == 0

    async def test_cancelling_its_reader_cancels_the_work(self) -> None:
        source, gate = Source(100), Gate()

        async def work(number: int, item: int) -> None:
            await gate()

        async def read() -> None:
            async with aclosing(ordered_window(source.items(), work, 4)) as results:
                async for _ in results:
                    raise AssertionError

        task = asyncio.create_task(read())
        await gate.reached(4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(gate.ended) == 4
        assert source.closed
        assert await running_tasks() == 0

    async def test_an_error_of_the_source_comes_after_the_results_before_it(self) -> None:
        source = Source(2, KeyError("source"))

        async def work(number: int, item: int) -> int:
            return number

        results = ordered_window(source.items(), work, 4)
        assert [await anext(results), await anext(results)] == [0, 1]
        with pytest.raises(KeyError, match="source"):
            await anext(results)
        assert await running_tasks() == 0

    async def test_an_error_of_the_work_is_raised_as_it_is(self) -> None:
        async def work(number: int, item: int) -> int:
            if item == 1:
                raise KeyError("work")
            return item

        async with aclosing(ordered_window(Source(5).items(), work, 1)) as results:
            assert await anext(results) == 0
            with pytest.raises(KeyError, match="work"):
                await anext(results)
        assert await running_tasks() == 0

    async def test_an_empty_source_gives_nothing(self) -> None:
        async def work(number: int, item: int) -> int:
            raise AssertionError

        assert [result async for result in ordered_window(Source(0).items(), work, 2)] == []
