"""Items of many calls leave in common requests, by shape, and nobody waits for nothing."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from sensorium_core.batching import ShapeBatcher
from sensorium_core.call import Call, Stage, current_call, serving
from sensorium_core.errors import DeadlineExceededError, UnavailableError


class Model:
    """Runs when it is told to; records what it was given."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, list[str]]] = []
        self.proceed = asyncio.Semaphore(0)
        self.arrived = asyncio.Condition()
        self.cancelled = 0
        self.error: Exception | None = None

    async def run(self, key: int, items: Sequence[str]) -> list[str]:
        async with self.arrived:
            self.requests.append((key, list(items)))
            self.arrived.notify_all()
        current_call().models["reader"] = "1"
        current_call().spend(Stage.TRITON_COMPUTE, 0.25)
        try:
            await self.proceed.acquire()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return [item.upper() for item in items]


def batcher(model: Model, largest: int = 16, running: int = 1) -> ShapeBatcher[int, str, str]:
    return ShapeBatcher(model.run, lambda _key: largest, running)


async def settled(model: Model, requests: int) -> None:
    async with model.arrived:
        await model.arrived.wait_for(lambda: len(model.requests) >= requests)


async def test_an_item_leaves_at_once_when_the_model_is_free() -> None:
    model = Model()
    model.proceed.release()
    assert await batcher(model).submit(96, "a") == "A"
    assert model.requests == [(96, ["a"])]


async def test_items_that_come_in_the_same_turn_leave_together() -> None:
    model = Model()
    model.proceed.release()
    lines = batcher(model)
    assert await asyncio.gather(*(lines.submit(96, item) for item in "abc")) == ["A", "B", "C"]
    assert model.requests == [(96, ["a", "b", "c"])]


async def test_items_of_one_key_that_wait_leave_together_and_each_gets_its_own_result() -> None:
    model = Model()
    lines = batcher(model)
    first = asyncio.create_task(lines.submit(96, "a"))
    await settled(model, 1)
    tasks = [asyncio.create_task(lines.submit(key, item)) for key, item in ((96, "b"), (128, "c"), (96, "d"))]
    for _ in range(3):
        model.proceed.release()
    assert await asyncio.gather(first, *tasks) == ["A", "B", "C", "D"]
    assert model.requests == [(96, ["a"]), (96, ["b", "d"]), (128, ["c"])]


async def test_a_request_holds_no_more_than_the_model_takes() -> None:
    model = Model()
    lines = batcher(model, largest=2)
    tasks = [asyncio.create_task(lines.submit(96, item)) for item in "abcde"]
    for _ in range(3):
        model.proceed.release()
    assert await asyncio.gather(*tasks) == list("ABCDE")
    assert [len(items) for _, items in model.requests] == [2, 2, 1]


async def test_no_more_requests_are_under_way_than_allowed() -> None:
    model = Model()
    lines = batcher(model, running=2)
    tasks = [asyncio.create_task(lines.submit(key, "x")) for key in range(5)]
    await settled(model, 2)
    await asyncio.sleep(0)
    assert len(model.requests) == 2
    for _ in range(5):
        model.proceed.release()
    await asyncio.gather(*tasks)
    assert len(model.requests) == 5


async def test_a_full_request_lies_ready_behind_the_one_under_way() -> None:
    model = Model()
    lines = batcher(model, largest=2)
    first = asyncio.create_task(lines.submit(96, "a"))
    await settled(model, 1)
    others = [asyncio.create_task(lines.submit(96, item)) for item in "bcde"]
    await settled(model, 2)
    await asyncio.sleep(0)
    assert model.requests == [(96, ["a"]), (96, ["b", "c"])], "one that is full, and no second one"
    for _ in range(3):
        model.proceed.release()
    assert await asyncio.gather(first, *others) == list("ABCDE")


async def test_items_of_a_model_that_nobody_has_seen_yet_fail_and_others_do_not_wait_for_them() -> None:
    model = Model()
    model.proceed.release()

    def largest(key: int) -> int:
        if key == 128:
            raise UnavailableError("not seen yet", reason="MODEL_UNAVAILABLE")
        return 16

    lines = ShapeBatcher(model.run, largest)
    results = await asyncio.gather(*(lines.submit(key, "a") for key in (128, 96, 128)), return_exceptions=True)
    assert [getattr(result, "reason", result) for result in results] == ["MODEL_UNAVAILABLE", "A", "MODEL_UNAVAILABLE"]


