"""Traces of calls, sent by OpenTelemetry. Imported only where traces are wanted.

A span belongs to a Call and not to OpenTelemetry's own context: batches are computed in tasks that any caller may have
started, and a task's context would put them into that caller's trace.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from sensorium_core.telemetry.switches import TelemetrySwitches

__all__ = ["Span", "Tracing"]

# A collector that does not answer must not keep a process from ending: `sensorium down` promises ten seconds.
_CLOSING_SECONDS = 0.5
_PROPAGATOR = TraceContextTextMapPropagator()
# Of the statuses of a server only these are its own failures:
# https://opentelemetry.io/docs/specs/semconv/rpc/grpc
_SERVER_ERRORS = frozenset(("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"))

Attributes = Mapping[str, str | int]


class Span:
    """A part of a trace that has begun. Its attributes are names, numbers and codes, never content."""

    __slots__ = ("_span", "_tracer", "sampled", "span_id", "trace_id")

    def __init__(self, tracer: Tracer, span: OtelSpan) -> None:
        context = span.get_span_context()
        self._tracer = tracer
        self._span = span
        self.trace_id = f"{context.trace_id:032x}"
        self.span_id = f"{context.span_id:016x}"
        self.sampled: bool = context.trace_flags.sampled

    def child(self, name: str, *, links: Sequence[Span] = ()) -> Span:
        """Begins a part of this span."""
        return self._begin(name, SpanKind.INTERNAL, None, links)

    def client(self, service: str, method: str, attributes: Attributes) -> Span:
        """Begins a call to another server."""
        return self._begin(
            f"{service}/{method}", SpanKind.CLIENT, {**rpc_attributes(service, method), **attributes}, ()
        )

    def batch(self, others: Sequence[Span]) -> list[Span]:
        """Begins work that is done for this span and others at once: a span in the trace of each, linked.

        The work goes on under the first of them.
        """
        first = self.child("batch", links=others)
        return [first, *(other.child("batch", links=[first]) for other in others)]

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What tells the next server to go on with the trace; nothing where the trace is not kept."""
        if not self.sampled:
            return ()
        parent = ("traceparent", f"00-{self.trace_id}-{self.span_id}-01")
        state = self._span.get_span_context().trace_state
        return (parent, ("tracestate", state.to_header())) if state else (parent,)

    def exemplar(self) -> dict[str, str] | None:
        """What leads from a measured value to the trace; None where the trace is not kept."""
        return {"trace_id": self.trace_id, "span_id": self.span_id} if self.sampled else None

    def end(self, error: str = "") -> None:
        """Ends the span; `error` is the stable reason of a failure."""
        if error:
            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def end_call(self, code: int, code_name: str, reason: str) -> None:
        """Ends the span of a call that was served, with its status and the stable reason for it."""
        self._span.set_attribute("rpc.grpc.status_code", code)
        if reason and code_name not in _SERVER_ERRORS:
            self._span.set_attribute("error.type", reason)  # the caller's mistake is no error of this server
            reason = ""
        self.end(reason or (code_name if code_name in _SERVER_ERRORS else ""))

    def _begin(self, name: str, kind: SpanKind, attributes: Attributes | None, links: Sequence[Span]) -> Span:
        if not self.sampled:
            return self  # its parts are not kept either, and to end it has no effect
        context = set_span_in_context(self._span)
        linked = [Link(link._span.get_span_context()) for link in links]
        started = self._tracer.start_span(
            name, context, kind, attributes, linked, record_exception=False, set_status_on_exception=False
        )
        return Span(self._tracer, started)


class Tracing:
    """Makes the spans of calls and sends them in the background; what a bounded queue cannot hold is dropped.

    Args:
        resource: what the process is called.
        exporter: where spans go.
        processor: how they get there; in batches by default.
    """

    def __init__(self, resource: Resource, exporter: SpanExporter, processor: SpanProcessor | None = None) -> None:
        self._exporter = exporter
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor or BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sensorium")

    @classmethod
    def to_collector(cls, service: str, switches: TelemetrySwitches) -> Tracing:
        """Sends to a collector; sampler, batching, headers and certificates are read by OpenTelemetry itself."""
        name = {} if switches.names_service else {SERVICE_NAME: service}
        resource = Resource.create({**name, SERVICE_VERSION: version("sensorium")})
        return cls(resource, OTLPSpanExporter(switches.traces_endpoint))

    def serve(self, service: str, method: str, metadata: Mapping[str, str]) -> Span:
        """Begins to serve a call: a part of its caller's trace where the metadata has one (W3C Trace Context)."""
        context = _PROPAGATOR.extract(metadata)
        attributes = rpc_attributes(service, method)
        return Span(self._tracer, self._tracer.start_span(f"{service}/{method}", context, SpanKind.SERVER, attributes))

    def close(self) -> None:
        """Sends what is left, for half a second at most."""
        last = threading.Thread(target=self._provider.shutdown, name="last traces", daemon=True)
        last.start()
        last.join(_CLOSING_SECONDS)
        if last.is_alive():
            self._exporter.shutdown()  # ends its waiting for another try


def rpc_attributes(service: str, method: str) -> dict[str, str | int]:
    """The attributes that OpenTelemetry's conventions ask for on both ends of an RPC."""
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
