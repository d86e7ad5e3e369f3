"""`sensorium top`: numbers from two readings, and what is shown of them."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sensorium_client import InvalidInputError, Security
from sensorium_client.cli import app
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.readings import Change, Reading, parse, read
from sensorium_client.stack.settings import StackSettings
from sensorium_client.stack.top import frame, metrics_urls, model_rows, service_row, watch
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.security.tls import TlsFiles, http_context
from sensorium_core.telemetry import Metrics, MetricsServer
from sensorium_core.telemetry.endpoint import Environment

PAGE = """
# TYPE grpc_server_handled_total counter
grpc_server_handled_total{{grpc_service="sensorium.text.v1.TextService",grpc_method="Embed",grpc_code="OK"}} {ok}
grpc_server_handled_total{{grpc_service="sensorium.text.v1.TextService",grpc_method="Embed",grpc_code="INTERNAL"}} {bad}
grpc_server_handled_total{{grpc_service="grpc.health.v1.Health",grpc_method="Check",grpc_code="OK"}} {ok}
# TYPE grpc_server_handling_seconds histogram
grpc_server_handling_seconds_bucket{{grpc_service="sensorium.text.v1.TextService",grpc_type="unary",le="0.1"}} {ok}
grpc_server_handling_seconds_bucket{{grpc_service="sensorium.text.v1.TextService",grpc_type="unary",le="0.2"}} {all}
grpc_server_handling_seconds_bucket{{grpc_service="sensorium.text.v1.TextService",grpc_type="unary",le="+Inf"}} {all}
# TYPE sensorium_rejected_total counter
sensorium_rejected_total{{reason="admission"}} {bad}
sensorium_in_flight_requests 3
sensorium_waiting_requests 2
sensorium_model_ready{{model="minilm"}} 1
# TYPE sensorium_triton_request_seconds histogram
sensorium_triton_request_seconds_bucket{{model="minilm",le="0.05"}} {ok}
sensorium_triton_request_seconds_bucket{{model="minilm",le="+Inf"}} {ok}
sensorium_triton_request_seconds_count{{model="minilm"}} {ok}
sensorium_triton_request_seconds_sum{{model="minilm"}} {ok}
sensorium_triton_queue_seconds_total{{model="minilm"}} {queue}
sensorium_triton_compute_seconds_total{{model="minilm"}} {compute}
sensorium_triton_batch_size_sum{{model="minilm"}} {batched}
sensorium_triton_batch_size_count{{model="minilm"}} {runs}
"""
BEFORE = PAGE.format(ok=100, bad=0, all=100, queue=1, compute=2, batched=10, runs=10)
NOW = PAGE.format(ok=120, bad=20, all=140, queue=1.2, compute=2.4, batched=40, runs=20)
TRITON = 'nv_inference_pending_request_count{model="minilm",version="1"} 7\n'


@pytest.fixture
def change() -> Change:
    return Change(parse(BEFORE, 10.0), parse(NOW, 12.0))


def test_a_services_numbers_are_those_of_the_interval_without_health_checks(change: Change) -> None:
    row = service_row("text", change)
    assert (row.calls, row.failed, row.rejected) == (20, 10, 10)
    assert (row.in_flight, row.waiting) == (3, 2)
    assert row.median == pytest.approx(0.1)
    assert row.p99 == pytest.approx(0.198)


def test_a_models_numbers(change: Change) -> None:
    (row,) = model_rows("text", change, parse(TRITON, 12.0))
    assert (row.service, row.name, row.ready, row.requests, row.batch, row.pending) == (
        "text",
        "minilm",
        True,
        10,
        3,
        7,
    )
    assert row.queue == pytest.approx(0.01)
    assert row.compute == pytest.approx(0.02)
    assert row.p99 == pytest.approx(0.0495)


def test_without_calls_there_are_no_times() -> None:
    quiet = Change(parse(NOW, 10.0), parse(NOW, 12.0))
    row, (model,) = service_row("text", quiet), model_rows("text", quiet, None)
    assert (row.calls, model.requests, model.pending) == (0, 0, 0)
    assert all(map(math.isnan, (row.median, row.p99, model.batch, model.queue, model.p99)))


def test_a_process_that_began_anew_counts_from_nothing() -> None:
    change = Change(parse(NOW, 10.0), parse(BEFORE, 11.0))
    assert change.growth("sensorium_triton_request_seconds_count") == 100


def test_beyond_the_last_bound_the_last_bound_is_told() -> None:
    page = 'h_bucket{le="1"} 0\nh_bucket{le="+Inf"} 4\n'
    assert Change(Reading(0), parse(page, 1)).quantile(0.5, "h") == 1


@pytest.fixture
def page() -> Iterator[tuple[str, list[str]]]:
    """A process with metrics: its URL, and what it answers one after the other."""
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(pages.pop(0).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/metrics", pages
    server.shutdown()
    server.server_close()
    thread.join()


def test_one_frame(page: tuple[str, list[str]]) -> None:
    url, pages = page
    pages += [BEFORE, NOW]
    shown = Console(file=io.StringIO(), width=120)
    assert watch({"text": url}, 0.1, once=True, console=shown) is True
    lines = shown.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is the StringIO given above
    assert lines[0].split()[:3] == ["service", "state", "calls/s"]
    (text,) = [line.split() for line in lines if line.startswith("text ")]
    assert (text[:2], text[5:]) == (["text", "answers"], ["100.0", "198.0", "3", "2"])
    (model,) = [line.split() for line in lines if line.startswith("text/minilm")]
    assert (model[1], model[3:]) == ("ready", ["3.0", "10.0", "20.0", "49.5", "0"])


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, DevelopmentCA]]:
    """The metrics of a service with mutual TLS, which takes one key: where they are, and the CA."""
    ca = DevelopmentCA(tmp_path)
    own = ca.issue(Leaf("vision"))
    files = TlsFiles(own.certificate, own.key, ca.certificate_file)

    def guard(environment: Environment) -> HTTPStatus:
        return HTTPStatus.OK if environment.get("HTTP_X_API_KEY") == "sns_good" else HTTPStatus.UNAUTHORIZED

    registry = Metrics().registry
    server = MetricsServer(registry, "127.0.0.1", 0, context=lambda: http_context(files), guard=guard)
    yield f"https://127.0.0.1:{server.port}/metrics", ca
    server.close()


def test_metrics_behind_tls_are_read_by_whom_they_let(secured: tuple[str, DevelopmentCA]) -> None:
    url, ca = secured
    client = ca.issue(Leaf("client"))
    papers = Security(ca.certificate_file, client.certificate, client.key)
    found = read(url, replace(papers, api_key="sns_good"))
    assert found is not None
    assert found.allowed
    assert "sensorium_in_flight_requests" in {name for name, _ in found.values}
    refused = read(url, replace(papers, api_key="sns_bad"))
    assert refused is not None
    assert not refused.allowed
    assert read(url, Security(ca=ca.certificate_file, api_key="sns_good")) is None
    assert read(url) is None

    shown = Console(file=io.StringIO(), width=120)
    assert watch({"vision": url}, 0.1, once=True, console=shown, security=papers) is False
    assert "refused" in shown.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO of the line above


def test_what_says_who_reads_stays_on_the_machine_and_goes_to_no_other_place(page: tuple[str, list[str]]) -> None:
    url, pages = page
    proof = Security(api_key="sns_secret")
    pages += [NOW]
    assert read(url, proof) is not None
    with pytest.raises(InvalidInputError, match="without TLS"):
        read("http://plant.example:9101/metrics", proof)
    with pytest.raises(InvalidInputError, match="without TLS"):
        read("http://plant.example:9101/metrics", replace(proof, ca=Path("ca.crt")))


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be used"):
        read("https://127.0.0.1:1/metrics", Security(ca=tmp_path / "missing"))


def test_what_is_no_page_of_metrics_is_no_answer(page: tuple[str, list[str]]) -> None:
    url, pages = page
    pages += ["<html>{"]
    assert read(url) is None
    assert read(f"http://127.0.0.1:{free_ports(1)[0]}/metrics") is None


def test_a_process_that_comes_later_is_shown_from_its_second_reading_on() -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(frame({"text": None}, {"text": parse(NOW, 1)}))
    assert "answers" in console.file.getvalue()  # type: ignore[attr-defined]


def test_without_a_stack_every_process_is_shown_as_silent_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = StackSettings()
    monkeypatch.setenv("SENSORIUM_TRITON_METRICS_PORT", str(free_ports(1)[0]))
    for service in settings.services:
        monkeypatch.setenv(f"{service.prefix}METRICS_PORT", str(free_ports(1)[0]))
    result = CliRunner().invoke(app, ["top", "--once", "--interval", "0.1"])
    assert result.exit_code == 1
    assert result.output.count("no answer") == len(settings.services) + 1
    assert "\x1b" not in result.output


def test_where_to_read_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("SENSORIUM_STACK_BUILD_DIR", str(tmp_path))
    monkeypatch.setenv("SENSORIUM_VISION_METRICS_PORT", "19101")
    urls = metrics_urls(StackSettings())
    assert urls["vision"] == "http://127.0.0.1:19101/metrics"
    assert urls["triton"] == "http://127.0.0.1:8002/metrics"
