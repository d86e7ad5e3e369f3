"""The one error tree of the SDK, and how it is read from gRPC failures (AIP-193)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

ERROR_DOMAIN = "sensorium"
REQUEST_ID_KEY = "x-request-id"


@dataclass(frozen=True)
class FieldViolation:
    """What is wrong with one field of a request."""

    field: str
    """Path of the field in the protobuf request, such as `options.top_k`."""
    description: str
    """What would be right."""


@dataclass(frozen=True)
class ErrorDetails:
    """What an error carries besides its message."""

    reason: str = ""
    metadata: Mapping[str, str] | None = None
    violations: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None
    request_id: str = ""


class SensoriumError(Exception):
    """Base of every error the SDK raises about a call.

    Attributes:
        message: what happened, for a person.
        code: the gRPC status; errors found before sending have the one that the server would have used.
        reason: stable name of the cause (google.rpc.ErrorInfo), such as `IMAGE_CORRUPT`; empty when unknown.
        metadata: further facts about the cause (google.rpc.ErrorInfo).
        violations: which fields were wrong (google.rpc.BadRequest).
        retry_delay: seconds after which the server suggests another attempt, None when it suggests none.
        request_id: the call's id in the server's log, empty when it never got there.
    """

    default_code = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        details: ErrorDetails | None = None,
    ) -> None:
        """Keep the message and the details."""
        super().__init__(message)
        details = details or ErrorDetails()
        self.message = message
        self.code = code or self.default_code
        self.reason = details.reason
        self.metadata = dict(details.metadata or {})
        self.violations = details.violations
        self.retry_delay = details.retry_delay
        self.request_id = details.request_id

    def __str__(self) -> str:
        """Message, wrong fields, and in brackets the reason and the request id."""
        unnamed = [v for v in self.violations if v.description not in self.message]
        parts = [self.message, *(f"{v.field}: {v.description}" for v in unnamed)]
        tags = [self.reason, f"request {self.request_id}" if self.request_id else ""]
        shown = ", ".join(tag for tag in tags if tag)
        return "; ".join(parts) + (f" [{shown}]" if shown else "")


class InvalidInputError(SensoriumError):
    """The request is wrong and stays wrong when it is repeated; `violations` says where."""

    default_code = grpc.StatusCode.INVALID_ARGUMENT


class MessageTooLargeError(InvalidInputError):
    """The input or the message is larger than the service accepts."""


class NotFoundError(SensoriumError):
    """There is nothing of the name that the request gives: no such model, session or phrase set."""

    default_code = grpc.StatusCode.NOT_FOUND


class OverloadedError(SensoriumError):
    """The service takes no more requests now; `retry_delay` says when to try again."""

    default_code = grpc.StatusCode.RESOURCE_EXHAUSTED


class DeadlineExceededError(SensoriumError):
    """No answer came within the deadline."""

    default_code = grpc.StatusCode.DEADLINE_EXCEEDED


class UnavailableError(SensoriumError):
    """The service cannot be reached, is not ready yet, or shuts down."""

    default_code = grpc.StatusCode.UNAVAILABLE


class UnauthenticatedError(SensoriumError):
    """The service does not know who calls."""

    default_code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDeniedError(SensoriumError):
    """The caller is known and may not do this."""

    default_code = grpc.StatusCode.PERMISSION_DENIED


class PreconditionError(SensoriumError):
    """The request is well formed, and the service's present state does not allow it."""

    default_code = grpc.StatusCode.FAILED_PRECONDITION


class CallCancelledError(SensoriumError):
    """The call was cancelled by the server or on the way."""

    default_code = grpc.StatusCode.CANCELLED


class UnsupportedError(SensoriumError):
    """The service does not have this method: client and server are of different versions."""

    default_code = grpc.StatusCode.UNIMPLEMENTED


class InternalError(SensoriumError):
    """The service failed; its log has the cause under `request_id`."""

    default_code = grpc.StatusCode.INTERNAL


_CLASSES: dict[grpc.StatusCode, type[SensoriumError]] = {
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
}
_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def error_from_rpc(failure: grpc.RpcError, *, address: str, deadline: float | None) -> SensoriumError:
    """Turn a failed call into an error of the tree.

    Args:
        failure: what the sync or the async stub raised; both are a `grpc.Call`.
        address: whom the call was meant for, to name it when nobody answered.
        deadline: seconds the caller was ready to wait, to name it when they passed.
    """
    call: Any = failure  # grpc types RpcError without the methods of grpc.Call that it has
    status = _rich_status(call)
    if status is not None:
        return error_from_status(status, request_id=_request_id(call))
    text = _plain_message(call.code(), call.details() or "", address, deadline)
    return _build(call.code(), text, ErrorDetails(request_id=_request_id(call)))


def error_from_status(status: status_pb2.Status, *, request_id: str = "") -> SensoriumError:
    """Turn a google.rpc.Status that is not OK into an error of the tree."""
    code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    return _build(code, status.message, _details(status.details, request_id))


def _build(code: grpc.StatusCode, message: str, details: ErrorDetails) -> SensoriumError:
    kind = _CLASSES.get(code, InternalError)
    if kind is OverloadedError and _is_too_large(message, details):
        kind = MessageTooLargeError
    return kind(message or code.name, code=code, details=details)


def _is_too_large(message: str, details: ErrorDetails) -> bool:
    # gRPC itself refuses large messages before any service code runs, and then gives no reason, only this text
    return details.reason == "MESSAGE_TOO_LARGE" or "larger than max" in message


def _rich_status(call: Any) -> status_pb2.Status | None:
    try:
        status: status_pb2.Status | None = rpc_status.from_call(call)
    except ValueError:  # the details contradict the status; the status alone is to be trusted
        return None
    return status


def _plain_message(code: grpc.StatusCode, text: str, address: str, deadline: float | None) -> str:
    if code is grpc.StatusCode.UNAVAILABLE:
        # gRPC names every layer that failed; the last is the one that says why
        return f"cannot reach the service at {address}: {text.rpartition('remote host: ')[2]}"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED and deadline is not None:
        return f"no answer from {address} within {deadline:g} s"
    return text


def _request_id(call: Any) -> str:
    for key, value in call.trailing_metadata() or ():
        if key == REQUEST_ID_KEY:
            return value if isinstance(value, str) else value.decode("ascii", "replace")
    return ""


def _details(packed: Iterable[Any], request_id: str) -> ErrorDetails:
    found = {any_.TypeName(): any_ for any_ in packed}
    info = _unpack(found, error_details_pb2.ErrorInfo())
    bad = _unpack(found, error_details_pb2.BadRequest())
    retry = _unpack(found, error_details_pb2.RetryInfo())
    request = _unpack(found, error_details_pb2.RequestInfo())
    return ErrorDetails(
        reason=info.reason if info else "",
        metadata=dict(info.metadata) if info else {},
        violations=tuple(FieldViolation(v.field, v.description) for v in bad.field_violations) if bad else (),
        retry_delay=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        request_id=request.request_id if request else request_id,
    )


def _unpack(found: Mapping[str, Any], target: Any) -> Any:
    packed = found.get(target.DESCRIPTOR.full_name)
    return target if packed is not None and packed.Unpack(target) else None
