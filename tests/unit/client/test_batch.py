from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import InvalidInputError, RequestContext, Result, Timings, UnavailableError
from sensorium_client.cli._batch import AHEAD, Batch, Input, Outcome, UnreachableError

CLIENT: Any = None  # these questions are answered without one
NONE = timedelta()


def result(name: str) -> Result:
    timings = Timings(NONE, NONE, NONE, NONE, NONE, NONE)
    return Result(context=RequestContext(part_id=name), models=(), timings=timings, message=pb.ClassifyResponse())


async def given(data: str) -> str:
    return data


def inputs(count: int, taken: list[int]) -> Iterator[Input[str, Result]]:
    for i in range(count):
        taken.append(i)
        yield Input(str(i), functools.partial(given, str(i)))


def told(outcome: Outcome[Result]) -> str:
    return outcome.name if outcome.result is None else outcome.result.context.part_id


async def test_a_slow_input_holds_up_a_bounded_number_of_others() -> None:
    taken: list[int] = []
    done = 0
    all_but_the_slow_one, slow = asyncio.Event(), asyncio.Event()
    window = 2 * AHEAD

    def advance() -> None:
        nonlocal done
        done += 1
        if done == window - 1:
            all_but_the_slow_one.set()

    async def ask(_: Any, data: str) -> Result:
        if data == "0":
            await slow.wait()
        return result(data)

    outcomes = Batch(inputs(200, taken), ask, concurrency=2).outcomes(CLIENT, advance)
    first = asyncio.create_task(anext(outcomes))
    await all_but_the_slow_one.wait()
    assert len(taken) == window
    slow.set()
    assert told(await first) == "0"
    assert [told(outcome) async for outcome in outcomes] == [str(i) for i in range(1, 200)]


async def test_an_input_that_cannot_be_read_fails_in_its_place() -> None:
    async def unreadable() -> str:
        raise InvalidInputError("not a line of JSON")

    async def ask(_: Any, data: str) -> Result:
        return result(data)

    two: list[Input[str, Result]] = [Input("line 1", functools.partial(given, "a")), Input("line 2", unreadable)]
    outcomes = [outcome async for outcome in Batch(two, ask, concurrency=4).outcomes(CLIENT, lambda: None)]
    assert [told(outcome) for outcome in outcomes] == ["a", "line 2"]
    assert isinstance(outcomes[1].error, InvalidInputError)


async def test_nothing_is_sent_on_when_nobody_answers() -> None:
    taken: list[int] = []

    async def ask(_: Any, data: str) -> Result:
        raise UnavailableError("down")

    with pytest.raises(UnreachableError, match="down"):
        async for _ in Batch(inputs(10_000, taken), ask, concurrency=1).outcomes(CLIENT, lambda: None):
            pass
    assert len(taken) == AHEAD


async def test_outcomes_do_not_wait_for_the_inputs_behind_them() -> None:
    more = asyncio.Event()

    async def slow() -> AsyncIterator[Input[str, Result]]:
        yield Input("0", functools.partial(given, "0"))
        await more.wait()
        yield Input("1", functools.partial(given, "1"))

    async def ask(_: Any, data: str) -> Result:
        return result(data)

    outcomes = Batch(slow(), ask, concurrency=4).outcomes(CLIENT, lambda: None)
    assert told(await anext(outcomes)) == "0"
    more.set()
    assert [told(outcome) async for outcome in outcomes] == ["1"]


async def test_what_the_inputs_raise_comes_after_the_outcomes_before_it() -> None:
    def broken() -> Iterator[Input[str, Result]]:
        yield Input("0", functools.partial(given, "0"))
        raise LookupError("disk gone")

    async def ask(_: Any, data: str) -> Result:
        return result(data)

    outcomes = Batch(broken(), ask, concurrency=4).outcomes(CLIENT, lambda: None)
    assert told(await anext(outcomes)) == "0"
    with pytest.raises(LookupError, match="disk gone"):
        await anext(outcomes)
