from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import structlog
import uvloop

from sensorium_core.call import current_call_id
from sensorium_core.interceptors import (
    DeadlineInterceptor,
    ErrorsInterceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.limits import Admission
from sensorium_core.telemetry import Metrics
from unit.core.support import Caller, Echo, echo_server

MAX_MESSAGE_BYTES = 64 * 1024
PLACES = 4


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Mapping[str, Callable[[], Any]]:
    return {"uvloop": uvloop.new_event_loop}  # the loop that services run on


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def admission(metrics: Metrics) -> Admission:
    return Admission(PLACES, metrics)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=["quiet", "crowded"])
def serve(
    request: pytest.FixtureRequest, echo: Echo, metrics: Metrics, admission: Admission
) -> Callable[..., AbstractAsyncContextManager[Caller]]:
    """Serves the echo behind all interceptors; `longest` are the seconds of the server's own deadline.

    Whether single requests are received before the interceptors run, or in their midst, callers see no difference.
    """
    crowded = request.param == "crowded"

    def start(longest: float = 30.0) -> AbstractAsyncContextManager[Caller]:
        return echo_server(
            echo,
            [
                TelemetryInterceptor(metrics),
                ErrorsInterceptor(),
                DeadlineInterceptor(longest),
                LimitsInterceptor(admission, MAX_MESSAGE_BYTES),
                ValidationInterceptor(),
            ],
            crowded=lambda: crowded,
        )

    return start


@pytest.fixture
async def caller(serve: Callable[..., AbstractAsyncContextManager[Caller]]) -> AsyncIterator[Caller]:
    async with serve() as caller:
        yield caller


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """What was logged, each with the id of the call it was logged in."""

    def add_request_id(_logger: Any, _name: str, event: Any) -> Any:
        return {**event, "request_id": current_call_id()}

    with structlog.testing.capture_logs([add_request_id]) as entries:
        yield entries