async def test_an_item_that_fails_while_the_model_is_busy_is_forgotten() -> None:
    model, seen = Model(), {96}

    def largest(key: int) -> int:
        if key not in seen:
            raise UnavailableError("not seen yet", reason="MODEL_UNAVAILABLE")
        return 16

    lines = ShapeBatcher(model.run, largest)
    first = asyncio.create_task(lines.submit(96, "a"))
    await settled(model, 1)
    with pytest.raises(UnavailableError):
        await lines.submit(128, "b")
    seen.add(128)
    model.proceed.release()
    assert await first == "A"
    model.proceed.release()
    assert await lines.submit(128, "c") == "C"
    assert model.requests == [(96, ["a"]), (128, ["c"])], "nothing was computed for whoever has left"


async def test_an_error_reaches_every_call_of_the_request_and_no_other() -> None:
    model = Model()
    lines = batcher(model)
    failing = [asyncio.create_task(lines.submit(96, "a"))]
    await settled(model, 1)
    model.error = UnavailableError("away", reason="MODEL_UNAVAILABLE")
    model.proceed.release()
    with pytest.raises(UnavailableError):
        await failing[0]
    model.error = None
    model.proceed.release()
    assert await lines.submit(96, "b") == "B"


async def test_a_caller_that_leaves_while_waiting_is_forgotten() -> None:
    model = Model()
    lines = batcher(model)
    first = asyncio.create_task(lines.submit(96, "a"))
    await settled(model, 1)
    leaving = asyncio.create_task(lines.submit(96, "b"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    model.proceed.release()
    assert await first == "A"
    assert model.requests == [(96, ["a"])]


async def test_a_request_goes_on_while_one_of_its_callers_stays_and_ends_with_the_last() -> None:
    model = Model()
    lines = batcher(model)
    blocking = asyncio.create_task(lines.submit(1, "x"))
    await settled(model, 1)
    first, second = (asyncio.create_task(lines.submit(96, item)) for item in "ab")
    model.proceed.release()
    await blocking
    await settled(model, 2)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert model.cancelled == 0
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.sleep(0)
    assert model.cancelled == 1
    model.proceed.release()
    assert await lines.submit(96, "c") == "C"


async def test_a_request_that_all_leave_before_it_begins_gives_its_place_back() -> None:
    model = Model()
    lines = batcher(model)
    first = asyncio.create_task(lines.submit(96, "a"))
    await settled(model, 1)
    second = asyncio.create_task(lines.submit(96, "b"))
    await asyncio.sleep(0)
    model.proceed.release()  # the first request ends in the very moment in which the second's only caller leaves
    second.cancel()
    assert await first == "A"
    with pytest.raises(asyncio.CancelledError):
        await second
    model.proceed.release()
    async with asyncio.timeout(5):
        assert await lines.submit(96, "c") == "C"
    assert model.requests == [(96, ["a"]), (96, ["c"])]


async def test_an_item_that_comes_too_late_is_not_begun_with() -> None:
    model = Model()
    lines = batcher(model)
    with serving(Call(deadline=time.monotonic() - 1)), pytest.raises(DeadlineExceededError):
        await lines.submit(96, "late")
    model.proceed.release()
    assert await lines.submit(96, "in time") == "IN TIME"
    assert model.requests == [(96, ["in time"])]


async def test_a_deadline_ends_the_wait() -> None:
    model = Model()
    call = Call(deadline=0.0)
    with serving(call), pytest.raises(DeadlineExceededError):
        await batcher(model).submit(96, "a")


async def test_each_call_is_told_models_and_time_once_however_many_items_it_had() -> None:
    model = Model()
    lines = batcher(model)
    with serving(Call()) as call:
        first = asyncio.create_task(lines.submit(96, "a"))
        await settled(model, 1)
        tasks = [asyncio.create_task(lines.submit(96, item)) for item in "bc"]
        model.proceed.release()
        model.proceed.release()
        await asyncio.gather(first, *tasks)
    assert call.models == {"reader": "1"}
    assert call.stages[Stage.TRITON_COMPUTE] == pytest.approx(0.5)  # two requests: "a" alone, then "b" and "c"
