"""Puts every call into the audit log: who called what, when, with what outcome and size; never what was sent."""

import asyncio
from typing import Any

import grpc

from sensorium_core.audit import AuditLog
from sensorium_core.call import Call, current_call
from sensorium_core.errors import SensoriumError, UnavailableError
from sensorium_core.interceptors._base import Interceptor, Layer, Request


class AuditInterceptor(Interceptor):
    """Records each call when it ends, also one that was refused.

    Args:
        log: takes the records.
        quiet_methods: methods that are not recorded, such as the health checks that everybody may make.
        required: refuse calls while they cannot be recorded.
    """

    def __init__(self, log: AuditLog, quiet_methods: frozenset[str], *, required: bool) -> None:
        self._log = log
        self._quiet = quiet_methods
        self._required = required

    async def run(self, request: Request, inner: Layer) -> Any:
        """Runs the call and records it."""
        if request.method in self._quiet:
            return await inner(request)
        if self._required and not self._log.working:
            text = "Calls cannot be recorded at the moment, and none is served unrecorded."
            raise UnavailableError(text, reason="AUDIT_UNAVAILABLE")
        code, reason = "OK", ""
        try:
            return await inner(request)
        except BaseException as error:
            code, reason = _outcome(error, request)
            raise
        finally:
            call = current_call()
            self._log.record(
                event="call",
                request_id=call.request_id,
                method=call.method,
                identity=_principal(call),
                peer=request.peer,
                code=code,
                reason=reason,
                seconds=round(call.elapsed(), 6),
                request_bytes=call.request_bytes,
                response_bytes=call.response_bytes,
                models=call.models,
            )


class AuditOpeningInterceptor(Interceptor):
    """Records the beginning of a stream of requests, which may last for days, once its caller is known.

    Args:
        log: takes the records.
    """

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def run(self, request: Request, inner: Layer) -> Any:
        """Records the stream, then runs it."""
        call = current_call()
        self._log.record(
            event="stream",
            request_id=call.request_id,
            method=call.method,
            identity=_principal(call),
            peer=request.peer,
        )
        return await inner(request)

    def concerns(self, kind: str) -> bool:
        """Only streams of requests."""
        return kind in ("client_stream", "bidi_stream")


def _principal(call: Call) -> str:
    return call.access.identity.principal if call.access else ""


def _outcome(error: BaseException, request: Request) -> tuple[str, str]:
    """Code and reason of a call that an error ends, as the interceptors around this one will tell them."""
    if isinstance(error, SensoriumError):
        return error.code.name, error.reason
    if isinstance(error, TimeoutError):
        return "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"
    if isinstance(error, asyncio.CancelledError | grpc.aio.InternalError | GeneratorExit):
        return "CANCELLED", ""
    if isinstance(error, grpc.aio.AbortError):
        code: object = request.context.code()
        return (code.name if isinstance(code, grpc.StatusCode) else "UNKNOWN"), ""
    return "INTERNAL", "INTERNAL"
