"""Logs are JSON, one object a line, on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

# A process of its own: structlog's configuration is the process's, and loggers remember it.
PROGRAM = """
import asyncio, logging, grpc, structlog
from google.protobuf.wrappers_pb2 import StringValue
from sensorium_core.call import Call, serving
from sensorium_core.interceptors import ErrorsInterceptor, TelemetryInterceptor
from sensorium_core.telemetry import Metrics, configure_logging
from unit.core.support import Echo, echo_server, failure_of

configure_logging("vision", "{level}", silent={silent})
log = structlog.get_logger("x")
log.debug("fine")
log.info("started", port=1)
with serving(Call(request_id="r-0")):
    log.warning("within\\na call", text="Prüfung")
logging.getLogger("library").info("chatter")
try:
    raise OSError("disk\\nfull")
except OSError:
    logging.getLogger("library").exception("library %s", "failed")

async def main():
    echo = Echo()
    async def fail(request, context):
        raise ValueError("secret cause")
    async with echo_server(echo, [TelemetryInterceptor(Metrics()), ErrorsInterceptor()]) as caller:
        await caller.call("Unary", "top secret", metadata=(("x-request-id", "r-1"),))
        echo.Unary = fail
        await failure_of(caller.start("Unary", "top secret", metadata=(("x-request-id", "r-2"),)))

asyncio.run(main())
"""


def run(level: str, *, silent: bool = False) -> list[dict[str, Any]]:
    source = PROGRAM.replace("{level}", level).replace("{silent}", str(silent))
    program = [sys.executable, "-c", source]
    # gRPC's own library writes a line of its own where a connection ends in a hurry.
    environment = {"PYTHONPATH": ":".join(sys.path), "GRPC_VERBOSITY": "NONE"}
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == ""
    assert "top secret" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return run("info")


def find(lines: list[dict[str, Any]], event: str, **facts: str) -> dict[str, Any]:
    (line,) = [line for line in lines if line["event"] == event and facts.items() <= line.items()]
    return line


def test_every_line_names_service_time_and_level(lines: list[dict[str, Any]]) -> None:
    assert {line["service"] for line in lines} == {"vision"}
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert find(lines, "started") == {
        "event": "started",
        "level": "info",
        "port": 1,
        "service": "vision",
        "timestamp": find(lines, "started")["timestamp"],
    }


def test_what_is_less_severe_than_the_level_is_left_out(lines: list[dict[str, Any]]) -> None:
    events = [line["event"] for line in lines]
    assert "fine" not in events
    assert "chatter" not in events


def test_a_line_of_a_call_has_its_id(lines: list[dict[str, Any]]) -> None:
    line = find(lines, "within\na call")
    assert (line["request_id"], line["text"]) == ("r-0", "Prüfung")


def test_the_standard_librarys_loggers_write_the_same_form(lines: list[dict[str, Any]]) -> None:
    line = find(lines, "library failed")
    assert line["level"] == "error"
    assert "OSError: disk\nfull" in line["exception"]


def test_the_access_log_has_a_line_for_each_call(lines: list[dict[str, Any]]) -> None:
    ok, failed = (find(lines, "call", request_id=request_id) for request_id in ("r-1", "r-2"))
    assert (ok["code"], ok["method"], ok["request_bytes"]) == ("OK", "/sensorium.test.v1.Echo/Unary", 12)
    assert (failed["code"], failed["reason"]) == ("INTERNAL", "INTERNAL")


def test_the_traceback_of_an_unexpected_error_is_found_by_the_request_id(lines: list[dict[str, Any]]) -> None:
    line = find(lines, "unexpected error", request_id="r-2")
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback (most recent call last)")
    assert line["exception"].endswith("ValueError: secret cause")


def test_at_debug_everything_is_written() -> None:
    assert find(run("debug"), "fine")["level"] == "debug"


def test_logs_can_be_switched_off() -> None:
    assert run("debug", silent=True) == []
