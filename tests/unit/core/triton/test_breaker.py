"""A model that fails again and again is refused at once, until a canary has succeeded; other models go on."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import numpy as np
import pytest

from sensorium_core.call import Call, serving
from sensorium_core.errors import DeadlineExceededError, InternalError, OverloadedError, SensoriumError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import (
    CircuitBreaker,
    CircuitOpenError,
    CircuitState,
    ModelCatalog,
    ModelSpec,
    ModelUnavailableError,
    ServedModel,
    TritonClient,
)
from unit.core.support import sample
from unit.core.triton.scripted import CONFIG, SPEC, Held, ScriptedTriton, double

X = {"x": np.array([[1, 2, 3]], np.int16)}
DIED = (grpc.StatusCode.INTERNAL, "Stub process 'doubler_0_0' is not healthy.")
BROKEN = (grpc.StatusCode.INTERNAL, "CUDA error: an illegal memory access")
LIMIT = 5


@pytest.fixture
def openings() -> list[str]:
    return []


@pytest.fixture
def breaker(metrics: Metrics, openings: list[str]) -> CircuitBreaker:
    return CircuitBreaker("net", LIMIT, lambda: openings.append("opened"), metrics)


async def fail(model: ServedModel, times: int, kind: type[SensoriumError]) -> None:
    for _ in range(times):
        with pytest.raises(kind):
            await model.infer(X)


class TestBreaker:
    @pytest.mark.parametrize("error", [ModelUnavailableError("net"), InternalError(), DeadlineExceededError()])
    def test_it_opens_at_the_last_of_a_row_of_failures(
        self, breaker: CircuitBreaker, openings: list[str], error: SensoriumError
    ) -> None:
        for _ in range(LIMIT - 1):
            breaker.failed(error, 2.0)
        breaker.check()
        breaker.failed(error, 2.0)
        with pytest.raises(CircuitOpenError) as caught:
            breaker.check()
        assert (caught.value.code.name, caught.value.reason) == ("UNAVAILABLE", "MODEL_CIRCUIT_OPEN")
        assert caught.value.retry_delay == 1.0
        assert openings == ["opened"]

    @pytest.mark.parametrize(
        ("error", "allowed"),
        [(OverloadedError("full", reason="MODEL_QUEUE_FULL"), 60.0), (DeadlineExceededError(), 1.9)],
        ids=["a full queue", "an impatient caller"],
    )
    def test_what_says_nothing_of_the_model_does_not_count(
        self, breaker: CircuitBreaker, error: SensoriumError, allowed: float
    ) -> None:
        for _ in range(10 * LIMIT):
            breaker.failed(error, allowed)
        breaker.check()

    def test_a_success_in_between_begins_a_new_row(self, breaker: CircuitBreaker) -> None:
        for _ in range(3):
            for _ in range(LIMIT - 1):
                breaker.failed(InternalError(), 60.0)
            breaker.close()
        breaker.check()

    def test_it_opens_once_however_many_calls_were_under_way(
        self, breaker: CircuitBreaker, metrics: Metrics, openings: list[str]
    ) -> None:
        for _ in range(100):
            breaker.failed(InternalError(), 60.0)
        assert openings == ["opened"]
        assert sample(metrics, "sensorium_circuit_opened_total", model="net") == 1

    def test_it_shows_its_state(self, breaker: CircuitBreaker, metrics: Metrics, logs: list[Any]) -> None:
        def state() -> float:
            return sample(metrics, "sensorium_circuit_state", model="net")

        assert (breaker.state, state()) == (CircuitState.CLOSED, 0)
        with breaker.trial():
            assert state() == 0
        breaker.open("MODEL_UNAVAILABLE")
        assert state() == 2
        with breaker.trial():
            assert state() == 1
            with pytest.raises(CircuitOpenError):
                breaker.check()
        assert state() == 2
        breaker.close()
        assert state() == 0
        events = [(entry["event"], entry["model"], entry.get("reason")) for entry in logs]
        assert events == [("circuit open", "net", "MODEL_UNAVAILABLE"), ("circuit closed", "net", None)]


class TestCatalog:
    async def test_a_model_that_fails_is_not_asked_any_more(self, model: ServedModel, triton: ScriptedTriton) -> None:
        triton.failures["ModelInfer"] = BROKEN
        await fail(model, LIMIT, InternalError)
        triton.asked.clear()
        await fail(model, 3, CircuitOpenError)
        assert triton.asked == []
        assert model.circuit.name == "OPEN"

    async def test_other_models_go_on(self, client: TritonClient, triton: ScriptedTriton, metrics: Metrics) -> None:
        triton.configs |= ScriptedTriton(CONFIG.replace('"doubler"', '"other"')).configs
        catalog = ModelCatalog(client, [SPEC, ModelSpec("other", SPEC.inputs, SPEC.outputs)], metrics)

        async def broken_doubler(request: Any, context: Any) -> Any:
            if request.model_name == "doubler":
                await context.abort(*BROKEN)
            return await double(request, context)

        triton.infer = broken_doubler
        await fail(catalog["doubler"], LIMIT, InternalError)
        await fail(catalog["doubler"], 1, CircuitOpenError)
        np.testing.assert_array_equal((await catalog["other"].infer(X))["y"], X["x"] * 2)
        assert catalog["other"].circuit is CircuitState.CLOSED

    async def test_one_canary_that_succeeds_closes_it(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        await model.infer(X)  # so recent that health alone would need no canary
        triton.failures["ModelInfer"] = BROKEN
        await fail(model, LIMIT, InternalError)
        assert await catalog.probe(5) is False
        assert model.circuit.name == "OPEN"
        triton.failures.clear()
        assert await catalog.probe(5) is True
        assert model.circuit.name == "CLOSED"
        np.testing.assert_array_equal((await model.infer(X))["y"], X["x"] * 2)

    async def test_while_the_canary_is_under_way_it_is_half_open_and_callers_wait_for_nothing(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.failures["ModelInfer"] = BROKEN
        await fail(model, LIMIT, InternalError)
        triton.failures.clear()
        held = triton.infer = Held()
        probing = asyncio.create_task(catalog.probe(5))
        await asyncio.wait_for(held.reached.wait(), 5)
        assert model.circuit.name == "HALF_OPEN"
        await fail(model, 1, CircuitOpenError)
        held.go.set()
        assert await probing is True
        assert model.circuit.name == "CLOSED"

    async def test_canaries_that_come_late_refuse_nobody_since_the_machine_may_only_be_busy(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.infer = Held()
        for _ in range(3):
            assert await catalog.probe(0.05) is False
        assert model.circuit.name == "CLOSED"
        triton.infer = double
        np.testing.assert_array_equal((await model.infer(X))["y"], X["x"] * 2)

    async def test_a_canary_that_fails_outright_refuses_callers_before_they_meet_it(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.failures["ModelInfer"] = DIED
        assert await catalog.probe(5) is False
        await fail(model, 1, CircuitOpenError)

    async def test_while_a_model_is_waited_for_at_the_start_its_circuit_stays_closed_and_nobody_is_alarmed(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton, metrics: Metrics
    ) -> None:
        triton.failures["ModelMetadata"] = (grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses")
        assert await catalog.probe(5) is False
        assert model.circuit.name == "CLOSED"
        assert sample(metrics, "sensorium_circuit_opened_total", model="doubler") == 0
        triton.failures.clear()
        assert await catalog.probe(5) is True

    async def test_timeouts_of_callers_make_the_first_late_canary_count(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        assert await catalog.probe(5) is True
        triton.failures["ModelInfer"] = (grpc.StatusCode.DEADLINE_EXCEEDED, "")
        await fail(model, LIMIT, DeadlineExceededError)
        assert await catalog.probe(5) is False
        assert model.circuit.name == "OPEN"

    async def test_a_full_queue_is_no_reason_to_refuse_more(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.failures["ModelInfer"] = (grpc.StatusCode.UNAVAILABLE, "Exceeds maximum queue size")
        await fail(model, 3 * LIMIT, OverloadedError)
        await catalog.probe(5)
        assert model.circuit.name == "CLOSED"

    async def test_a_call_without_the_time_for_an_answer_counts_for_nothing(
        self, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.failures["ModelInfer"] = (grpc.StatusCode.DEADLINE_EXCEEDED, "")
        for _ in range(3 * LIMIT):
            with serving(Call(deadline=time.monotonic() + 1)), pytest.raises(DeadlineExceededError):
                await model.infer(X)
        assert model.circuit.name == "CLOSED"


class TestRest:
    async def test_it_ends_as_soon_as_a_circuit_opens(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        resting = asyncio.create_task(catalog.rest(60))
        triton.failures["ModelInfer"] = BROKEN
        await fail(model, LIMIT, InternalError)
        await asyncio.wait_for(resting, 5)

    async def test_while_a_circuit_is_open_canaries_are_sent_more_often(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.failures["ModelInfer"] = BROKEN
        await fail(model, LIMIT, InternalError)
        await asyncio.wait_for(catalog.rest(60), 5)  # the opening itself
        await asyncio.wait_for(catalog.rest(60), 5)  # a quarter of a second

    async def test_it_lasts_no_longer_than_it_is_told(self, catalog: ModelCatalog) -> None:
        await asyncio.wait_for(catalog.rest(0.001), 5)
