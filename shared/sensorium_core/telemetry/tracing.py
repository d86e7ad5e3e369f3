"""Traces of calls, sent by OpenTelemetry. Imported only where traces are wanted.

A span belongs to a Call and not to OpenTelemetry's own context: batches are computed in tasks that any caller may have
started, and a task's context would put them into that caller's trace.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from sensorium_core.telemetry.spans import Kind, Parent, Span, new_trace_id, parent_in, rpc_attributes

if TYPE_CHECKING:
    from sensorium_core.telemetry.switches import TelemetrySwitches

__all__ = ["Span", "Tracing"]

# A collector that does not answer must not keep a process from ending: `sensorium down` promises ten seconds.
_CLOSING_SECONDS = 0.5
_KEPT = TraceFlags(TraceFlags.SAMPLED)
_KINDS = {Kind.INTERNAL: SpanKind.INTERNAL, Kind.SERVER: SpanKind.SERVER, Kind.CLIENT: SpanKind.CLIENT}
_SCOPE = InstrumentationScope("sensorium")


class _Ended:
    """A span of ours in the queue of OpenTelemetry's processor, which looks at nothing but this one flag."""

    __slots__ = ("span",)

    context = SpanContext(1, 1, is_remote=False, trace_flags=_KEPT)

    def __init__(self, span: Span) -> None:
        self.span = span


class _Converting(SpanExporter):
    """Makes OpenTelemetry's spans of ours, in the processor's thread, and hands them on."""

    def __init__(self, exporter: SpanExporter, resource: Resource) -> None:
        self._exporter = exporter
        self._resource = resource

    def export(self, spans: Sequence[Any]) -> SpanExportResult:
        return self._exporter.export([_readable(each.span, self._resource) for each in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()


class Tracing:
    """Makes the spans of calls and sends them in the background; what a bounded queue cannot hold is dropped.

    Args:
        resource: what the process is called.
        exporter: where spans go.
        processor: how they get there; in batches by default.
    """

    def __init__(
        self, resource: Resource, exporter: SpanExporter, processor: type[SpanProcessor] = BatchSpanProcessor
    ) -> None:
        self._exporter = exporter
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)  # reads the sampler from the environment
        make: Any = processor
        self._processor: SpanProcessor = make(_Converting(exporter, provider.resource))
        self._sampler: Sampler = provider.sampler
        # The default is known without being asked: as the caller says, and everything that begins here.
        self._follows_callers = _description(provider.sampler) == _description(DEFAULT_ON)

    @classmethod
    def to_collector(cls, service: str, switches: TelemetrySwitches) -> Tracing:
        """Sends to a collector; sampler, batching, headers and certificates are read by OpenTelemetry itself."""
        name = {} if switches.names_service else {SERVICE_NAME: service}
        resource = Resource.create({**name, SERVICE_VERSION: version("sensorium")})
        return cls(resource, OTLPSpanExporter(switches.traces_endpoint))

    def serve(self, service: str, method: str, metadata: Mapping[str, str]) -> Span:
        """Begins to serve a call: a part of its caller's trace where the metadata has one (W3C Trace Context)."""
        name, attributes = _served(service, method)
        parent = parent_in(metadata) if "traceparent" in metadata else None
        trace_id = parent.trace_id if parent else new_trace_id()
        return Span(
            self._finish,
            name,
            trace_id,
            parent.span_id if parent else "",
            kind=Kind.SERVER,
            attributes=attributes,
            state=_checked_state(parent.state) if parent and parent.state else "",
            sampled=self._keeps(parent, trace_id, name),
            remote=True,
        )

    def close(self) -> None:
        """Sends what is left, for half a second at most."""
        last = threading.Thread(target=self._processor.shutdown, name="last traces", daemon=True)
        last.start()
        last.join(_CLOSING_SECONDS)
        if last.is_alive():
            self._exporter.shutdown()  # ends its waiting for another try

    def _finish(self, span: Span) -> None:
        self._processor.on_end(cast(ReadableSpan, _Ended(span)))

    def _keeps(self, parent: Parent | None, trace_id: str, name: str) -> bool:
        if self._follows_callers:
            return parent is None or parent.sampled
        context = None
        if parent is not None:
            flags = _KEPT if parent.sampled else TraceFlags()
            above = SpanContext(int(trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
            context = set_span_in_context(NonRecordingSpan(above))
        result = self._sampler.should_sample(context, int(trace_id, 16), name, SpanKind.SERVER)
        return result.decision is Decision.RECORD_AND_SAMPLE


def _description(sampler: Any) -> str:
    return str(sampler.get_description())


@cache
def _served(service: str, method: str) -> tuple[str, Mapping[str, str | int]]:
    return f"{service}/{method}", rpc_attributes(service, method)


def _checked_state(header: str) -> str:
    """The valid part of a `tracestate`, which is sent on."""
    return TraceState.from_header([header]).to_header()


def _readable(span: Span, resource: Resource) -> ReadableSpan:
    state = TraceState.from_header([span.state]) if span.state else None
    above = _context(span.trace_id, span.parent_id, state, remote=span.remote) if span.parent_id else None
    return ReadableSpan(
        span.name,
        _context(span.trace_id, span.span_id, state),
        above,
        resource,
        {**span.attributes, **(span.further or {})},
        links=[Link(_context(each.trace_id, each.span_id, None)) for each in span.links],
        kind=_KINDS[span.kind],
        status=Status(StatusCode.ERROR if span.failed else StatusCode.UNSET),
        start_time=span.began,
        end_time=span.ended,
        instrumentation_scope=_SCOPE,
    )


def _context(trace_id: str, span_id: str, state: TraceState | None, *, remote: bool = False) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=remote, trace_flags=_KEPT, trace_state=state)
