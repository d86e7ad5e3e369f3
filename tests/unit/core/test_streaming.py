"""Items of a stream are calls of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.rpc import code_pb2, status_pb2

from sensorium_core.call import Call, current_call, serving
from sensorium_core.errors import InvalidInputError, UnavailableError
from sensorium_core.limits import Admission
from sensorium_core.streaming import ItemRunner, Outcome, configuration
from sensorium_core.telemetry import Metrics
from unit.core.support import Failure, Gate, failure_in


@pytest.fixture
def admission(metrics: Metrics) -> Admission:
    return Admission(2, metrics)


@pytest.fixture
def runner(admission: Admission) -> ItemRunner:
    return ItemRunner(admission, 5.0)


def failure(outcome: Outcome[Any]) -> Failure:
    assert outcome.value is None
    return failure_in(outcome.status, grpc.StatusCode[code_pb2.Code.Name(outcome.status.code)])


async def test_an_item_has_a_value_and_the_status_ok(runner: ItemRunner, admission: Admission) -> None:
    async def work() -> int:
        return admission.in_flight

    assert await runner.run("r/0", work) == Outcome(status_pb2.Status(), 1)
    assert admission.in_flight == 0


async def test_an_item_is_a_call_of_its_own(runner: ItemRunner) -> None:
    async def work() -> Call:
        return current_call()

    with serving(Call("/s/M", "r")) as stream:
        inner = (await runner.run("r/1", work)).value
        assert current_call() is stream
    assert inner is not None
    assert (inner.method, inner.request_id) == ("/s/M", "r/1")
    assert inner.deadline == pytest.approx(time.monotonic() + 5, abs=1)


async def test_the_deadline_of_the_stream_holds_for_its_items(runner: ItemRunner) -> None:
    async def work() -> float | None:
        return current_call().remaining()

    with serving(Call(deadline=time.monotonic() + 2)):
        assert (await runner.run("r/0", work)).value == pytest.approx(2, abs=1)
    with serving(Call(deadline=time.monotonic() - 1)):
        assert failure(await runner.run("r/0", work)).code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_an_error_is_the_status_of_the_item(runner: ItemRunner) -> None:
    async def work() -> None:
        raise InvalidInputError.field("image", "is bad", reason="IMAGE_CORRUPT")

    assert failure(await runner.run("r/3", work)) == Failure(
        grpc.StatusCode.INVALID_ARGUMENT,
        "image: is bad",
        "IMAGE_CORRUPT",
        "sensorium",
        {},
        {"image": "is bad"},
        None,
        "r/3",
    )


async def test_an_unexpected_error_is_logged_under_the_item_and_not_told(runner: ItemRunner, logs: list[Any]) -> None:
    async def work() -> None:
        raise ValueError("secret")

    told = failure(await runner.run("r/4", work))
    assert (told.code, told.reason, told.request_id) == (grpc.StatusCode.INTERNAL, "INTERNAL", "r/4")
    assert "secret" not in told.message
    assert [(entry["event"], entry["request_id"]) for entry in logs] == [("unexpected error", "r/4")]


async def test_an_item_that_takes_too_long_ends(admission: Admission) -> None:
    gate = Gate()
    told = failure(await ItemRunner(admission, 0.01).run("r/0", gate))
    assert told.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert (gate.waiting, admission.in_flight) == (0, 0)


async def test_items_share_the_places_with_other_requests(runner: ItemRunner, admission: Admission) -> None:
    async def work() -> None:
        raise AssertionError

    async with admission.slot(), admission.slot():
        told = failure(await runner.run("r/0", work))
    assert (told.code, told.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    assert told.retry_delay == 0.1


async def test_a_cancelled_stream_cancels_its_items(runner: ItemRunner, admission: Admission) -> None:
    gate = Gate()
    task = asyncio.create_task(runner.run("r/0", gate))
    await gate.reached()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert admission.in_flight == 0


async def test_a_stream_takes_no_more_items_once_the_server_drains(runner: ItemRunner, admission: Admission) -> None:
    asked = asyncio.Event()

    async def items() -> AsyncIterator[int]:
        yield 1
        asked.set()
        await asyncio.Event().wait()  # an idle caller

    received = runner.until_drained(items())
    assert await anext(received) == 1
    waiting = asyncio.ensure_future(anext(received))
    await asked.wait()
    admission.draining.set()
    with pytest.raises(UnavailableError) as caught:
        await waiting
    assert caught.value.reason == "SERVER_DRAINING"


async def test_a_stream_that_ends_by_itself_ends_well(runner: ItemRunner) -> None:
    async def items() -> AsyncIterator[int]:
        yield 1
        yield 2

    assert [item async for item in runner.until_drained(items())] == [1, 2]


async def test_a_configuration_that_does_not_come_is_not_waited_for() -> None:
    async def silence() -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield None

    with pytest.raises(InvalidInputError, match=r"config: did not come within 0\.01 s") as caught:
        await configuration(silence(), None, within=0.01)
    assert caught.value.reason == "STREAM_ORDER"
