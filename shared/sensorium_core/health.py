"""The truth about whether a service can serve: grpc.health.v1, fed by canary inferences."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from grpc_health.v1 import health, health_pb2

_log = structlog.get_logger("health")
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class HealthMonitor:
    """Keeps the health of a server's services at what a probe says.

    Args:
        names: full names of the services; the empty name, which stands for the whole server, is added.
        probe: says whether the service works now.
        interval: seconds between probes.
    """

    def __init__(self, names: list[str], probe: Callable[[], Awaitable[bool]], interval: float) -> None:
        self.servicer = health.aio.HealthServicer()
        self._names = ["", *names]
        self._probe = probe
        self._interval = interval
        self._serving: bool | None = None

    async def start(self) -> None:
        """Says NOT_SERVING; grpc's servicer would start with SERVING for the empty name."""
        await self._set(serving=False)

    async def run(self) -> None:
        """Probes until cancelled."""
        while True:
            await self._set(serving=await self._probe())
            await asyncio.sleep(self._interval)

    async def drain(self) -> None:
        """Says NOT_SERVING for good."""
        await self.servicer.enter_graceful_shutdown()

    async def _set(self, *, serving: bool) -> None:
        if serving == self._serving:
            return
        self._serving = serving
        for name in self._names:
            await self.servicer.set(name, _SERVING if serving else _NOT_SERVING)
        _log.info("health changed", status="SERVING" if serving else "NOT_SERVING")
