"""What the text service's parts stand on."""

from collections.abc import Iterator

import pytest

from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def work(metrics: Metrics) -> Iterator[BoundedExecutor]:
    with BoundedExecutor(2, 64, metrics) as executor:
        yield executor
