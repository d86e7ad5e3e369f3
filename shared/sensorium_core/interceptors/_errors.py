"""Turns what a call raises into a status with details, and keeps everything else from the caller."""

import asyncio
from typing import Any

import grpc
from grpc_status import rpc_status

from sensorium_core.call import current_call
from sensorium_core.errors import SensoriumError, domain_error, to_status
from sensorium_core.interceptors._base import Interceptor, Layer, Request
from sensorium_core.interceptors._telemetry import id_metadata


class ErrorsInterceptor(Interceptor):
    """Maps domain errors to their status; anything else becomes INTERNAL and goes to the log with its traceback."""

    async def run(self, request: Request, inner: Layer) -> Any:
        """Runs the call and aborts it with the status of its error."""
        try:
            return await inner(request)
        except (grpc.aio.AbortError, grpc.aio.InternalError):  # already ended: by the servicer, or by a caller who left
            raise
        except Exception as error:
            await self._abort(request, domain_error(error))

    async def _abort(self, request: Request, error: SensoriumError) -> None:
        call = current_call()
        call.details["reason"] = error.reason
        status = rpc_status.to_status(to_status(error, call.request_id))
        metadata = (*status.trailing_metadata, *id_metadata(call))  # what was set before is not sent with an error
        try:
            await request.context.abort(status.code, status.details, metadata)
        except grpc.aio.InternalError:
            # The caller has gone meanwhile: there is nobody to tell, and no defect to report.
            raise asyncio.CancelledError from None
