"""Spans: where they hang, what they say, and that nothing is there when nobody wants them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.openmetrics.exposition import generate_latest

from otlp import collecting
from sensorium_core.batching import ShapeBatcher
from sensorium_core.call import Stage, current_call, current_span, serving
from sensorium_core.errors import InvalidInputError
from sensorium_core.interceptors import DeadlineInterceptor, ErrorsInterceptor, TelemetryInterceptor
from sensorium_core.limits import Admission, BoundedExecutor
from sensorium_core.reload import ConfigurationError
from sensorium_core.server import run_service
from sensorium_core.settings import ServiceSettings
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_core.telemetry.spans import parent_in
from sensorium_core.telemetry.switches import TelemetrySwitches, start_tracing
from sensorium_core.telemetry.tracing import Tracing
from unit.core.support import SERVICE, Caller, Context, Echo, echo_server, failure_of, handled, until

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
KEPT = (("traceparent", f"00-{TRACE}-{PARENT}-01"), ("tracestate", "vendor=1"))
NOT_KEPT = (("traceparent", f"00-{TRACE}-{PARENT}-00"),)


class Spans:
    """What has ended, by name."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracing = Tracing(Resource({}), self.exporter, SimpleSpanProcessor)

    @property
    def all(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.all if span.name == name]
        return span


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
async def caller(spans: Spans, echo: Echo, metrics: Metrics) -> AsyncIterator[Caller]:
    chain = [TelemetryInterceptor(metrics, spans.tracing), ErrorsInterceptor(), DeadlineInterceptor(30)]
    async with echo_server(echo, chain) as caller:
        yield caller


def hexed(span: ReadableSpan) -> tuple[str, str, str]:
    """Ids of the trace, of the parent and of the span."""
    assert span.context is not None
    parent = f"{span.parent.span_id:016x}" if span.parent else ""
    return f"{span.context.trace_id:032x}", parent, f"{span.context.span_id:016x}"


async def test_a_call_goes_on_with_its_callers_trace(caller: Caller, spans: Spans) -> None:
    await caller.call("Unary", metadata=KEPT)
    await until(lambda: spans.all)
    span = spans.named(f"{SERVICE}/Unary")
    assert hexed(span)[:2] == (TRACE, PARENT)
    assert span.kind.name == "SERVER"
    assert dict(span.attributes or {}) == {
        "rpc.system": "grpc",
        "rpc.service": SERVICE,
        "rpc.method": "Unary",
        "rpc.grpc.status_code": 0,
    }


@pytest.mark.parametrize("kind", ["Unary", "ClientStream", "ServerStream", "BidiStream"])
async def test_every_kind_of_call_has_a_span(caller: Caller, spans: Spans, kind: str) -> None:
    await caller.call(kind)
    await until(lambda: spans.all)
    assert hexed(spans.named(f"{SERVICE}/{kind}"))[1] == ""


@pytest.mark.parametrize("header", ["", "00-0-0-01", "x" * 5000, f"00-{'0' * 32}-{PARENT}-01"])
async def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(caller: Caller, spans: Spans, header: str) -> None:
    await caller.call("Unary", metadata=(("traceparent", header),))
    await until(lambda: spans.all)
    trace_id, parent, _ = hexed(spans.named(f"{SERVICE}/Unary"))
    assert (trace_id != TRACE, parent) == (True, "")


@pytest.mark.parametrize(("sampler", "kept"), [("always_off", 0), ("parentbased_always_off", 1), ("always_on", 2)])
async def test_the_sampler_of_the_environment_decides(monkeypatch: pytest.MonkeyPatch, sampler: str, kept: int) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    spans = Spans()
    for metadata in ({}, dict(KEPT)):
        spans.tracing.serve("a.B", "C", metadata).end()
    assert len(spans.all) == kept


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (f"00-{TRACE}-{PARENT}-01", True),
        (f" 00-{TRACE}-{PARENT}-ff ", True),
        (f"01-{TRACE}-{PARENT}-00-what later versions add", True),
        (f"00-{TRACE}-{PARENT}-00-more", False),
        (f"ff-{TRACE}-{PARENT}-00", False),
        (f"00-{TRACE.upper()}-{PARENT}-00", False),
        (f"00-{TRACE}-{'0' * 16}-00", False),
        (f"00-{TRACE}-{PARENT}", False),
    ],
)
def test_a_traceparent_is_read_as_its_specification_says(header: str, known: bool) -> None:
    parent = parent_in({"traceparent": header})
    assert (parent is not None) is known
    assert parent is None or (parent.trace_id, parent.span_id) == (TRACE, PARENT)


