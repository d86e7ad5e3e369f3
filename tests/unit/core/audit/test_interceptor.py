"""What a service records of its calls, and that it records all of them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sensorium_core.audit import verify
from sensorium_core.call import current_call
from sensorium_core.errors import InvalidInputError
from sensorium_core.security.keys import KeyFile
from unit.core.security.secured import secured_server
from unit.core.support import SERVICE, Context, Echo, Gate, failure_of, sample, until

POLICY = f'[[allow]]\nidentities = ["key:gateway"]\nmethods = ["{SERVICE}/*"]\nmodels = ["*"]\n'


@pytest.fixture
def guarded(tmp_path: Path, folder: Path) -> dict[str, Any]:
    (tmp_path / "policy.toml").write_text(POLICY)
    keys = KeyFile(tmp_path / "keys.sqlite")
    return {
        "policy": tmp_path / "policy.toml",
        "api_keys": tmp_path / "keys.sqlite",
        "audit_dir": folder,
        "key": keys.create("gateway"),
    }


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("test-*.jsonl"))


def records(folder: Path, event: str = "call") -> list[dict[str, Any]]:
    """Records without what differs from run to run."""
    found = [json.loads(line) for path in files(folder) for line in path.read_text().splitlines()]
    changing = ("seq", "time", "prev", "hash", "peer", "seconds", "service")
    return [{k: v for k, v in each.items() if k not in changing} for each in found if each["event"] == event]


async def test_every_call_is_recorded_with_who_what_and_how_it_ended(
    echo: Echo, guarded: dict[str, Any], folder: Path
) -> None:
    async def work(request: StringValue, context: Context) -> StringValue:
        current_call().models["doubler"] = "3"
        if request.value == "fail":
            raise InvalidInputError.field("value", "top secret", reason="NOT_WANTED")
        return StringValue(value="top secret answer")

    echo.Unary = work  # type: ignore[method-assign]
    key = ("x-api-key", guarded.pop("key"))
    async with secured_server(echo, **guarded) as server, server.call() as caller:
        await caller.call("Unary", "top secret question", metadata=(key, ("x-request-id", "r-1")))
        await failure_of(caller.start("Unary", "fail", metadata=(key, ("x-request-id", "r-2"))))
        await failure_of(caller.start("Unary", "x", metadata=(("x-request-id", "r-3"),)))
    (path,) = files(folder)
    text = path.read_text()
    assert "secret" not in text
    assert key[1] not in text
    common = {"event": "call", "method": f"/{SERVICE}/Unary"}
    sizes = {"request_bytes": 21, "response_bytes": 19}
    assert records(folder) == [
        {**common, "request_id": "r-1", "identity": "key:gateway", "code": "OK", "reason": "", **sizes,
         "models": {"doubler": "3"}},
        {**common, "request_id": "r-2", "identity": "key:gateway", "code": "INVALID_ARGUMENT", "reason": "NOT_WANTED",
         "request_bytes": 6, "response_bytes": 0, "models": {"doubler": "3"}},
        {**common, "request_id": "r-3", "identity": "", "code": "UNAUTHENTICATED", "reason": "CREDENTIALS_MISSING",
         "request_bytes": 0, "response_bytes": 0, "models": {}},
    ]  # fmt: skip
    assert verify([path]).findings == []


async def test_a_stream_is_recorded_when_it_begins_and_when_it_ends(
    echo: Echo, guarded: dict[str, Any], folder: Path
) -> None:
    key = ("x-api-key", guarded.pop("key"))
    async with secured_server(echo, **guarded, audit_sync=0) as server, server.call() as caller:
        call: Any = caller.bidi_stream(metadata=(key, ("x-request-id", "r-1")))
        await call.write(StringValue(value="a"))
        await call.read()
        await until(lambda: records(folder, "stream"))
        assert records(folder, "call") == []
        await call.write(StringValue(value="b"))
        await call.read()
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
    who = {"method": f"/{SERVICE}/BidiStream", "request_id": "r-1", "identity": "key:gateway"}
    assert records(folder, "stream") == [{"event": "stream", **who}]
    end = {"code": "OK", "reason": "", "request_bytes": 6, "response_bytes": 6, "models": {}}
    assert records(folder, "call") == [{"event": "call", **who, **end}]


async def test_calls_that_end_by_deadline_cancellation_and_defect_are_recorded_as_such(
    echo: Echo, folder: Path
) -> None:
    gate = Gate()

    async def hold(request: StringValue, context: Context) -> StringValue:
        if request.value == "defect":
            raise KeyError("secret")
        if request.value == "abort":
            await context.abort(grpc.StatusCode.OUT_OF_RANGE, "no")
        await gate()
        return request

    echo.Unary = hold  # type: ignore[method-assign]
    async with secured_server(echo, audit_dir=folder) as server, server.call() as caller:
        await failure_of(caller.start("Unary", "defect"))
        await failure_of(caller.start("Unary", "abort"))
        held = caller.start("Unary", "hold")
        await gate.reached()
        held.cancel()
        await until(lambda: gate.waiting == 0)
    assert [(each["code"], each["reason"]) for each in records(folder)] == [
        ("INTERNAL", "INTERNAL"),
        ("OUT_OF_RANGE", ""),
        ("CANCELLED", ""),
    ]


async def test_a_call_that_takes_too_long_is_recorded_as_such(echo: Echo, folder: Path) -> None:
    gate = Gate()

    async def hold(request: StringValue, context: Context) -> StringValue:
        await gate()
        return request

    echo.Unary = hold  # type: ignore[method-assign]
    async with secured_server(echo, audit_dir=folder, longest_call=0.02) as server, server.call() as caller:
        await failure_of(caller.start("Unary", "hold"))
    assert [(each["code"], each["reason"]) for each in records(folder)] == [("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")]


async def test_health_checks_are_not_recorded(echo: Echo, folder: Path) -> None:
    async with secured_server(echo, audit_dir=folder) as server:
        assert await server.attack([{"method": "/grpc.health.v1.Health/Check"}]) == ["NOT_FOUND SERVICE_UNKNOWN"]
    assert records(folder) == []


@pytest.fixture
async def unwritable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[bool]]:
    """Its item says whether the disk is full."""
    full, write = [False], os.write

    def try_to(file: int, data: bytes) -> int:
        if full[0]:
            raise OSError(28, "No space left on device")
        return write(file, data)

    monkeypatch.setattr("sensorium_core.audit.files.os.write", try_to)
    yield full
    full[0] = False


@pytest.mark.parametrize("required", [False, True])
async def test_a_full_disk_takes_the_service_down_only_where_a_setting_says_so(
    echo: Echo, folder: Path, unwritable: list[bool], required: bool
) -> None:
    async with secured_server(echo, audit_dir=folder, audit_required=required) as server, server.call() as caller:
        assert await caller.call("Unary") == "abc"
        unwritable[0] = True
        await caller.call("Unary")
        await until(lambda: sample(server.metrics, "sensorium_audit_failing") == 1)
        if required:
            failure = await failure_of(caller.start("Unary"))
            assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "AUDIT_UNAVAILABLE")
            assert failure.retry_delay == 1.0
        else:
            assert await caller.call("Unary") == "abc"
        unwritable[0] = False
        await until(lambda: sample(server.metrics, "sensorium_audit_failing") == 0)
        assert await caller.call("Unary") == "abc"
    assert len(records(folder)) == (3 if required else 4)


async def test_many_calls_at_a_time_are_all_recorded(echo: Echo, folder: Path) -> None:
    async with secured_server(echo, audit_dir=folder, audit_max_bytes=8192) as server, server.call() as caller:
        await asyncio.gather(*(caller.call("Unary", str(number)) for number in range(200)))
    assert len(files(folder)) > 1
    report = verify(files(folder))
    assert (report.findings, report.records) == ([], 202)
