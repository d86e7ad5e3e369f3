"""Turns what a call raises into a status with details, and keeps everything else from the caller."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import structlog
from grpc_status import rpc_status

from sensorium_core.call import current_call
from sensorium_core.errors import DeadlineExceededError, InternalError, SensoriumError, to_status
from sensorium_core.interceptors._base import Interceptor, Request

_log = structlog.get_logger("errors")


class ErrorsInterceptor(Interceptor):
    """Maps domain errors to their status; anything else becomes INTERNAL and goes to the log with its traceback."""

    @asynccontextmanager
    async def around(self, request: Request) -> AsyncIterator[None]:
        """Runs the call and aborts it with the status of its error."""
        try:
            yield
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            await self._abort(request, domain_error(error))

    async def _abort(self, request: Request, error: SensoriumError) -> None:
        call = current_call()
        call.details["reason"] = error.reason
        status = to_status(error, call.request_id)
        await request.context.abort_with_status(rpc_status.to_status(status))


def domain_error(error: Exception) -> SensoriumError:
    """The error as the caller may see it; an unexpected one is logged with its traceback."""
    if isinstance(error, SensoriumError):
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceededError()
    _log.error("unexpected error", method=current_call().method, exc_info=error)
    return InternalError()
