"""Blocks that end when a moment has passed."""

from __future__ import annotations

import asyncio
import time

import pytest

from sensorium_core.deadlines import Deadline, _alarms_of

SOON, LATE = 0.005, 60.0


def after(seconds: float) -> Deadline:
    return Deadline(time.monotonic() + seconds)


async def test_a_block_ends_when_its_moment_has_passed_and_not_before() -> None:
    scope = after(SOON)
    with pytest.raises(TimeoutError):
        async with scope:
            await asyncio.Event().wait()
    assert scope.moment is not None
    assert time.monotonic() >= scope.moment


async def test_a_block_that_ends_first_is_not_bothered() -> None:
    async with after(SOON):
        pass
    await asyncio.sleep(2 * SOON)  # its moment passes, and nobody is cancelled


async def test_of_many_each_ends_at_its_own_moment_whatever_their_order() -> None:
    ends: list[int] = []

    async def end(place: int, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            async with after(seconds):
                await asyncio.Event().wait()
        ends.append(place)

    delays = (9, 3, 6, 1)
    async with asyncio.timeout(LATE):
        await asyncio.gather(*(end(place, delay * 4 * SOON) for place, delay in enumerate(delays)))
    assert ends == sorted(range(4), key=delays.__getitem__)


async def test_the_inner_of_two_blocks_does_not_end_for_the_outer_ones_moment() -> None:
    async def work() -> None:
        async with after(SOON):
            try:
                async with after(LATE):
                    await asyncio.Event().wait()
            except TimeoutError:
                raise AssertionError("the inner block has not come to its end") from None

    with pytest.raises(TimeoutError):
        await work()


async def test_a_cancellation_that_comes_as_well_stays_one() -> None:
    async def work() -> None:
        async with after(SOON):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                task.cancel()
                raise

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_another_error_in_the_moment_of_the_end_stays_what_it_is() -> None:
    async def work() -> None:
        async with after(SOON):
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("own")

    with pytest.raises(ValueError, match="own"):
        await work()


async def test_a_task_can_be_cancelled_as_usual_after_a_block_that_rang() -> None:
    async def work() -> int:
        with pytest.raises(TimeoutError):
            async with after(SOON):
                await asyncio.Event().wait()
        current = asyncio.current_task()
        assert current is not None
        return current.cancelling()

    assert await asyncio.create_task(work()) == 0


async def test_what_has_ended_is_soon_forgotten() -> None:
    for _ in range(1000):
        async with after(LATE):
            pass
    assert len(_alarms_of(asyncio.get_running_loop())._waiting) < 200


async def test_no_moment_means_no_end() -> None:
    async with Deadline(None):
        await asyncio.sleep(0)
