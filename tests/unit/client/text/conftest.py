from __future__ import annotations

from collections.abc import Iterator

import pytest

from sensorium_client import AsyncTextClient, TextClient
from unit.client.driver import Driver, FakeTime, Loop, Serve


@pytest.fixture(params=["sync", "aio"])
def unconnected(request: pytest.FixtureRequest, loop: Loop, serve: Serve, fake_time: FakeTime) -> Iterator[Driver]:
    # it asks for `serve` so that clients are closed before their servers
    driver = Driver(request.param, loop, fake_time, (TextClient, AsyncTextClient))
    yield driver
    driver.close()
