"""What traces cost a unary call: CPU time of caller and server, with traces off, kept, and not kept by the caller.

The call has what a call of a service has: three stages and one inference. Run by `make bench-tracing`.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog
import uvloop
from google.protobuf.wrappers_pb2 import StringValue
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from sensorium_core.call import Stage, current_call
from sensorium_core.interceptors import DeadlineInterceptor, ErrorsInterceptor, TelemetryInterceptor
from sensorium_core.telemetry import Metrics
from sensorium_core.telemetry.tracing import Tracing
from unit.core.support import Context, Echo, echo_server

_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"
_ROUNDS = 40
_CALLS = 100


class Dropping(SpanExporter):
    """Sending is left out: it happens in batches in a thread of its own, and depends on the collector."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


async def _work(request: StringValue, context: Context) -> StringValue:
    call = current_call()
    for stage in (Stage.DECODE, Stage.PREPROCESS, Stage.POSTPROCESS):
        with call.measure(stage):
            pass
    if call.span:
        asking = call.span.client("inference.GRPCInferenceService", "ModelInfer", {"sensorium.model.name": "m"})
        asking.metadata()
        asking.end()
    return request


async def main() -> None:
    """Prints the table; the ways take turns, so that the machine's moods meet all of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    echo, tracing = Echo(), Tracing(Resource({}), Dropping())
    echo.Unary = _work  # type: ignore[method-assign]
    ways = {"off": (None, "1"), "kept": (tracing, "1"), "not kept": (tracing, "0")}
    times: dict[str, list[float]] = {name: [] for name in ways}
    async with AsyncExitStack() as stack:
        callers = {}
        for name, (given, _) in ways.items():
            chain = [TelemetryInterceptor(Metrics(), given), ErrorsInterceptor(), DeadlineInterceptor(30)]
            callers[name] = await stack.enter_async_context(echo_server(echo, chain))
        for number in range(_ROUNDS + 1):
            for name, (_, kept) in ways.items():
                start = time.process_time()
                for _ in range(_CALLS):
                    await callers[name].call("Unary", metadata=(("traceparent", _PARENT + kept),))
                if number:  # the first round warms up
                    times[name].append((time.process_time() - start) / _CALLS * 1e6)
    tracing.close()
    off = statistics.median(times["off"])
    for name, each in times.items():
        print(f"traces {name:9} {statistics.median(each):6.0f} µs a call, {statistics.median(each) - off:+6.0f} µs")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