async def test_what_its_caller_does_not_keep_is_not_sent_and_no_server_behind_is_told(
    echo: Echo, caller: Caller, spans: Spans, metrics: Metrics
) -> None:
    seen = []

    async def look(request: StringValue, context: Context) -> StringValue:
        span = current_span()
        assert span is not None
        seen.append((span.trace_id, span.client("a.B", "C", {}).metadata(), span.exemplar()))
        return request

    echo.Unary = look  # type: ignore[method-assign]
    await caller.call("Unary", metadata=NOT_KEPT)
    await until(lambda: handled(metrics, "Unary", "OK") == 1)
    assert seen == [(TRACE, (), None)]
    assert spans.all == ()


async def test_stages_and_the_next_server_hang_under_the_call(echo: Echo, caller: Caller, spans: Spans) -> None:
    handed_on: dict[str, str] = {}

    async def work(request: StringValue, context: Context) -> StringValue:
        with BoundedExecutor(1, 1, Metrics()) as executor:
            await executor.run(Stage.DECODE, len, "secret")
        call = current_call()
        with call.measure(Stage.POSTPROCESS):
            pass
        assert call.span is not None
        asking = call.span.client("a.B", "C", {"sensorium.batch.size": 2})
        handed_on.update(asking.metadata())
        asking.end()
        return request

    echo.Unary = work  # type: ignore[method-assign]
    await caller.call("Unary", "secret", metadata=KEPT)
    await until(lambda: len(spans.all) == 4)
    _, _, served = hexed(spans.named(f"{SERVICE}/Unary"))
    for name in ("decode", "postprocess", "a.B/C"):
        assert hexed(spans.named(name))[:2] == (TRACE, served)
    asked = spans.named("a.B/C")
    assert (asked.kind.name, (asked.attributes or {})["sensorium.batch.size"]) == ("CLIENT", 2)
    assert handed_on == {"traceparent": f"00-{TRACE}-{hexed(asked)[2]}-01", "tracestate": "vendor=1"}
    assert not any("secret" in span.to_json() for span in spans.all)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InvalidInputError("secret", reason="NO_GOOD"), (3, "NO_GOOD", "UNSET")),
        (KeyError("secret"), (13, "INTERNAL", "ERROR")),
    ],
)
async def test_a_failure_is_told_by_its_reason_and_only_the_servers_own_is_an_error(
    echo: Echo, caller: Caller, spans: Spans, error: Exception, told: tuple[int, str, str]
) -> None:
    async def fail(request: StringValue, context: Context) -> StringValue:
        raise error

    echo.Unary = fail  # type: ignore[method-assign]
    await failure_of(caller.start("Unary"))
    await until(lambda: spans.all)
    (span,) = spans.all
    attributes = span.attributes or {}
    status = span.status.status_code.name
    assert (attributes["rpc.grpc.status_code"], attributes["error.type"], status) == told
    assert "secret" not in span.to_json()


async def test_health_checks_leave_no_trace(spans: Spans, metrics: Metrics, echo: Echo) -> None:
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # noqa: PLC0415 - used here alone

    def add_health(server: grpc.aio.Server) -> None:
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)

    async with echo_server(echo, [TelemetryInterceptor(metrics, spans.tracing)], also=add_health) as caller:
        await health_pb2_grpc.HealthStub(caller.channel).Check(health_pb2.HealthCheckRequest())
    assert spans.all == ()


async def test_a_method_that_does_not_exist_leaves_no_trace(spans: Spans, metrics: Metrics, echo: Echo) -> None:
    around = [TelemetryInterceptor(metrics, spans.tracing), ErrorsInterceptor()]
    async with echo_server(echo, around) as caller:
        sing: Any = caller.channel.unary_unary("/a.B/Sing")
        with pytest.raises(grpc.aio.AioRpcError, match="UNIMPLEMENTED"):
            await sing(b"")
    assert spans.all == ()


async def test_each_item_of_a_stream_is_a_part_of_its_trace(spans: Spans, metrics: Metrics) -> None:
    stream = current_call()
    stream.span = spans.tracing.serve("a.B", "Stream", {})
    runner = ItemRunner(Admission(4, metrics), 5)

    async def work() -> None:
        with current_call().measure(Stage.PREPROCESS):
            pass
        raise InvalidInputError("secret", reason="NO_GOOD")

    with serving(stream):
        await runner.run("r/0", work)
    item, stage = spans.named("item"), spans.named("preprocess")
    assert hexed(item)[1] == stream.span.span_id
    assert hexed(stage)[1] == hexed(item)[2]
    assert (item.attributes or {})["error.type"] == "NO_GOOD"


