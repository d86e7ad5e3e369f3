"""The one family of errors, and the status that a caller sees."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, status_pb2
from grpc_status import rpc_status
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium_core.errors import (
    DeadlineExceededError,
    FieldViolation,
    InternalError,
    InvalidInputError,
    MessageTooLargeError,
    NotFoundError,
    OverloadedError,
    SensoriumError,
    UnavailableError,
    domain_error,
    to_status,
)
from sensorium_core.triton import ModelUnavailableError, TritonUnavailableError
from unit.core.support import Caller, Context, Echo, Failure, failure_in, failure_of

CASES: list[tuple[SensoriumError, Failure]] = [
    (
        InvalidInputError.field("image", "is empty", reason="IMAGE_EMPTY", limit="3"),
        Failure(
            grpc.StatusCode.INVALID_ARGUMENT,
            "image: is empty",
            "IMAGE_EMPTY",
            "sensorium",
            {"limit": "3"},
            {"image": "is empty"},
        ),
    ),
    (
        NotFoundError("no model 'x'", reason="MODEL_NOT_FOUND", violations=[FieldViolation("options.model", "no")]),
        Failure(grpc.StatusCode.NOT_FOUND, "no model 'x'", "MODEL_NOT_FOUND", "sensorium", {}, {"options.model": "no"}),
    ),
    (
        OverloadedError("full"),
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", "OVERLOADED", "sensorium", retry_delay=0.5),
    ),
    (
        OverloadedError("full", reason="MODEL_QUEUE_FULL", retry_delay=1.25),
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", "MODEL_QUEUE_FULL", "sensorium", retry_delay=1.25),
    ),
    (
        MessageTooLargeError("too large", reason="MESSAGE_TOO_LARGE"),
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large", "MESSAGE_TOO_LARGE", "sensorium"),
    ),
    (
        DeadlineExceededError(),
        Failure(
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "The deadline passed before the answer was ready.",
            "DEADLINE_EXCEEDED",
            "sensorium",
        ),
    ),
    (
        UnavailableError("away", reason="AWAY"),
        Failure(grpc.StatusCode.UNAVAILABLE, "away", "AWAY", "sensorium", retry_delay=1.0),
    ),
    (
        TritonUnavailableError(),
        Failure(
            grpc.StatusCode.UNAVAILABLE,
            "The inference server is not available at the moment.",
            "TRITON_UNAVAILABLE",
            "sensorium",
            retry_delay=1.0,
        ),
    ),
    (
        ModelUnavailableError("backbone"),
        Failure(
            grpc.StatusCode.UNAVAILABLE,
            "The model 'backbone' is not available at the moment.",
            "MODEL_UNAVAILABLE",
            "sensorium",
            retry_delay=1.0,
        ),
    ),
    (
        InternalError(),
        Failure(
            grpc.StatusCode.INTERNAL,
            "An internal error occurred; the log has its cause under the request id.",
            "INTERNAL",
            "sensorium",
        ),
    ),
]


@pytest.mark.parametrize(("error", "expected"), CASES, ids=[f"{type(e).__name__}-{e.reason}" for e, _ in CASES])
async def test_each_error_reaches_the_caller_as_its_status(
    echo: Echo, caller: Caller, error: SensoriumError, expected: Failure
) -> None:
    async def fail(request: Any, context: Context) -> Any:
        raise error

    echo.Unary = fail  # type: ignore[method-assign]
    failure = await failure_of(caller.start("Unary", metadata=(("x-request-id", "r"),)))
    assert failure == Failure(**{**vars(expected), "request_id": "r"})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), DeadlineExceededError),
        (DecodeError("bytes"), InvalidInputError),
        (ValueError("x"), InternalError),
        (ExceptionGroup("several", [ValueError()]), InternalError),
    ],
)
def test_other_errors_become_one_of_the_family(error: Exception, expected: type[SensoriumError]) -> None:
    assert type(domain_error(error)) is expected


def test_an_error_of_the_family_stays_itself(logs: list[Any]) -> None:
    error = NotFoundError("x", reason="X")
    assert domain_error(error) is error
    assert logs == []


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
errors = st.builds(
    lambda kind, message, reason, violations, delay, metadata: kind(
        message, reason=reason, violations=violations, retry_delay=delay, metadata=metadata
    ),
    st.sampled_from([InvalidInputError, NotFoundError, MessageTooLargeError, SensoriumError]),
    texts,
    st.from_regex(r"[A-Z_]{1,20}", fullmatch=True),
    st.lists(st.builds(FieldViolation, texts, texts), max_size=10, unique_by=lambda violation: violation.field),
    st.none() | st.floats(0, 100),
    st.dictionaries(texts, texts, max_size=3),
)


@settings(max_examples=50)
@given(errors, texts)
def test_a_status_tells_all_that_the_error_knows(error: SensoriumError, request_id: str) -> None:
    status = status_pb2.Status.FromString(to_status(error, request_id).SerializeToString())
    assert code_pb2.Code.Name(status.code) == error.code.name
    found = failure_in(status, error.code)
    assert found == Failure(
        error.code,
        error.message,
        error.reason,
        "sensorium",
        error.metadata,
        {violation.field: violation.description for violation in error.violations},
        None if error.retry_delay is None else round(error.retry_delay * 1000) / 1000,
        request_id,
    )


@given(st.text(max_size=2000), st.lists(st.text(max_size=500), max_size=40))
def test_a_status_fits_into_the_trailers(message: str, descriptions: list[str]) -> None:
    violations = [FieldViolation(f"items[{number}]", text) for number, text in enumerate(descriptions)]
    status = to_status(InvalidInputError(message, reason="R", violations=violations), "r")
    assert len(status.message) <= 1000
    assert message.startswith(status.message.removesuffix("…"))
    assert len(failure_in(status, grpc.StatusCode.INVALID_ARGUMENT).fields) == min(10, len(descriptions))


async def test_the_longest_error_still_arrives(echo: Echo, caller: Caller) -> None:
    violations = [FieldViolation("field" * 10, "d" * 10_000) for _ in range(1000)]

    async def fail(request: Any, context: Context) -> Any:
        raise InvalidInputError("m" * 100_000, reason="LONG", violations=violations)

    echo.Unary = fail  # type: ignore[method-assign]
    failure = await failure_of(caller.start("Unary"))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "LONG")
    assert len(failure.message) == 1000


def test_every_code_has_its_number() -> None:
    for code in grpc.StatusCode:
        kind = type("Error", (SensoriumError,), {"code": code})
        if code is not grpc.StatusCode.OK:
            assert rpc_status.to_status(to_status(kind("", reason="R"), "")).code is code
