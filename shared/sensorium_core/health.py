"""The truth about whether a service can serve: grpc.health.v1, fed by canary inferences."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium_core.errors import NotFoundError

Context = grpc.aio.ServicerContext[Any, Any]
_log = structlog.get_logger("health")
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # the base has no types
    """Check and Watch of grpc.health.v1; every service is NOT_SERVING at first.

    grpc's own servicer leaves the other watchers of a service deaf when one of them goes, and its watches hold up the
    end of the server; these end with it.

    Args:
        names: full names of the services; the empty name stands for the whole server.
    """

    def __init__(self, names: list[str]) -> None:
        self._status = dict.fromkeys(names, _NOT_SERVING)
        self._changed = asyncio.Event()
        self._draining = False

    async def Check(self, request: Any, context: Context) -> Any:  # noqa: N802, ARG002 - as in the base class
        """The health of a service now."""
        if request.service not in self._status:
            raise NotFoundError("There is no such service here.", reason="SERVICE_UNKNOWN")
        return health_pb2.HealthCheckResponse(status=self._status[request.service])

    async def Watch(self, request: Any, context: Context) -> AsyncIterator[Any]:  # noqa: N802, ARG002 - the same
        """The health of a service now and whenever it changes."""
        last = None
        while True:
            changed = self._changed
            status = self._status.get(request.service, _SERVICE_UNKNOWN)
            if status != last:
                last = status
                yield health_pb2.HealthCheckResponse(status=status)
                continue  # it may have changed while that was on its way
            if self._draining:
                return
            await changed.wait()

    def set(self, *, serving: bool) -> None:
        """Sets the status of all services; ignored once `drain` was called."""
        if not self._draining:
            self._status = dict.fromkeys(self._status, _SERVING if serving else _NOT_SERVING)
            self._tell()

    def drain(self) -> None:
        """Says NOT_SERVING for good and ends the watches."""
        self.set(serving=False)
        self._draining = True
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class HealthMonitor:
    """Keeps the health of a server's services at what a probe says, NOT_SERVING until it has said something.

    Args:
        names: full names of the services; the empty name, which stands for the whole server, is added.
        probe: says whether the service works now.
        interval: seconds between probes.
        rest: waits that long, or returns sooner where a probe is due sooner.
    """

    def __init__(
        self,
        names: list[str],
        probe: Callable[[], Awaitable[bool]],
        interval: float,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.servicer = HealthServicer(["", *names])
        self._probe = probe
        self._interval = interval
        self._rest = rest
        self._serving = False

    async def run(self) -> None:
        """Probes until cancelled."""
        while True:
            self._set(serving=await self._works())
            await self._rest(self._interval)

    def drain(self) -> None:
        """Says NOT_SERVING for good."""
        self.servicer.drain()

    async def _works(self) -> bool:
        try:
            return await self._probe()
        except Exception:  # a defect in the probe must not freeze the health at what it said last
            _log.exception("health probe failed")
            return False

    def _set(self, *, serving: bool) -> None:
        if serving == self._serving:
            return
        self._serving = serving
        self.servicer.set(serving=serving)
        _log.info("health changed", status="SERVING" if serving else "NOT_SERVING")
