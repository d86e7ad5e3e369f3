"""The circuit breaker of a model, before a real Triton: every state, what callers meet in it, and that others go on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from integration.secured import Triton, running_triton
from integration.test_faults import children
from sensorium_core.errors import UnavailableError
from sensorium_core.health import HealthMonitor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import CircuitOpenError, ModelCatalog, ModelSpec, TensorSpec, TritonClient

pytestmark = [pytest.mark.integration, pytest.mark.faults]

VICTIM, OTHER = "ppocr_line_orientation", "nestor_major_system"
SPECS = (
    ModelSpec(
        VICTIM, (TensorSpec("image", "UINT8", (-1, 48, 192, 3)),), (TensorSpec("probabilities", "FP32", (-1, 2)),)
    ),
    ModelSpec(OTHER, (TensorSpec("input_ids", "INT32", (-1, -1)),), (TensorSpec("probabilities", "FP32", (-1, 7)),)),
)
LINE = {"image": np.full((1, 48, 192, 3), 200, np.uint8)}
WORDS = {"input_ids": np.arange(8, dtype=np.int32)[None]}


@pytest.fixture
def triton(tmp_path: Path) -> Iterator[Triton]:
    with running_triton(tmp_path, VICTIM, OTHER) as triton:
        yield triton


@pytest.fixture
async def catalog(triton: Triton) -> AsyncIterator[ModelCatalog]:
    """The catalog of a service, its health looked after as a server does it."""
    async with TritonClient(triton.address) as client:
        catalog = ModelCatalog(client, SPECS, Metrics())
        monitor = HealthMonitor(["service"], lambda: catalog.probe(2.0), 1.0, catalog.rest)
        watching = asyncio.create_task(monitor.run())
        yield catalog
        watching.cancel()


async def reaches(catalog: ModelCatalog, state: str, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while catalog[VICTIM].circuit.name != state:  # noqa: ASYNC110 - states are shown, not announced
            await asyncio.sleep(0.002)


async def test_a_dead_models_circuit_opens_is_tried_and_closes_while_others_answer(
    triton: Triton, catalog: ModelCatalog
) -> None:
    victim, other = catalog[VICTIM], catalog[OTHER]
    await reaches(catalog, "CLOSED", 10)
    before, words = await victim.infer(LINE), await other.infer(WORDS)

    commands = children(triton.process.pid)
    (pid,) = [pid for pid, command in commands.items() if "backend_stub" in command and VICTIM in command]
    os.kill(pid, signal.SIGKILL)
    outcomes = await asyncio.gather(*(victim.infer(LINE) for _ in range(8)), return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes), outcomes
    await reaches(catalog, "OPEN", 10)
    with pytest.raises(CircuitOpenError):
        await victim.infer(LINE)
    np.testing.assert_array_equal((await other.infer(WORDS))["probabilities"], words["probabilities"])

    await reaches(catalog, "HALF_OPEN", 10)
    with pytest.raises(CircuitOpenError):
        await victim.infer(LINE)
    np.testing.assert_array_equal((await other.infer(WORDS))["probabilities"], words["probabilities"])
    assert other.circuit.name == "CLOSED"

    await reaches(catalog, "CLOSED", 20)  # the launcher has reloaded the model
    np.testing.assert_array_equal((await victim.infer(LINE))["probabilities"], before["probabilities"])
