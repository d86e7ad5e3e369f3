from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, ServedModel, TritonClient
from unit.core.triton.scripted import SPEC, ScriptedTriton, serving_triton


@pytest.fixture
def triton() -> ScriptedTriton:
    return ScriptedTriton()


@pytest.fixture
async def client(triton: ScriptedTriton) -> AsyncIterator[TritonClient]:
    async with serving_triton(triton) as port, TritonClient(f"127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def catalog(client: TritonClient, metrics: Metrics) -> ModelCatalog:
    return ModelCatalog(client, [SPEC], metrics)


@pytest.fixture
def model(catalog: ModelCatalog) -> ServedModel:
    return next(iter(catalog))
