from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sensorium_client import AsyncTextClient, TextClient
from unit.client.driver import Driver, FakeTime, Loop, Serve
from unit.client.scripted import Script
from unit.client.text.cli import invoke


@pytest.fixture(params=["sync", "aio"])
def unconnected(request: pytest.FixtureRequest, loop: Loop, serve: Serve, fake_time: FakeTime) -> Iterator[Driver]:
    # it asks for `serve` so that clients are closed before their servers
    driver = Driver(request.param, loop, fake_time, (TextClient, AsyncTextClient))
    yield driver
    driver.close()


@pytest.fixture
def address(serve: Serve, script: Script) -> str:
    return serve(script)


@pytest.fixture
def run(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `sensorium text …` against a server that follows `script`."""
    monkeypatch.setenv("SENSORIUM_TEXT_ADDRESS", address)
    monkeypatch.delenv("SENSORIUM_TEXT_KEY", raising=False)
    return invoke
