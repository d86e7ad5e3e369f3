"""The watchdog: when it reloads a model, when it leaves it alone, and when only a new server helps."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from sensorium_core.triton import ModelCounters, ModelUnavailableError, TritonClient
from sensorium_models.embedded import watchdog
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.stubs import Stubs
from sensorium_models.embedded.watchdog import Watchdog


class Server:
    """Stands in for the client of a server with one model; notes what it is asked to do."""

    def __init__(self, *failures: bool, successes_per_look: int = 0, reloads: bool = True, live: bool = True) -> None:
        self.failures = list(failures)
        self.calls: list[str] = []
        self._successes = 0
        self._per_look = successes_per_look
        self._reloads = reloads
        self._live = live

    async def statistics(self, timeout: float, name: str = "") -> dict[str, ModelCounters]:
        self._successes += self._per_look
        return {name: ModelCounters(success_count=self._successes)}

    async def server_live(self, timeout: float) -> bool:
        return self._live

    async def canary(self, name: str, timeout: float) -> None:
        self.calls.append("canary")
        if self.failures and self.failures.pop(0):
            raise ModelUnavailableError(name)

    async def unload(self, name: str, timeout: float) -> None:
        self.calls.append("unload")

    async def load(self, name: str, timeout: float) -> None:
        self.calls.append("load")
        if not self._reloads:
            raise ModelUnavailableError(name)


class Processes:
    """Stands in for the server's stubs."""

    def __init__(self, calls: list[str], *, alive: bool) -> None:
        self._calls = calls
        self._alive = alive

    def any_of(self, model: str) -> bool:
        return self._alive

    def kill(self, model: str) -> None:
        self._calls.append(f"kill {model}")

    def sweep(self) -> None:
        self._calls.append("sweep")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(watchdog, "_SHORTEST_PAUSE_S", 0.01)
    monkeypatch.setattr(watchdog, "_LONGEST_PAUSE_S", 0.01)

    async def watch(server: Server, *, seconds: float = 0.2, alive: bool = True) -> tuple[str | None, list[str]]:
        """What `run` returned, if it did, and the events it reported."""
        events: list[str] = []
        settings = TritonSettings(canary_timeout=0.1, reload_timeout=0.1)
        stubs = cast("Stubs", Processes(server.calls, alive=alive))
        dog = Watchdog(cast("TritonClient", server), settings, stubs=stubs, report=events.append)
        try:
            async with asyncio.timeout(seconds):
                return await dog.run(["net"]), events
        except TimeoutError:
            return None, events

    return watch


async def test_a_healthy_idle_model_only_gets_canaries(watch: Callable[..., Any]) -> None:
    server = Server()
    assert await watch(server) == (None, [])
    assert set(server.calls) == {"canary"}


async def test_a_model_that_answers_callers_gets_none(watch: Callable[..., Any]) -> None:
    server = Server(True, True, True, successes_per_look=1)
    assert await watch(server) == (None, [])
    assert server.calls == []


async def test_one_failure_alone_is_no_reason(watch: Callable[..., Any]) -> None:
    server = Server(True, False)
    assert await watch(server) == (None, [])
    assert "load" not in server.calls


async def test_after_two_failures_the_process_is_killed_and_the_model_loaded_anew(watch: Callable[..., Any]) -> None:
    server = Server(True, True)
    reason, events = await watch(server)
    assert reason is None
    assert server.calls[:7] == ["canary", "canary", "kill net", "unload", "load", "canary", "sweep"]
    assert events[0] == "net does not answer (MODEL_UNAVAILABLE, 2 times); reloading it"
    assert events[1].startswith("net answers again, reloaded in")


async def test_a_model_whose_process_is_gone_is_reloaded_after_one_failure(watch: Callable[..., Any]) -> None:
    server = Server(True)
    _, events = await watch(server, alive=False)
    assert server.calls[:3] == ["canary", "kill net", "unload"]
    assert events[0] == "net does not answer (its process has died); reloading it"


async def test_a_reload_that_fails_asks_for_a_new_server(watch: Callable[..., Any]) -> None:
    reason, _ = await watch(Server(True, True, reloads=False))
    assert reason == "could not reload net: MODEL_UNAVAILABLE"


async def test_a_server_that_does_not_answer_is_not_asked_to_reload(watch: Callable[..., Any]) -> None:
    server = Server(True, True, live=False)
    reason, events = await watch(server, seconds=1.0)
    assert (reason, events) == ("does not answer", [])
    assert server.calls == ["canary"]
