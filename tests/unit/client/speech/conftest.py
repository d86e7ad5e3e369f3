from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sensorium_client import AsyncSpeechClient, SpeechClient
from unit.client.driver import Driver, FakeTime, Loop, Serve
from unit.client.scripted import Script
from unit.client.speech.cli import invoke


@pytest.fixture(params=["sync", "aio"])
def unconnected(request: pytest.FixtureRequest, loop: Loop, serve: Serve, fake_time: FakeTime) -> Iterator[Driver]:
    # it asks for `serve` so that clients are closed before their servers
    driver = Driver(request.param, loop, fake_time, (SpeechClient, AsyncSpeechClient))
    yield driver
    driver.close()


@pytest.fixture
def address(serve: Serve, script: Script) -> str:
    return serve(script)


@pytest.fixture
def run(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `sensorium speech …` against a server that follows `script`."""
    monkeypatch.setenv("SENSORIUM_SPEECH_ADDRESS", address)
    return invoke
