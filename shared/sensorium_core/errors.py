"""The one family of errors that services raise, and how a caller gets to see them.

An error says what is wrong in the caller's terms and carries a stable reason. The errors interceptor turns it into a
gRPC status with details as AIP-193 asks: ErrorInfo always, BadRequest for wrong fields, RetryInfo where a retry can
help, RequestInfo so that a caller can name the request to an operator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import grpc
import structlog
from google.protobuf import duration_pb2
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2

from sensorium_core.wire import NotUtf8Error

DOMAIN = "sensorium"
_LONGEST_MESSAGE = 1000
_LONGEST_DESCRIPTION = 300
_MOST_VIOLATIONS = 10
_log = structlog.get_logger("errors")


@dataclass(frozen=True)
class FieldViolation:
    """A field that is wrong, as a path such as `image.raw_frame.stride`, and what would be right."""

    field: str
    description: str


class SensoriumError(Exception):
    """Base of all errors that a caller may see.

    Args:
        message: what is wrong, for a person; never text of another program.
        reason: stable identifier in UPPER_SNAKE_CASE for ErrorInfo.
        violations: the fields that are wrong.
        retry_delay: seconds after which a retry makes sense, for RetryInfo; None gives no RetryInfo.
        metadata: further facts for ErrorInfo, such as a limit that was passed.
    """

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        violations: Sequence[FieldViolation] = (),
        retry_delay: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.violations = tuple(violations)
        self.retry_delay = retry_delay
        self.metadata = dict(metadata or {})

    @classmethod
    def field(cls, field: str, description: str, *, reason: str, **metadata: str) -> Self:
        """An error about one field; `description` says what is wrong and what would be right."""
        violations = [FieldViolation(field, description)]
        return cls(f"{field}: {description}", reason=reason, violations=violations, metadata=metadata)


class InvalidInputError(SensoriumError):
    """The request is wrong and stays wrong however often it is sent."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class NotFoundError(SensoriumError):
    """A named thing, such as a model, does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExistsError(SensoriumError):
    """A thing of that name exists already."""

    code = grpc.StatusCode.ALREADY_EXISTS


class ConflictError(SensoriumError):
    """A thing was changed by somebody else meanwhile; the caller should read it again."""

    code = grpc.StatusCode.ABORTED


class WrongStateError(SensoriumError):
    """The request is right but comes at the wrong time: what it names is not in the state for it."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class OutOfRangeError(SensoriumError):
    """A position is asked for that is not there any more."""

    code = grpc.StatusCode.OUT_OF_RANGE


class UnauthenticatedError(SensoriumError):
    """The caller has not proved who it is."""

    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDeniedError(SensoriumError):
    """The caller may not do this; no retry can help."""

    code = grpc.StatusCode.PERMISSION_DENIED


class OverloadedError(SensoriumError):
    """No room for the request now; the caller should come back after `retry_delay`."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED

    def __init__(self, message: str, *, retry_delay: float = 0.5, reason: str = "OVERLOADED") -> None:
        super().__init__(message, reason=reason, retry_delay=retry_delay)


class QuotaExceededError(SensoriumError):
    """The caller has used up what its identity may take; it should come back after `delay` seconds."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED

    def __init__(self, message: str, reason: str, delay: float, **limits: float) -> None:
        metadata = {name: f"{limit:g}" for name, limit in limits.items()}
        super().__init__(message, reason=reason, retry_delay=max(0.001, delay), metadata=metadata)


class MessageTooLargeError(SensoriumError):
    """The request is larger than a message may be; no retry can help."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class FullError(SensoriumError):
    """As many things are kept as may be; a retry helps once one was removed."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class DeadlineExceededError(SensoriumError):
    """The caller's deadline passed before the answer was ready."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED

    def __init__(self, message: str = "The deadline passed before the answer was ready.") -> None:
        super().__init__(message, reason="DEADLINE_EXCEEDED")


class UnknownMethodError(SensoriumError):
    """There is no such method here."""

    code = grpc.StatusCode.UNIMPLEMENTED

    def __init__(self) -> None:
        super().__init__("There is no such method here.", reason="METHOD_UNKNOWN")


class UnavailableError(SensoriumError):
    """Something this service needs is away for the moment."""

    code = grpc.StatusCode.UNAVAILABLE

    def __init__(self, message: str, *, reason: str, retry_delay: float = 1.0) -> None:
        super().__init__(message, reason=reason, retry_delay=retry_delay)


class InternalError(SensoriumError):
    """A defect on this side. The cause is in the log, found by the request id."""

    def __init__(self) -> None:
        super().__init__("An internal error occurred; the log has its cause under the request id.", reason="INTERNAL")


def malformed_error(error: DecodeError) -> InvalidInputError:
    """The error for bytes that are no message of the type the method takes; it names a field that is not UTF-8."""
    if isinstance(error, NotUtf8Error):
        text = "is not UTF-8; lone surrogates have no place in it either"
        return InvalidInputError.field(error.field, text, reason="TEXT_NOT_UTF8")
    return InvalidInputError("The bytes received are no message of this method.", reason="MESSAGE_MALFORMED")


def domain_error(error: Exception) -> SensoriumError:
    """The error as a caller may see it; an unexpected one is logged with its traceback and becomes INTERNAL."""
    if isinstance(error, SensoriumError):
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceededError()
    if isinstance(error, DecodeError):  # only a message of a request stream is decoded inside a call
        return malformed_error(error)
    _log.error("unexpected error", exc_info=error)
    return InternalError()


def to_status(error: SensoriumError, request_id: str) -> status_pb2.Status:
    """The error as google.rpc.Status with its details; `request_id` may be empty.

    It travels in HTTP/2 trailers, of which a caller takes 8 KiB: long texts are cut, and of many violations the first
    ones are told.
    """
    status = status_pb2.Status(code=_RPC_CODES[error.code], message=_cut(error.message, _LONGEST_MESSAGE))
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    status.details.add().Pack(info)
    if error.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field=v.field, description=_cut(v.description, _LONGEST_DESCRIPTION)
            )
            for v in error.violations[:_MOST_VIOLATIONS]
        ]
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=violations))
    if error.retry_delay is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(error.retry_delay * 1000))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if request_id:
        status.details.add().Pack(error_details_pb2.RequestInfo(request_id=request_id))
    return status


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


_RPC_CODES = {code: code_pb2.Code.Value(code.name) for code in grpc.StatusCode}
