"""The call that is being served."""

from __future__ import annotations

import asyncio
import time

import pytest

from sensorium_core.call import Call, Stage, current_call, current_call_id, deadline_scope, serving
from sensorium_core.errors import DeadlineExceededError


def test_outside_of_a_call_there_is_a_fresh_one_without_deadline() -> None:
    assert current_call().remaining() is None
    assert current_call().request_id != current_call().request_id
    assert current_call_id() == ""


def test_a_call_is_current_within_its_block_and_calls_nest() -> None:
    with serving(Call(request_id="outer")):
        with serving(Call(request_id="inner")) as inner:
            assert current_call() is inner
        assert current_call_id() == "outer"
    assert current_call_id() == ""


async def test_tasks_started_in_the_block_see_the_call() -> None:
    async def tell() -> str:
        return current_call_id()

    with serving(Call(request_id="r")):
        task = asyncio.create_task(tell())
    assert await task == "r"
    assert await tell() == ""


def test_stages_add_up() -> None:
    call = Call()
    call.spend(Stage.DECODE, 0.5)
    call.spend(Stage.DECODE, 0.25)
    with call.measure(Stage.POSTPROCESS):
        pass
    assert call.stages[Stage.DECODE] == 0.75
    assert 0 <= call.stages[Stage.POSTPROCESS] < 0.5


def test_a_stage_counts_even_when_it_fails() -> None:
    call = Call()
    with pytest.raises(ValueError, match="x"), call.measure(Stage.DECODE):
        raise ValueError("x")
    assert Stage.DECODE in call.stages


def test_remaining_counts_down_and_ends_in_an_error() -> None:
    assert 4 < (Call(deadline=time.monotonic() + 5).remaining() or 0) <= 5
    with pytest.raises(DeadlineExceededError):
        Call(deadline=time.monotonic()).remaining()


async def test_a_scope_ends_at_the_deadline() -> None:
    with pytest.raises(TimeoutError):
        async with deadline_scope(Call(deadline=time.monotonic() + 0.01)):
            await asyncio.Event().wait()


async def test_a_scope_without_deadline_never_ends() -> None:
    async with deadline_scope(Call()) as scope:
        assert scope.moment is None


async def test_a_scope_past_its_deadline_is_never_entered() -> None:
    with pytest.raises(DeadlineExceededError):
        async with deadline_scope(Call(deadline=time.monotonic() - 1)):
            raise AssertionError
