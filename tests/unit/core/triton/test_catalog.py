"""The models of a service: whether they fit, whether they work, what they are."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import numpy as np
import pytest

from sensorium_core.call import Call, Stage, serving
from sensorium_core.errors import DeadlineExceededError, FieldViolation, NotFoundError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import (
    ModelCatalog,
    ModelDescription,
    ModelSpec,
    ModelUnavailableError,
    ServedModel,
    TritonClient,
    TritonUnavailableError,
)
from unit.core.support import sample
from unit.core.triton.scripted import CONFIG, SPEC, Held, ScriptedTriton, serving_triton, statistics

X = {"x": np.array([[1, 2, 3]], np.int16)}
DIED = (grpc.StatusCode.INTERNAL, "Stub process 'doubler_0_0' is not healthy.")


class TestProbe:
    async def test_a_model_that_works_is_ready_and_described(
        self, catalog: ModelCatalog, model: ServedModel, metrics: Metrics
    ) -> None:
        assert model.known_description is None
        with pytest.raises(ModelUnavailableError):
            _ = model.description
        assert await catalog.probe(5) is True
        assert model.ready
        notes = {"capability": "classify,embed", "labels": '["cat", "dog"]', "source": "a wheel", "license": "MIT"}
        assert model.description == ModelDescription(("classify", "embed"), ("cat", "dog"), 8, "a wheel", "MIT", notes)
        assert sample(metrics, "sensorium_model_ready", model="doubler") == 1

    async def test_a_dead_model_is_not_ready_until_it_works_again(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton, metrics: Metrics, logs: list[Any]
    ) -> None:
        await catalog.probe(5)
        triton.failures["ModelInfer"] = DIED
        assert await catalog.probe(5) is False
        assert await catalog.probe(5) is False
        assert not model.ready
        assert sample(metrics, "sensorium_model_ready", model="doubler") == 0
        assert model.known_description is not None
        triton.failures.clear()
        assert await catalog.probe(5) is True
        events = [(entry["event"], entry.get("reason")) for entry in logs if "model" in entry["event"]]
        assert events == [
            ("model works", ""),
            ("model does not work", "MODEL_UNAVAILABLE"),
            ("model works", ""),
        ]

    async def test_a_model_that_hangs_at_the_start_is_not_ready(
        self, catalog: ModelCatalog, triton: ScriptedTriton
    ) -> None:
        held = triton.infer = Held()
        start = time.monotonic()
        assert await catalog.probe(0.1) is False
        assert time.monotonic() - start < 2
        await asyncio.wait_for(held.cancelled.wait(), 5)

    async def test_a_canary_may_come_late_once_and_not_twice(
        self, catalog: ModelCatalog, triton: ScriptedTriton
    ) -> None:
        works = triton.infer
        assert await catalog.probe(5) is True
        for hangs, ready in ((True, True), (False, True), (True, True), (True, False), (True, False), (False, True)):
            triton.infer = Held() if hangs else works
            assert await catalog.probe(0.05 if hangs else 5) is ready

    async def test_what_callers_have_met_needs_no_canary(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        assert await catalog.probe(5) is True
        triton.failures["ModelInfer"] = DIED
        with pytest.raises(ModelUnavailableError):
            await model.infer(X)
        triton.asked.clear()
        assert await catalog.probe(5) is False
        assert triton.asked == []
        triton.failures.clear()
        assert await catalog.probe(5) is True

    async def test_a_fresh_success_needs_no_canary(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await catalog.probe(5)
        await model.infer(X)
        triton.asked.clear()
        assert await catalog.probe(5) is True
        assert triton.asked == []
        later = time.monotonic() + 1.1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert await catalog.probe(5) is True
        assert triton.asked == ["ModelInfer"]

    async def test_a_heavy_model_gets_canaries_that_take_a_fiftieth_of_a_core(
        self, catalog: ModelCatalog, triton: ScriptedTriton, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        triton.stats = [statistics(requests=1, executions=1)]
        await catalog.refresh(5)
        triton.stats = [statistics(requests=3, executions=3, compute_ns=2 * 60_000_000)]
        await catalog.refresh(5)
        start = time.monotonic()
        assert await catalog.probe(5) is True
        for later, canaries in ((2.9, 0), (3.1, 1), (5.9, 0), (6.2, 1)):
            triton.asked.clear()
            monkeypatch.setattr(time, "monotonic", lambda now=start + later: now)
            assert await catalog.probe(5) is True
            assert triton.asked.count("ModelInfer") == canaries

    async def test_a_model_that_does_not_fit_is_never_ready(
        self, client: TritonClient, metrics: Metrics, logs: list[Any]
    ) -> None:
        other = ModelSpec("doubler", SPEC.inputs, (SPEC.outputs[0], *SPEC.inputs))
        catalog = ModelCatalog(client, [other], metrics)
        assert await catalog.probe(5) is False
        (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
        assert entry["problems"] == ["doubler: no output 'x'"]
        with pytest.raises(ModelUnavailableError):
            _ = next(iter(catalog)).description

    async def test_a_model_that_comes_back_as_another_is_read_anew(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        await catalog.probe(5)
        triton.failures["ModelInfer"] = DIED
        await catalog.probe(5)
        triton.failures.clear()
        triton.configs = ScriptedTriton(CONFIG.replace("dog", "wolf")).configs
        assert await catalog.probe(5) is True
        assert model.description.labels == ("cat", "wolf")

    async def test_one_dead_model_leaves_the_others_ready(self, client: TritonClient, metrics: Metrics) -> None:
        missing = ModelSpec("missing", (), ())
        catalog = ModelCatalog(client, [missing, SPEC], metrics)
        assert await catalog.probe(5) is False
        assert {model.name: model.ready for model in catalog} == {"missing": False, "doubler": True}

    async def test_a_server_that_comes_later_is_used(self, metrics: Metrics) -> None:
        async with serving_triton(ScriptedTriton()) as port:
            pass
        async with TritonClient(f"127.0.0.1:{port}") as client:
            catalog = ModelCatalog(client, [SPEC], metrics)
            assert await catalog.probe(1) is False
            with pytest.raises(TritonUnavailableError):
                await catalog.refresh(1)
            async with serving_triton(ScriptedTriton(), port), asyncio.timeout(5):
                while not await catalog.probe(1):  # noqa: ASYNC110 - it is what the health monitor does
                    await asyncio.sleep(0.01)


class TestInfer:
    async def test_the_call_learns_the_version_and_where_the_time_went(
        self, model: ServedModel, metrics: Metrics
    ) -> None:
        with serving(Call()) as call:
            outputs = await model.infer(X)
        np.testing.assert_array_equal(outputs["y"], X["x"] * 2)
        assert set(outputs) == {"y", "sum"}
        assert call.models == {"doubler": "3"}
        assert call.stages[Stage.TRITON_COMPUTE] > 0
        assert call.stages[Stage.TRITON_QUEUE] == 0
        assert sample(metrics, "sensorium_triton_request_seconds_count", model="doubler") == 1

    async def test_the_calls_deadline_and_id_reach_the_server(self, model: ServedModel, triton: ScriptedTriton) -> None:
        with serving(Call(request_id="r-1", deadline=time.monotonic() + 3)):
            await model.infer(X, ["sum"])
        (request,) = triton.requests
        assert request.id == "r-1"
        assert 2_000_000 < request.parameters["timeout"].int64_param < 2_995_000

    async def test_without_a_deadline_it_ends_after_a_minute(self, model: ServedModel, triton: ScriptedTriton) -> None:
        await model.infer(X)
        assert triton.requests[0].parameters["timeout"].int64_param == 59_995_000

    async def test_past_the_deadline_the_server_is_not_asked(self, model: ServedModel, triton: ScriptedTriton) -> None:
        with serving(Call(deadline=time.monotonic() - 1)), pytest.raises(DeadlineExceededError):
            await model.infer(X)
        assert triton.asked == []

    async def test_a_failure_is_timed_and_names_no_version(
        self, model: ServedModel, triton: ScriptedTriton, metrics: Metrics
    ) -> None:
        triton.failures["ModelInfer"] = DIED
        with serving(Call()) as call, pytest.raises(ModelUnavailableError):
            await model.infer(X)
        assert call.models == {}
        assert sample(metrics, "sensorium_triton_request_seconds_count", model="doubler") == 1


class TestRefresh:
    async def test_statistics_become_metrics_and_shares(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton, metrics: Metrics
    ) -> None:
        triton.stats = [statistics(requests=5, executions=5, queue_ns=10**9, compute_ns=10**9, batches={1: 5})]
        await catalog.refresh(5)
        assert model.versions == {"3": True}
        assert sample(metrics, "sensorium_triton_queue_seconds_total", model="doubler") == 0  # a start, not a change
        triton.stats = [
            statistics(requests=9, executions=7, queue_ns=4 * 10**9, compute_ns=2 * 10**9, batches={1: 5, 4: 2})
        ]
        await catalog.refresh(5)
        assert sample(metrics, "sensorium_triton_queue_seconds_total", model="doubler") == 3
        assert sample(metrics, "sensorium_triton_compute_seconds_total", model="doubler") == 1
        assert sample(metrics, "sensorium_triton_batch_size_count", model="doubler") == 2
        assert sample(metrics, "sensorium_triton_batch_size_sum", model="doubler") == 8
        with serving(Call()) as call:
            await model.infer(X)
        assert call.stages[Stage.TRITON_QUEUE] == pytest.approx(call.stages[Stage.TRITON_COMPUTE] * 3)

    async def test_a_model_loaded_anew_breaks_nothing(
        self, catalog: ModelCatalog, triton: ScriptedTriton, metrics: Metrics
    ) -> None:
        triton.stats = [statistics(requests=5, executions=5, queue_ns=10**9, compute_ns=10**9)]
        await catalog.refresh(5)
        triton.stats = [statistics(requests=6, executions=6, queue_ns=10**6, compute_ns=10**8)]
        await catalog.refresh(5)
        assert sample(metrics, "sensorium_triton_queue_seconds_total", model="doubler") == pytest.approx(0.001)

    async def test_a_model_that_the_server_does_not_know_is_without_versions(
        self, catalog: ModelCatalog, model: ServedModel, triton: ScriptedTriton
    ) -> None:
        triton.stats = [statistics(version="3")]
        await catalog.refresh(5)
        assert model.versions == {"3": True}
        triton.stats = [statistics("other")]
        await catalog.refresh(5)
        assert model.versions == {}


class TestGet:
    @pytest.mark.parametrize("name", ["", "doubler"])
    def test_the_default_and_the_named_model_are_found(self, catalog: ModelCatalog, name: str) -> None:
        found = catalog.get(name, default="doubler", among=["doubler"], field="options.model")
        assert found.name == "doubler"

    @pytest.mark.parametrize(("name", "among"), [("nothing", ["doubler"]), ("doubler", ["other"])])
    def test_what_does_not_fit_is_not_found(self, catalog: ModelCatalog, name: str, among: list[str]) -> None:
        with pytest.raises(NotFoundError) as caught:
            catalog.get(name, default="doubler", among=among, field="options.model")
        text = f"no model {name!r} for this request; there is: {among[0]}"
        assert caught.value.reason == "MODEL_NOT_FOUND"
        assert caught.value.violations == (FieldViolation("options.model", text),)


def test_a_configuration_without_parameters_describes_little() -> None:
    config: Any = ScriptedTriton('name: "m" max_batch_size: 4').configs["m"]
    assert ModelDescription.of(config) == ModelDescription(max_batch=4)
