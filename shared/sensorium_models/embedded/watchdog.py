"""Notices a model that is dead or stuck, by canary inference, and reloads it.

Triton goes on calling a model ready whose process has died or hangs; only an inference tells.
"""

import asyncio
import time
from collections.abc import Callable

from sensorium_core.errors import SensoriumError
from sensorium_core.triton import ModelCounters, TritonClient
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.stubs import Stubs

__all__ = ["Watchdog", "pause_after"]

_SHORTEST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 5.0
# A canary may use this share of one core; a heavy model is asked less often.
_SHARE = 0.02
_FAILURES_TO_RELOAD = 2


def pause_after(canary_s: float) -> float:
    """Seconds until the next look at a model whose canary took `canary_s`."""
    return min(max(canary_s / _SHARE, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)


class Watchdog:
    """Looks after the models of one server while `run` runs.

    Args:
        client: A connection to the server.
        settings: The timeouts.
        stubs: The server's processes.
        report: Gets one line per event.
    """

    def __init__(
        self,
        client: TritonClient,
        settings: TritonSettings,
        *,
        stubs: Stubs,
        report: Callable[[str], None],
    ) -> None:
        self._client = client
        self._settings = settings
        self._stubs = stubs
        self._reloading = asyncio.Lock()
        self._report = report

    async def run(self, models: list[str]) -> str:
        """Look after `models` until one cannot be mended; returns what the server does wrong."""
        tasks = [asyncio.create_task(self._guard(model), name=f"watchdog {model}") for model in models]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _guard(self, model: str) -> str:
        before = ModelCounters()
        pause = _SHORTEST_PAUSE_S
        while True:
            await asyncio.sleep(pause)
            now = await self._counters(model)
            if now is not None and now.success_count > before.success_count:
                before = now  # callers get answers: no canary needed
                continue
            started = time.monotonic()
            reason = await self._failure(model)
            pause = pause_after(time.monotonic() - started)
            if reason is not None:
                if not await self._server_answers():
                    return "does not answer"
                self._report(f"{model} does not answer ({reason}); reloading it")
                started = time.monotonic()
                if problem := await self._reload(model):
                    return f"could not reload {model}: {problem}"
                self._report(f"{model} answers again, reloaded in {time.monotonic() - started:.1f} s")
                pause = _SHORTEST_PAUSE_S
            # Counters start anew with a reload, and the canary itself counts.
            before = await self._counters(model) or before

    async def _failure(self, model: str) -> str | None:
        """Why `model` failed its canary repeatedly, or None as soon as it or any caller got an answer."""
        before = await self._counters(model)
        reason = ""
        for _ in range(_FAILURES_TO_RELOAD):
            try:
                await self._client.canary(model, self._settings.canary_timeout)
            except SensoriumError as error:
                reason = error.reason
            else:
                return None
            now = await self._counters(model)
            if before is not None and now is not None and now.success_count > before.success_count:
                return None  # slow, but alive: callers' requests went first
            if not self._stubs.any_of(model):
                return "its process has died"
        return f"{reason}, {_FAILURES_TO_RELOAD} times"

    async def _server_answers(self) -> bool:
        """Whether the server answers within the canary's timeout; one that has died is for its launcher to notice."""
        limit = self._settings.canary_timeout
        try:
            async with asyncio.timeout(limit):
                while not await self._client.server_ready(limit):  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return False
        return True

    async def _reload(self, model: str) -> str | None:
        """Load `model` anew; the problem where that fails or takes too long."""
        limit = self._settings.reload_timeout
        try:
            async with self._reloading, asyncio.timeout(limit):
                self._stubs.kill(model)
                await self._client.unload(model, limit)
                await self._client.load(model, limit)
                await self._client.canary(model, limit)
                self._stubs.sweep()
        except TimeoutError:
            return f"no success within {limit:g} s"
        except SensoriumError as error:
            return error.reason
        return None

    async def _counters(self, model: str) -> ModelCounters | None:
        try:
            return (await self._client.statistics(1.0, model)).get(model)
        except SensoriumError:
            return None