async def test_what_is_computed_for_several_calls_at_once_is_in_the_trace_of_each(spans: Spans) -> None:
    holding, release = asyncio.Event(), asyncio.Event()

    async def run(key: int, items: Sequence[int]) -> Sequence[int]:
        with current_call().measure(Stage.TRITON_COMPUTE):
            holding.set()
            await release.wait()
        return items

    batcher = ShapeBatcher(run, largest=lambda _: 8, running=1)

    async def call(number: int, trace: str) -> str:
        made = current_call()
        made.span = spans.tracing.serve("a.B", f"C{number}", {"traceparent": f"00-{trace}-{PARENT}-01"})
        with serving(made):
            await batcher.submit(0, number)
        made.span.end()
        return made.span.span_id

    first = asyncio.create_task(call(0, "1" * 32))
    await holding.wait()
    others = [asyncio.create_task(call(number, str(number + 1) * 32)) for number in (1, 2)]
    await asyncio.sleep(0)  # both wait in the batcher
    release.set()
    ids = [await one for one in (first, *others)]

    batches = {hexed(span)[0][0]: span for span in spans.all if span.name == "batch"}
    assert {trace: hexed(span)[1] for trace, span in batches.items()} == dict(zip("123", ids, strict=True))
    assert [link.context.span_id for link in batches["3"].links] == [int(hexed(batches["2"])[2], 16)]
    computed = {hexed(span)[1] for span in spans.all if span.name == "triton_compute"}
    assert computed == {hexed(batches["1"])[2], hexed(batches["2"])[2]}


async def test_measured_times_lead_to_their_trace(caller: Caller, metrics: Metrics, spans: Spans) -> None:
    await caller.call("Unary", metadata=KEPT)
    await until(lambda: spans.all)
    text = generate_latest(metrics.registry).decode()  # type: ignore[no-untyped-call]  # it has no annotations
    (line,) = [each for each in text.splitlines() if "handling_seconds_bucket" in each and "# {" in each]
    assert f'trace_id="{TRACE}"' in line
    assert f'span_id="{hexed(spans.all[0])[2]}"' in line


@pytest.mark.parametrize(
    ("environment", "traces"),
    [
        ({}, False),
        ({"EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/x"}, True),
        ({"TRACES_EXPORTER": "otlp"}, True),
        ({"TRACES_EXPORTER": "none", "EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, False),
        ({"SDK_DISABLED": "true", "TRACES_EXPORTER": "otlp"}, False),
        ({"EXPORTER_OTLP_PROTOCOL": "grpc"}, False),
    ],
)
def test_traces_are_sent_when_somebody_is_there_to_take_them(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], traces: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    assert TelemetrySwitches.load().traces is traces


def test_the_endpoint_is_that_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TelemetrySwitches.load().traces_endpoint == "http://localhost:4318/v1/traces"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/")
    assert TelemetrySwitches.load().traces_endpoint == "http://c:4318/v1/traces"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://d/x")
    assert TelemetrySwitches.load().traces_endpoint == "http://d/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRACES_EXPORTER", "zipkin"), ("METRICS_EXPORTER", "otlp"), ("EXPORTER_OTLP_PROTOCOL", "grpc")],
)
def test_what_is_not_spoken_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")
    monkeypatch.setenv(f"OTEL_{name}", value)
    with pytest.raises(ConfigurationError, match=f"OTEL_{name}"):
        TelemetrySwitches.load()


def test_opentelemetry_is_not_even_loaded_where_no_traces_are_wanted() -> None:
    program = """
import sys, sensorium_core.server
from sensorium_core.telemetry.switches import TelemetrySwitches, start_tracing
assert start_tracing("x", TelemetrySwitches.load()) is None
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"


async def test_what_is_left_is_sent_at_the_end_under_the_name_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        for number, name in enumerate(("sensorium-vision", "named by the environment"), start=1):
            tracing = start_tracing("sensorium-vision", TelemetrySwitches.load())
            assert tracing is not None
            tracing.serve("a.B", "C", {}).end()
            tracing.close()
            await until(lambda: len(collector.spans) == number)  # noqa: B023 - awaited at once
            assert collector.spans[-1].service == name
            monkeypatch.setenv("OTEL_SERVICE_NAME", "named by the environment")
        assert [span.name for span in collector.spans] == ["a.B/C"] * 2


def test_a_collector_that_is_not_there_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    tracing = start_tracing("x", TelemetrySwitches.load())
    assert tracing is not None
    tracing.serve("a.B", "C", {}).end()
    loop = asyncio.new_event_loop()
    began = loop.time()
    tracing.close()
    assert loop.time() - began < 5  # the exporter alone would try for ten seconds
    loop.close()


def test_a_service_says_which_variable_keeps_it_from_starting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def serve(settings: ServiceSettings) -> None:
        raise AssertionError("it must not start")

    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    assert run_service("test", lambda: ServiceSettings(listen="127.0.0.1:0", metrics_port=0), serve) == 1
    assert capsys.readouterr().err.startswith("sensorium-test: OTEL_TRACES_EXPORTER: ")
