from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import (
    CallCancelledError,
    DeadlineExceededError,
    FieldViolation,
    InternalError,
    InvalidInputError,
    MessageTooLargeError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    PreconditionError,
    RetryPolicy,
    SensoriumError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
)
from unit.client.driver import Driver, Serve
from unit.client.scripted import Script, status

ONCE = RetryPolicy(max_attempts=1)

CODES = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInputError,
    grpc.StatusCode.OUT_OF_RANGE: InvalidInputError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDeniedError,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionError,
    grpc.StatusCode.ABORTED: PreconditionError,
    grpc.StatusCode.ALREADY_EXISTS: PreconditionError,
    grpc.StatusCode.CANCELLED: CallCancelledError,
    grpc.StatusCode.UNIMPLEMENTED: UnsupportedError,
    grpc.StatusCode.INTERNAL: InternalError,
    grpc.StatusCode.DATA_LOSS: InternalError,
    grpc.StatusCode.UNKNOWN: InternalError,
}


def failure(client: Driver, *args: Any, **kwargs: Any) -> SensoriumError:
    with pytest.raises(SensoriumError) as caught:
        client.call("classify", *(args or (b"x",)), **kwargs)
    return caught.value


def test_every_status_is_in_the_tree() -> None:
    assert set(CODES) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_code_and_details(unconnected: Driver, serve: Serve, script: Script, code: grpc.StatusCode) -> None:
    unconnected.connect(serve(script), retry=ONCE)
    script.then(
        status(
            code,
            "no.",
            reason="BECAUSE",
            metadata={"limit": "3"},
            violations=[("options.top_k", "must be at least 0")],
            retry_delay=1.5,
            request_id="abc",
        )
    )
    error = failure(unconnected)
    assert type(error) is CODES[code]
    assert (error.code, error.message, error.reason, error.request_id) == (code, "no.", "BECAUSE", "abc")
    assert error.metadata == {"limit": "3"}
    assert error.violations == (FieldViolation("options.top_k", "must be at least 0"),)
    assert error.retry_delay == 1.5
    assert str(error) == "no.; options.top_k: must be at least 0 [BECAUSE, request abc]"


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_code_alone(unconnected: Driver, serve: Serve, script: Script, code: grpc.StatusCode) -> None:
    unconnected.connect(serve(script), retry=ONCE)
    script.then(code)
    error = failure(unconnected)
    assert type(error) is CODES[code]
    assert (error.code, error.reason, error.request_id, error.violations) == (code, "", "", ())
    assert error.retry_delay is None


def test_a_violation_that_the_message_tells_is_not_told_twice(client: Driver, script: Script) -> None:
    text = "must be at least 0"
    script.then(status(grpc.StatusCode.INVALID_ARGUMENT, f"top_k {text}", violations=[("top_k", text)]))
    assert str(failure(client)) == "top_k must be at least 0"


def test_server_says_message_too_large(client: Driver, script: Script) -> None:
    script.then(status(grpc.StatusCode.RESOURCE_EXHAUSTED, "33 MiB", reason="MESSAGE_TOO_LARGE"))
    assert type(failure(client)) is MessageTooLargeError


def test_grpc_says_message_too_large(unconnected: Driver, serve: Serve, script: Script) -> None:
    unconnected.connect(serve(script), options=[("grpc.max_send_message_length", 1000)])
    error = failure(unconnected, b"x" * 2000)
    assert type(error) is MessageTooLargeError
    assert script.requests == []


@pytest.mark.parametrize("kind", ["bytes", "file"])
def test_a_picture_over_the_limit_is_not_sent(client: Driver, script: Script, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "large.tif"
    with file.open("wb") as stream:
        stream.truncate(33 * 2**20)
    error = failure(client, file.read_bytes() if kind == "bytes" else file)
    assert type(error) is MessageTooLargeError
    assert error.reason == "MESSAGE_TOO_LARGE"
    assert "33.0 MiB; a request carries at most 32 MiB" in str(error)
    assert script.requests == []


def test_the_largest_picture_is_sent(client: Driver, script: Script) -> None:
    script.then(pb.ClassifyResponse())
    client.call("classify", b"x" * (32 * 2**20))
    assert len(script.requests[0].image.encoded) == 32 * 2**20


def test_unreadable_file(client: Driver, tmp_path: Path) -> None:
    missing = tmp_path / "none.jpg"
    error = failure(client, missing)
    assert type(error) is InvalidInputError
    assert error.reason == "FILE_UNREADABLE"
    assert error.message == f"cannot read {missing}: No such file or directory"
    assert "Is a directory" in failure(client, tmp_path).message


def test_nobody_there(unconnected: Driver) -> None:
    unconnected.connect("127.0.0.1:1", retry=ONCE)
    error = failure(unconnected)
    assert type(error) is UnavailableError
    assert str(error) == "cannot reach the service at 127.0.0.1:1: Connection refused"


def test_own_deadline(client: Driver, script: Script) -> None:
    script.always = None
    error = failure(client, deadline=0.05)
    assert type(error) is DeadlineExceededError
    assert str(error).startswith("no answer from 127.0.0.1:")
    assert str(error).endswith("within 0.05 s")


@pytest.mark.parametrize("address", ["", ",", [], "a:1,b:2", "127.0.0.1:1,nope", "127.0.0.1:1,[::1]:2"])
def test_addresses_that_are_none(unconnected: Driver, address: Any) -> None:
    with pytest.raises(InvalidInputError):
        unconnected.connect(address)
