"""The outermost interceptor: gives the call its id, counts it, times it, and writes its line of the access log."""

import asyncio
import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import grpc
import structlog

from sensorium.type.v1.request_context_pb2 import RequestContext
from sensorium_core.call import Call, make_id, serving
from sensorium_core.interceptors._base import Interceptor, Layer, Request
from sensorium_core.telemetry import Metrics

if TYPE_CHECKING:
    from sensorium_core.telemetry.spans import Span
    from sensorium_core.telemetry.tracing import Tracing

REQUEST_ID_KEY = "x-request-id"
_TRACE_KEYS = ("traceparent", "tracestate")
_LONGEST_ID = 128
_LONGEST_METHOD = 256
_UNKNOWN = "/unknown/unknown"
_SLOW = 0.1
_NOW_AND_THEN = 0.1
_QUIET_SERVICES = ("grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection")
_log = structlog.get_logger("access")


class TelemetryInterceptor(Interceptor):
    """Makes the Call that everything inside finds, and reports how it ended.

    Args:
        metrics: where it is counted.
        tracing: makes its span; None for no traces.
    """

    def __init__(self, metrics: Metrics, tracing: "Tracing | None" = None) -> None:
        self._metrics = metrics
        self._tracing = tracing
        self._counters: dict[tuple[str, str], _Counters] = {}

    async def run(self, request: Request, inner: Layer) -> Any:
        """Counts the call, runs it, and reports it."""
        # Names that callers make up have no end: they count as one, and logs get the beginning.
        name = request.method if request.known else _UNKNOWN
        counters = self._counters.get((name, request.kind)) or self._make_counters(name, request.kind)
        call = Call(
            request.method[:_LONGEST_METHOD], _request_id(request) or make_id(), request_bytes=request.size or 0
        )
        if request.coming is not None:
            request.arrived = partial(_note_arrival, call, request)
        if self._tracing and not counters.quiet and request.known:
            call.span = self._tracing.serve(*counters.name, _trace(request))
        counters.started.inc()
        cancelled = False
        with serving(call):
            try:
                if counters.streams:
                    # A stream's caller hears of it at once. That takes a message of its own, which costs as much as all
                    # interceptors together: a single answer carries it at its end.
                    await request.context.send_initial_metadata(id_metadata(call))
                else:
                    request.context.set_trailing_metadata(id_metadata(call))
                return await inner(request)
            except (asyncio.CancelledError, grpc.aio.InternalError):  # the latter when the caller left while we wrote
                cancelled = True
                raise
            finally:
                code = _code(request.context, call, cancelled=cancelled)
                end = _End(call, code, call.elapsed(), request.peer)
                # Once the answer is on its way, which is when this task waits next.
                asyncio.get_running_loop().call_soon(self._report, end, counters)

    def _report(self, end: "_End", counters: "_Counters") -> None:
        call, code, seconds, span = end.call, end.code, end.seconds, end.call.span
        counters.handled(code).inc()
        counters.handling.observe(seconds, counters.exemplar(span, seconds) if span else None)
        _write_access_log(end, quiet=counters.quiet)
        if span:
            span.end_call(code.value[0], code.name, str(call.details.get("reason", "")))

    def _make_counters(self, method: str, kind: str) -> "_Counters":
        counters = self._counters[method, kind] = _Counters(self._metrics, method, kind)
        return counters


class _End(NamedTuple):
    """How a call has ended; what grpc knows of it is gone soon afterwards."""

    call: Call
    code: grpc.StatusCode
    seconds: float
    peer: str


class _Counters:
    """The metrics of one method; to find them by their labels takes longer than to count."""

    def __init__(self, metrics: Metrics, method: str, kind: str) -> None:
        service, _, name = method.lstrip("/").partition("/")
        labels = (kind, service, name)
        self.name = (service, name)
        self.quiet = service in _QUIET_SERVICES
        self.streams = kind.endswith(("server_stream", "bidi_stream"))
        self.started = metrics.started.labels(*labels)
        self.handling = metrics.handling.labels(*labels)
        self.handled = cache(lambda code: metrics.handled.labels(*labels, code.name))
        self._noted = float("-inf")

    def exemplar(self, span: "Span", seconds: float) -> dict[str, str] | None:
        """What leads to the trace of a slow call; of quick ones only now and then: only the last is ever read."""
        now = time.monotonic()
        if seconds < _SLOW and now - self._noted < _NOW_AND_THEN:
            return None
        self._noted = now
        return span.exemplar()


def id_metadata(call: Call) -> tuple[tuple[str, str]]:
    """The metadata that tells a caller the id of its call."""
    return ((REQUEST_ID_KEY, _header(call.request_id)),)


def _note_arrival(call: Call, request: Request) -> None:
    """Adds what only the request itself tells."""
    call.request_id, call.request_bytes = _request_id(request) or call.request_id, request.size or 0
    request.context.set_trailing_metadata(id_metadata(call))


def _request_id(request: Request) -> str:
    message: Any = request.message
    given = message.context.request_id if _has_context(message.__class__) else ""
    if not given:
        given = next((value for key, value in request.metadata if key == REQUEST_ID_KEY), "")
    text = given if isinstance(given, str) else ""
    return text if len(text) <= _LONGEST_ID and text.isprintable() else ""


@cache
def _has_context(kind: Any) -> bool:
    """Whether messages of this type carry a RequestContext; to ask a message without one takes longer."""
    field = kind.DESCRIPTOR.fields_by_name.get("context") if hasattr(kind, "DESCRIPTOR") else None
    return field is not None and field.message_type is RequestContext.DESCRIPTOR


def _trace(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.metadata if key in _TRACE_KEYS and isinstance(value, str)}


def _header(request_id: str) -> str:
    # A header holds printable ASCII only; an id from a message may hold more.
    return request_id if request_id.isascii() else quote(request_id, safe=" ")


def _code(context: grpc.aio.ServicerContext[object, object], call: Call, *, cancelled: bool) -> grpc.StatusCode:
    if cancelled:
        return grpc.StatusCode.DEADLINE_EXCEEDED if _late(call) else grpc.StatusCode.CANCELLED
    code: object = context.code()  # a number or None where the stubs promise a StatusCode, as long as nobody set it
    return code if isinstance(code, grpc.StatusCode) else _CODES.get(code or 0, grpc.StatusCode.UNKNOWN)


_CODES: dict[object, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def _late(call: Call) -> bool:
    # A caller whose deadline passes cancels the call. Its own clock does so a little before the deadline that reached
    # the server, which gRPC rounds up by as much as one per cent.
    if call.deadline is None:
        return False
    slack = 0.005 + 0.02 * (call.deadline - call.started)
    return time.monotonic() >= call.deadline - slack


def _write_access_log(end: _End, *, quiet: bool) -> None:
    call = end.call
    write = _log.debug if quiet else _log.info
    write(
        "call",
        method=call.method,
        code=end.code.name,
        **({"identity": call.access.identity.principal} if call.access else {}),
        peer=end.peer,
        seconds=round(end.seconds, 6),
        stages={stage.value: round(seconds, 6) for stage, seconds in call.stages.items()},
        models=call.models,
        request_bytes=call.request_bytes,
        response_bytes=call.response_bytes,
        **call.details,
    )
