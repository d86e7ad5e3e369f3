"""When Triton's batcher is suspected to sleep, and when it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.triton import TritonClient, parse_config
from sensorium_core.triton._requests import expired_request
from sensorium_core.triton._wakeups import SETTLING, Waker
from unit.core.support import until
from unit.core.triton.scripted import CONFIG, Held, ScriptedTriton, serving_triton

POLICY = """dynamic_batching {
  default_queue_policy { timeout_action: REJECT default_timeout_microseconds: 30000000 allow_timeout_override: true }
}"""
USUAL = 0.010
LONG = 1.0


class Clock:
    """A loop whose time passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, function: Callable[[], None]) -> Timer:
        timer = Timer(self.now + seconds, function)
        self.timers.append(timer)
        return timer

    def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.moment <= end and not timer.cancelled]:
            first = min(due, key=Timer.when)
            self.timers.remove(first)
            self.now = max(self.now, first.moment)
            first.function()
        self.now = end

    def waits(self) -> bool:
        return any(not timer.cancelled for timer in self.timers)


class Timer:
    def __init__(self, moment: float, function: Callable[[], None]) -> None:
        self.moment, self.function, self.cancelled = moment, function, False

    def when(self) -> float:
        return self.moment

    def cancel(self) -> None:
        self.cancelled = True


class Model:
    """A waker whose model answers in the usual time, as it has learned already."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.start = 0.0
        self.nudges: list[float] = []
        loop = cast(asyncio.AbstractEventLoop, self.clock)
        self.waker = Waker(lambda: self.nudges.append(self.clock.now - self.start), loop)
        for _ in range(100):
            self.answer(USUAL)
        self.nudges.clear()
        self.start = self.clock.now

    def answer(self, seconds: float) -> None:
        with self.waker.request():
            self.clock.pass_(seconds)


@pytest.fixture
def model() -> Model:
    return Model()


def test_answers_in_the_usual_time_need_no_nudge(model: Model) -> None:
    for _ in range(10):
        model.answer(USUAL)
        model.clock.pass_(USUAL)
    assert model.nudges == []


def test_an_answer_that_leaves_another_waiting_is_followed_by_a_nudge(model: Model) -> None:
    with model.waker.request():
        model.answer(USUAL)
        model.clock.pass_(SETTLING)
        assert model.nudges == [pytest.approx(USUAL + SETTLING)]


def test_a_request_after_the_answer_wakes_the_batcher_as_well(model: Model) -> None:
    with model.waker.request():
        model.answer(USUAL)
        with model.waker.request():
            model.clock.pass_(SETTLING)
        assert model.nudges == []


def test_a_late_answer_is_waited_for_ever_more_patiently(model: Model) -> None:
    with model.waker.request():
        model.clock.pass_(LONG)
    first, second, third, *others = model.nudges
    assert first > USUAL
    assert second - first == pytest.approx(2 * first, rel=0.1)
    assert third - second == pytest.approx(4 * first, rel=0.1)
    assert len(others) < 5


def test_a_failed_request_is_no_answer(model: Model) -> None:
    with model.waker.request():
        with pytest.raises(RuntimeError), model.waker.request():
            raise RuntimeError
        model.clock.pass_(SETTLING)
        assert model.nudges == []


def test_nothing_is_left_to_do_when_nobody_waits(model: Model) -> None:
    with ExitStack() as requests:
        for _ in range(3):
            requests.enter_context(model.waker.request())
        model.clock.pass_(USUAL)
    model.clock.pass_(LONG)
    assert not model.clock.waits()


@pytest.mark.parametrize("batching", ["", "dynamic_batching {}"], ids=["no batcher", "no policy"])
def test_a_queue_without_a_policy_needs_no_waking(batching: str) -> None:
    assert expired_request(parse_config(CONFIG + batching)) is False


async def test_a_nudge_is_a_request_whose_time_is_up() -> None:
    triton, held, x = ScriptedTriton(CONFIG + POLICY), Held(), {"x": np.zeros((1, 3), np.int16)}
    triton.infer = held
    async with serving_triton(triton) as port, TritonClient(f"127.0.0.1:{port}") as client:
        asked = asyncio.create_task(client.infer("doubler", x, ["y"], timeout=20))
        await until(lambda: len(triton.requests) > 1)
        nudge: Any = triton.requests[1]
        held.go.set()
        await asked
    assert nudge.parameters["timeout"].int64_param == 1
    assert nudge.raw_input_contents == [bytes(2 * 3 * 2)]
